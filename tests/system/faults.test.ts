/**
 * An exchange that misbehaves: what cannot be believed is counted, kept and logged sparingly while the connection and
 * everything good around it stay; what cuts a feed off leaves a gap as long as the cut, with its cause.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Instance } from '../support/instance.ts';
import { expectNothingLost } from '../support/ledger.ts';
import { untilRecording, untilStoredAfterPause } from '../support/waits.ts';

const NIFTY = 'NFO:NIFTY26DECFUT';
/** Shapes without anything good in them, and how the decoder calls what is wrong. */
const DEPTH_SHAPES = {
  length_negative: 'bad_length',
  length_short: 'bad_length',
  length_long: 'body_truncated',
  header_only: 'header_truncated',
  unknown_instrument: 'unknown_instrument',
} as const;
const KITE_SHAPES = {
  truncated: 'body_truncated',
  length_65535: 'body_truncated',
  token_unknown: 'unknown_instrument',
} as const;
const TIMES = 20;
/** The exchange sends garbage to every connection of a feed kind: 200 levels have one for each instrument. */
const DEPTH_CONNECTIONS = 5;

let instance: Instance;
beforeAll(async () => {
  instance = await Instance.start(['--date', '2026-11-25']);
  await untilRecording(instance);
});
afterAll(() => instance.stop());

interface Gap {
  readonly feed: string;
  readonly cause: string;
  /** null while it is open. */
  readonly seconds: number | null;
}

async function gaps(): Promise<Gap[]> {
  return instance.sql<Gap>(
    `SELECT feed.name AS feed, cause, extract(epoch FROM to_time - from_time)::float8 AS seconds
     FROM gehra.feed_gaps JOIN gehra.feeds AS feed USING (feed_id) ORDER BY from_time`,
  );
}

/** Waits until so many gaps of a feed have begun and ended. */
const untilClosed = (name: string, count: number): Promise<void> =>
  vi.waitFor(
    async () =>
      expect((await gaps()).filter(({ feed, seconds }) => feed === name && seconds !== null).length).toBe(count),
    { timeout: 60_000, interval: 50 },
  );

/** Events of one name in a process's log. */
function logged(process: string, event: string): Record<string, unknown>[] {
  return readFileSync(path.join(instance.dataDir, 'logs', `${process}.log`), 'utf8')
    .split('\n')
    .filter((line) => line.includes(`"event":"${event}"`))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('malformed frames', { timeout: 120_000 }, () => {
  it('are counted, kept with their bytes, logged once a kind, and cost nothing that is good', async () => {
    for (const shape of Object.keys(DEPTH_SHAPES)) {
      await instance.control('garbage', { feed: 'dhan-depth200', shape, instrument: NIFTY, times: TIMES });
    }
    for (const shape of Object.keys(KITE_SHAPES)) {
      await instance.control('garbage', { feed: 'kite', shape, instrument: NIFTY, times: TIMES });
    }
    for (const shape of ['empty', 'two_bytes', 'null_text', 'broken_text']) {
      await instance.control('garbage', { feed: 'kite', shape, times: TIMES });
    }
    await untilRecording(instance);
    const rows = await instance.sql<{ broker: string; reason: string; count: number; bytes: number }>(
      `SELECT feed.broker, reason, count(*)::integer AS count, min(length(bytes))::integer AS bytes
       FROM gehra.quarantine JOIN gehra.feeds AS feed USING (feed_id) WHERE stage = 'wire' GROUP BY 1, 2`,
    );
    const kept = Object.fromEntries(rows.map(({ broker, reason, count }) => [`${broker} ${reason}`, count]));
    expect(kept).toEqual({
      'dhan bad_length': 2 * TIMES * DEPTH_CONNECTIONS,
      'dhan body_truncated': TIMES * DEPTH_CONNECTIONS,
      'dhan header_truncated': TIMES * DEPTH_CONNECTIONS,
      'dhan unknown_instrument': TIMES * DEPTH_CONNECTIONS,
      'kite body_truncated': 2 * TIMES,
      'kite unknown_instrument': TIMES,
    });
    for (const { bytes } of rows) expect(bytes).toBeGreaterThan(0);
    // Once a minute for each feed and kind of fault, however many there were.
    const said = logged('dhan', 'frame_rejected').map(({ feed, code }) => `${feed} ${code}`);
    expect(new Set(said).size).toBe(said.length);
    expect(said.length).toBe(DEPTH_CONNECTIONS * new Set(Object.values(DEPTH_SHAPES)).size);
    expect(logged('kite', 'frame_rejected').length).toBe(2);
    // The connections stood through all of it.
    expect(await gaps()).toEqual([]);
    expect([instance.restarts('dhan'), instance.restarts('kite')]).toEqual([0, 0]);
  });

  it('larger than any frame end the connection, and it comes back', async () => {
    await instance.control('garbage', { feed: 'kite', shape: 'huge', times: 1 });
    await untilClosed('kite-ticks-1', 1);
    expect(instance.restarts('kite')).toBe(0);
  });
});

describe('a feed that is cut off', { timeout: 120_000 }, () => {
  it('leaves a gap as long as the cut, with its cause, and loses nothing else', async () => {
    await instance.control('cut', { feed: 'kite', how: 'reset' });
    await untilClosed('kite-ticks-1', 2);
    await instance.control('cut', { feed: 'dhan-depth200', how: 'close', code: 1001 });
    for (const slot of [1, 2, 3, 4, 5]) await untilClosed(`dhan-depth200-${slot}`, 1);
    const all = await gaps();
    expect(new Set(all.map(({ cause }) => cause))).toEqual(new Set(['disconnected']));
    // Dhan is left alone for at least five seconds after a disconnect, Kite for a third of one.
    for (const { feed, seconds } of all) expect(seconds).toBeGreaterThan(feed.startsWith('dhan') ? 5 : 0.25);
  });

  it('stays away from a broker that says so', async () => {
    await instance.control('disconnect', { feed: 'dhan-depth20', reason: 805 });
    await vi.waitFor(() => {
      const said = logged('dhan', 'feed_disconnected').filter(({ cause }) => cause === 'limit');
      expect(said.map(({ detail }) => detail)).toEqual(['Dhan: too many connections or requests']);
    }, 30_000);
  });
});

it('nothing of what was good is missing outside the gaps', { timeout: 120_000 }, async () => {
  await untilStoredAfterPause(instance);
  const { frames } = await expectNothingLost(instance);
  expect(frames).toBeGreaterThan(500);
});
