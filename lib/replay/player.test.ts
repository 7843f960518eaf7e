import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ReplayPlayer } from './player.ts';
import { mergeSources, type ReplayEntry, type ReplaySource } from './source.ts';

const SECOND_US = 1_000_000;
const END_US = 100 * SECOND_US;
let nowMs: number;
let taken: number[];
let opened: number[];
let resets: number;
let changes: number;
let player: ReplayPlayer;
/** What taking an entry costs, ms. */
let costMs: number;

/** An entry a second; every third brings nothing that is shown. Two lead up to wherever it is opened. */
async function* source(fromUs: number): ReplaySource {
  for (let us = Math.max(0, fromUs - 2 * SECOND_US); us < END_US + 10 * SECOND_US; us += SECOND_US) {
    yield [{ feedId: 1, stampUs: us, bytes: Buffer.alloc(0) }];
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  nowMs = 0;
  taken = [];
  opened = [];
  resets = 0;
  changes = 0;
  costMs = 0;
  player = new ReplayPlayer({
    fromUs: 0,
    toUs: END_US,
    open: (fromUs) => {
      opened.push(fromUs);
      return source(fromUs);
    },
    take: ({ stampUs }: ReplayEntry) => {
      nowMs += costMs;
      taken.push(stampUs / SECOND_US);
      return (stampUs / SECOND_US) % 3 !== 0;
    },
    onReset: () => {
      taken = [];
      resets += 1;
    },
    onReady: () => undefined,
    onChange: () => {
      changes += 1;
    },
    onFailure: (error) => {
      throw error;
    },
    nowMs: () => nowMs,
  });
});
afterEach(async () => {
  await player.stop();
  vi.useRealTimers();
});

/** Lets real time pass, in the steps in which the player looks. */
async function pass(ms: number): Promise<void> {
  for (const end = nowMs + ms; nowMs < end; ) {
    nowMs += 20;
    await vi.advanceTimersByTimeAsync(20);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('stands at its beginning, plays at its speed, and stands still in a pause', async () => {
  await player.seek(0);
  await pass(1000);
  expect([player.timeUs, taken]).toEqual([0, []]);
  await player.setSpeed(10);
  await player.play(true);
  await pass(1000);
  expect(player.timeUs / SECOND_US).toBeCloseTo(10, 0);
  expect(taken).toEqual(Array.from({ length: taken.length }, (_, i) => i));
  expect(taken.length).toBeGreaterThanOrEqual(9);
  await player.play(false);
  const { length } = taken;
  await pass(1000);
  expect(taken).toHaveLength(length);
});

it('ends at its end, and takes nothing from behind it', async () => {
  await player.seek(0);
  await player.setSpeed(100);
  await player.play(true);
  await pass(2000);
  expect([player.timeUs, player.ended, player.playing]).toEqual([END_US, true, false]);
  expect(taken).toEqual(Array.from({ length: 100 }, (_, i) => i));
  await player.play(true);
  expect(player.playing).toBe(false);
});

it('takes what leads up to where it is sent, and steps from there', async () => {
  await player.seek(50 * SECOND_US);
  expect([resets, opened, taken]).toEqual([1, [50 * SECOND_US], [48, 49]]);
  await player.stepFrame();
  expect([taken.at(-1), player.timeUs]).toEqual([50, 50 * SECOND_US]);
  // 51 brings nothing that is shown.
  await player.stepFrame();
  expect(taken.slice(-2)).toEqual([51, 52]);
  await player.stepTime(SECOND_US * 2);
  expect([taken.at(-1), player.timeUs]).toEqual([54, 54 * SECOND_US]);
  await player.seek(10 * SECOND_US);
  expect([taken, player.timeUs]).toEqual([[8, 9], 10 * SECOND_US]);
  await player.seek(2 * END_US);
  expect(player.timeUs).toBe(END_US);
  await player.stepFrame();
  expect(player.ended).toBe(true);
  expect(changes).toBeGreaterThan(3);
});

it('lets its clock go slower where taking costs more than there is time', async () => {
  await player.seek(0);
  await player.setSpeed(100);
  costMs = 50;
  await player.play(true);
  await pass(500);
  expect(player.timeUs).toBeLessThan(30 * SECOND_US);
  expect(player.timeUs).toBe((taken.at(-1) ?? 0) * SECOND_US);
});

it('does one thing after the other', async () => {
  await player.seek(0);
  await Promise.all([player.seek(20 * SECOND_US), player.stepFrame(), player.seek(40 * SECOND_US), player.stepFrame()]);
  expect(taken).toEqual([38, 39, 40]);
});

it('holds no more than the batches it is in, however long it plays at 100 times', async () => {
  const FEEDS = 5;
  const BATCH = 500;
  const HOURS_US = 3600 * SECOND_US;
  let read = 0;
  let played = 0;
  let heldMax = 0;
  /** Forty entries a second, a batch at a time. */
  async function* feed(feedId: number, fromUs: number): ReplaySource {
    for (let us = fromUs; us < HOURS_US; ) {
      const batch: ReplayEntry[] = [];
      for (; batch.length < BATCH && us < HOURS_US; us += 25_000)
        batch.push({ feedId, stampUs: us, bytes: Buffer.alloc(0) });
      read += batch.length;
      heldMax = Math.max(heldMax, read - played);
      yield batch;
    }
  }
  const long = new ReplayPlayer({
    fromUs: 0,
    toUs: HOURS_US,
    open: (fromUs) => mergeSources(Array.from({ length: FEEDS }, (_, i) => feed(i + 1, fromUs))),
    take: () => {
      played += 1;
      return true;
    },
    onReset: () => undefined,
    onReady: () => undefined,
    onChange: () => undefined,
    onFailure: (error) => {
      throw error;
    },
    nowMs: () => nowMs,
  });
  await long.seek(0);
  await long.setSpeed(100);
  await long.play(true);
  while (long.playing) {
    nowMs += 20;
    await vi.advanceTimersByTimeAsync(20);
  }
  await long.stop();
  expect(read).toBe(FEEDS * 3600 * 40);
  expect(played).toBe(read);
  // Of each feed the batch that is merged and the one that is played.
  expect(heldMax).toBeLessThanOrEqual(2 * FEEDS * BATCH);
});
