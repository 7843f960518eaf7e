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

const FRAMES_PER_SECOND = 40;
/** Of the 20- and 200-level feeds and Kite's: those that the plan of the simulated exchange uses. */
const FEEDS = 7;

let instance: Instance | undefined;
afterEach(async () => {
  await instance?.stop();
  instance = undefined;
});

/** Newest stamp stored of each feed that gives data, µs. */
async function positions(running: Instance): Promise<Map<number, number>> {
  const rows = await running.sql<{ feed_id: number; position: string }>(
    'SELECT feed_id, position FROM gehra.feed_positions WHERE position > 0',
  );
  return new Map(rows.map(({ feed_id, position }) => [feed_id, Number(position)]));
}

/** Waits until every feed has stored something stamped after now. */
async function untilStoringAnew(running: Instance): Promise<void> {
  const sinceUs = Date.now() * 1000;
  await vi.waitFor(
    async () => {
      const stored = await positions(running);
      expect(stored.size).toBe(FEEDS);
      for (const [feedId, stampUs] of stored) expect(stampUs, `feed ${feedId}`).toBeGreaterThan(sinceUs);
    },
    { timeout: 30_000, interval: 100 },
  );
}

async function kill(running: Instance, name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  const restarts = running.restarts(name);
  const pid = running.pid(name);
  expect(pid, `${name} runs`).toBeDefined();
  process.kill(pid as number, signal);
  await vi.waitFor(() => {
    expect(running.restarts(name)).toBeGreaterThan(restarts);
    expect(running.pid(name)).toBeDefined();
  }, 30_000);
}

/** Redis comes back with nothing in it, as after the loss of its disk. */
async function emptyRedis(running: Instance): Promise<void> {
  const { stdout } = await gehra(['env', '--data', running.dataDir]);
  const redis = new Redis(parseAssignments(stdout).REDIS_URL ?? '', { retryStrategy: () => null });
  const restarts = running.restarts('redis');
  await redis.flushall('SYNC');
  // The server ends without an answer.
  await redis
    .call('SHUTDOWN', 'NOSAVE', 'FORCE')
    .catch((error: Error) => expect(error.message).toMatch(/closed|ended/i));
  redis.disconnect();
  await vi.waitFor(() => expect(running.restarts('redis')).toBeGreaterThan(restarts), 30_000);
}

/** The exchange stops; then everything that it sent is stored. */
async function untilQuiet(running: Instance): Promise<void> {
  await running.control('pause');
  await untilStoringAnew(running);
}

describe('kill -9 of every process in turn', () => {
  it.each([1, 3])('%i writer(s)', { timeout: 300_000 }, async (writers) => {
    instance = await Instance.start(['--frames', String(FRAMES_PER_SECOND), '--writers', String(writers)]);
    await untilStoringAnew(instance);
    const writerNames = writers === 1 ? ['writer'] : Array.from({ length: writers }, (_, i) => `writer-${i + 1}`);

    for (const name of ['kite', 'dhan', ...writerNames, 'signals', 'jobs', 'web']) {
      await kill(instance, name);
      await untilStoringAnew(instance);
    }
    await emptyRedis(instance);
    await untilStoringAnew(instance);
    await kill(instance, 'redis');
    await untilStoringAnew(instance);
    // A fast shutdown, as of an upgrade; then a crash.
    await kill(instance, 'postgres', 'SIGINT');
    await untilStoringAnew(instance);
    await kill(instance, 'postgres');
    await untilStoringAnew(instance);
    // Both at once: a collector that dies while what it published is being lost.
    await Promise.all([emptyRedis(instance), kill(instance, 'dhan')]);
    await untilStoringAnew(instance);
    await untilQuiet(instance);

    const { gaps, frames, missing } = await expectNothingLost(instance);
    expect(frames).toBeGreaterThan(10_000);
    // One for each feed of a collector that was killed: Kite's once, Dhan's six twice.
    expect(gaps.map(({ feed, cause }) => `${feed} ${cause}`).sort()).toEqual([
      ...Array<string>(2).fill('dhan-depth20 collector_down'),
      ...Array<string>(10).fill('dhan-depth200 collector_down'),
      'kite collector_down',
    ]);
    // A collector that is down hears nothing: a run in which nothing went missing has killed nothing.
    expect(missing).toBeGreaterThan(0);
  });
});
