/**
 * kill -9 of every process in turn while 5 instruments give 40 depth frames a second each, Redis restarted empty once,
 * PostgreSQL once: nothing sent is lost outside recorded gaps, nothing stands twice, and gaps stand only where a collector
 * was down.
 */
import { Redis } from 'ioredis';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { gehra, parseAssignments } from '../support/gehra.ts';
import { Instance } from '../support/instance.ts';
import { expectNothingLost } from '../support/ledger.ts';
import { administratorOfRedis } from '../support/redis-administrator.ts';
import { untilRecording, untilStoredAfterPause } from '../support/waits.ts';

const FRAMES_PER_SECOND = 40;

let instance: Instance | undefined;
afterEach(async () => {
  await instance?.stop();
  instance = undefined;
});

async function kill(running: Instance, name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  const restarts = running.restarts(name);
  const pid = running.pid(name);
  expect(pid, `${name} runs`).toBeDefined();
  process.kill(pid as number, signal);
  await vi.waitFor(() => {
    expect(running.restarts(name), `${name} after ${signal}`).toBeGreaterThan(restarts);
    expect(running.pid(name)).toBeDefined();
  }, 30_000);
}

/** Redis comes back with nothing in it, as after the loss of its disk. */
async function emptyRedis(running: Instance): Promise<void> {
  const { stdout } = await gehra(['env', '--data', running.dataDir]);
  const { REDIS_URL = '' } = parseAssignments(stdout);
  const redis = new Redis(administratorOfRedis(running.dataDir, REDIS_URL), { retryStrategy: () => null });
  const restarts = running.restarts('redis');
  await redis.flushall('SYNC');
  // The server ends without an answer.
  await redis
    .call('SHUTDOWN', 'NOSAVE', 'FORCE')
    .catch((error: Error) => expect(error.message).toMatch(/closed|ended/i));
  redis.disconnect();
  await vi.waitFor(() => expect(running.restarts('redis')).toBeGreaterThan(restarts), 30_000);
}

describe('kill -9 of every process in turn', () => {
  it.each([1, 3])('%i writer(s)', { timeout: 300_000 }, async (writers) => {
    instance = await Instance.start(['--frames', String(FRAMES_PER_SECOND), '--writers', String(writers)]);
    await untilRecording(instance);
    const writerNames = writers === 1 ? ['writer'] : Array.from({ length: writers }, (_, i) => `writer-${i + 1}`);

    for (const name of ['kite', 'dhan', ...writerNames, 'signals', 'jobs', 'web']) {
      await kill(instance, name);
      await untilRecording(instance);
    }
    await emptyRedis(instance);
    await untilRecording(instance);
    await kill(instance, 'redis');
    await untilRecording(instance);
    // A fast shutdown, as of an upgrade; then a crash.
    await kill(instance, 'postgres', 'SIGINT');
    await untilRecording(instance);
    await kill(instance, 'postgres');
    await untilRecording(instance);
    // Both at once: a collector that dies while what it published is being lost.
    await Promise.all([emptyRedis(instance), kill(instance, 'dhan')]);
    await untilRecording(instance);
    await untilStoredAfterPause(instance);

    const { gaps, frames } = await expectNothingLost(instance);
    // That something was recorded between the kills: how much is a matter of the machine.
    expect(frames).toBeGreaterThan(1000);
    // One for each feed of a collector that was killed: Kite's once, Dhan's six twice.
    expect(gaps.map(({ feed, cause }) => `${feed} ${cause}`).sort()).toEqual([
      ...Array<string>(2).fill('dhan-depth20 collector_down'),
      ...Array<string>(10).fill('dhan-depth200 collector_down'),
      'kite collector_down',
    ]);
  });
});
