import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Redis } from 'ioredis';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MarketHours } from '../lib/calendar/hours.ts';
import { feedById } from '../lib/core/feeds.ts';
import type { Instrument } from '../lib/core/instrument.ts';
import { istTimeUs } from '../lib/core/ist.ts';
import { BID, SideLevels } from '../lib/core/side.ts';
import type { FrameDecoder } from '../lib/decode/feed-decoder.ts';
import { listSegments, recoverJournal } from '../lib/journal/reader.ts';
import { sealJournal } from '../lib/journal/seal.ts';
import { SealedSegment } from '../lib/journal/sealed-file.ts';
import { wallClockUs } from '../lib/obs/clock.ts';
import { EntryReader, type EntryWriter, type GapRecord } from '../lib/queue/entry.ts';
import { connectBlockingRedis, connectRedis } from '../lib/queue/redis.ts';
import { StreamAppender, StreamReader } from '../lib/queue/streams.ts';
import { WireErrors } from '../lib/wire/errors.ts';
import { startTestRedis, type TestServer } from '../tests/support/servers.ts';
import { FeedPipeline } from './feed.ts';

const FEED = feedById(31);
const log = pino({ level: 'silent' });

/** Frames are `u32 number`, then filling; each becomes a side of one level whose quantity is how many came before it. */
class CountingDecoder implements FrameDecoder {
  private count = 0;
  private readonly errors = new WireErrors();

  setInstruments(): void {
    // Takes all.
  }
  decode(_stampUs: number, frame: Uint8Array, entry: EntryWriter): WireErrors {
    const side = new SideLevels(1);
    side.count = 1;
    side.prices[0] = new DataView(frame.buffer, frame.byteOffset).getUint32(0);
    side.quantities[0] = this.count;
    this.count += 1;
    entry.depth(1, 0, BID, 0, 0, side);
    return this.errors;
  }
  noteGap(): void {
    // Counts on.
  }
  state(): unknown {
    return this.count;
  }
  restore(state: unknown): void {
    this.count = state as number;
  }
}

let dir: string;
let server: TestServer;
let redis: Redis;
let blocking: Redis;
let reader: StreamReader;
const open: FeedPipeline[] = [];

beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'gehra-feed-'));
  server = await startTestRedis();
  redis = connectRedis(server.url, log);
  blocking = connectBlockingRedis(server.url, log, 100);
  await Promise.all([redis, blocking].map((one) => new Promise((resolve) => one.once('ready', resolve))));
  reader = new StreamReader(blocking, redis);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((pipeline) => pipeline.close()));
  redis.disconnect();
  blocking.disconnect();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Waits for what must come, however busy the machine is. */
const until = <T>(condition: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(condition, { timeout: 20_000, interval: 20 });

/** The market of the demo, unless a test says otherwise. */
const ALWAYS = new MarketHours('always');

/** Says whether publishing is held back, and can be told otherwise. */
class Hold {
  reason: string | null = null;
}

async function start({
  hold = new Hold(),
  outboxBytesMax = 1_000_000,
  nowUs = wallClockUs,
  hours = ALWAYS,
  instruments = [] as readonly Instrument[],
} = {}): Promise<FeedPipeline> {
  const pipeline = await FeedPipeline.open({
    feed: FEED,
    instruments,
    hours: () => hours,
    newFrameDecoder: () => new CountingDecoder(),
    appender: new StreamAppender(redis),
    journalDir: dir,
    segmentBytes: 20_000,
    heldBack: () => hold.reason,
    outboxBytesMax,
    nowUs,
    log,
  });
  open.push(pipeline);
  return pipeline;
}

async function stop(pipeline: FeedPipeline): Promise<void> {
  open.splice(open.indexOf(pipeline), 1);
  await pipeline.close();
}

function frame(number: number, bytes = 100): Buffer {
  const buffer = Buffer.alloc(bytes);
  buffer.writeUInt32BE(number);
  return buffer;
}

/** Number and count of every frame in the stream, and the gaps. */
async function published(): Promise<{ frames: [number, number][]; gaps: GapRecord[]; stamps: number[] }> {
  const entryReader = new EntryReader();
  const frames: [number, number][] = [];
  const gaps: GapRecord[] = [];
  const stamps: number[] = [];
  const taken = (await reader.read(new Map([[FEED.id, 0]]), 100_000, 1)).get(FEED.id) ?? [];
  for (const { stampUs, bytes } of taken) {
    stamps.push(stampUs);
    entryReader.read(stampUs, bytes, {
      onDepth: ({ levels }) => frames.push([levels.prices[0] as number, levels.quantities[0] as number]),
      onTick: () => undefined,
      onGap: (gap) => gaps.push(gap),
      onReject: () => undefined,
    });
  }
  return { frames, gaps, stamps };
}

/** Frames 0 to `count` - 1, each decoded after the ones before it. */
const inOrder = (count: number): [number, number][] => Array.from({ length: count }, (_, i) => [i, i]);

const untilPublished = (count: number) => until(async () => expect((await published()).frames).toEqual(inOrder(count)));

describe('a feed', () => {
  it('brings its frames into the stream, in order, marked when idle', async () => {
    const pipeline = await start();
    for (let i = 0; i < 500; i += 1) pipeline.frame(frame(i));
    await untilPublished(500);
    const end = (await published()).stamps.at(-1) as number;
    await until(async () => expect(await reader.lastStamp(FEED)).toBeGreaterThan(end));
  });

  it('gives no mark a place before a frame that came first', async () => {
    const pipeline = await start();
    pipeline.frame(frame(0));
    await untilPublished(1);
    // A timer that is due before the next mark; both are late, and come in one phase of the event loop.
    for (let i = 1; i <= 3; i += 1) {
      await new Promise<void>((resolve) => {
        setTimeout(() => {
          pipeline.frame(frame(i));
          resolve();
        }, 1);
        const until = performance.now() + 250;
        while (performance.now() < until) {
          // Nothing else gets its turn.
        }
      });
      await untilPublished(i + 1);
    }
  });

  it('goes on after a restart where it was, with the gap in between recorded', async () => {
    const first = await start();
    for (let i = 0; i < 30; i += 1) first.frame(frame(i));
    await untilPublished(30);
    await stop(first);
    const second = await start();
    for (let i = 30; i < 60; i += 1) second.frame(frame(i));
    await untilPublished(60);
    const { gaps, stamps } = await until(async () => {
      const state = await published();
      expect(state.gaps.length).toBe(2);
      return state;
    });
    expect(gaps.map(({ cause, toUs }) => [cause, toUs > 0])).toEqual([
      ['collector_down', false],
      ['collector_down', true],
    ]);
    expect(stamps).toContain(gaps[1]?.fromUs);
    expect(stamps).toContain(gaps[1]?.toUs);
  });

  it('tells what it missed from what the market was closed, over a night and a holiday', async () => {
    const hours = new MarketHours('calendar');
    const instruments = [{ id: 1, exchange: 'NFO', symbol: 'X' } as Instrument];
    let clockUs = istTimeUs('2026-11-23', '15:39') + 59_500_000;
    const nowUs = (): number => clockUs;
    const first = await start({ nowUs, hours, instruments });
    first.frame(frame(0));
    await until(async () => expect((await published()).frames).toHaveLength(1));
    expect(first.dataExpected).toBe(true);
    clockUs = istTimeUs('2026-11-23', '15:41');
    expect(first.dataExpected).toBe(false);
    first.noteClose();
    await stop(first);

    // Started on time, it waits without a word; by 09:20 nobody has logged in.
    clockUs = istTimeUs('2026-11-25', '08:55');
    const second = await start({ nowUs, hours, instruments });
    clockUs = istTimeUs('2026-11-25', '09:20');
    second.openGap('auth');
    await until(() => expect(second.openGapFromUs).toBe(istTimeUs('2026-11-25', '09:00')));
    second.openGap('network');
    clockUs += 1_000_000;
    second.frame(frame(1));
    await until(() => expect(second.openGapFromUs).toBeNull());

    const closed = { fromUs: istTimeUs('2026-11-23', '15:39') + 59_500_000, cause: 'market_closed' };
    const missed = { fromUs: istTimeUs('2026-11-25', '09:00'), cause: 'auth' };
    await until(async () => expect((await published()).gaps).toHaveLength(4));
    expect((await published()).gaps).toMatchObject([
      { ...closed, toUs: 0 },
      { ...closed, toUs: missed.fromUs },
      { ...missed, toUs: 0 },
      { ...missed, toUs: clockUs },
    ]);
  });

  it('has the gap that begins at the frame that ends another', async () => {
    const pipeline = await start();
    pipeline.frame(frame(0));
    await untilPublished(1);
    pipeline.openGap('network');
    await until(() => expect(pipeline.openGapFromUs).not.toBeNull());
    pipeline.frame(frame(1));
    pipeline.openGap('disconnected');
    await until(async () => expect((await published()).gaps).toHaveLength(3));
    const { gaps } = await published();
    expect(gaps.map(({ cause, toUs }) => [cause, toUs > 0])).toEqual([
      ['network', false],
      ['network', true],
      ['disconnected', false],
    ]);
    expect(gaps[2]?.fromUs).toBe(gaps[1]?.toUs);
  });

  it('stamps nothing earlier than what is stored, though the clock was set back and the stream is lost', async () => {
    const storedUs = wallClockUs();
    await reader.announceWritten(new Map([[FEED.id, storedUs]]));
    const pipeline = await start({ nowUs: () => storedUs - 3_600_000_000 });
    pipeline.frame(frame(0));
    await untilPublished(1);
    expect((await published()).stamps[0]).toBeGreaterThan(storedUs);
  });

  it('publishes what a killed process had only journalled', async () => {
    const hold = new Hold();
    hold.reason = 'held back by the test';
    const killed = await start({ hold });
    for (let i = 0; i < 40; i += 1) killed.frame(frame(i));
    await until(() => expect(recoverJournal(dir, FEED.name).lastStampUs).toBeGreaterThan(0));
    expect((await published()).frames).toEqual([]);
    // It gets no orderly end and publishes nothing more: all there is of it is its journal.
    const second = await start();
    second.frame(frame(40));
    // Some of the journal could be stored already: nothing is published again before a writer says how far it is.
    await until(() => expect(second.publishFailure).toMatch(/no writer has said/));
    await reader.announceWritten(new Map([[FEED.id, 0]]));
    await untilPublished(41);
  });
});

describe('while Redis hangs', () => {
  it('nothing is lost, and nothing comes twice', async () => {
    const pipeline = await start();
    pipeline.frame(frame(0));
    await untilPublished(1);
    process.kill(server.pid() as number, 'SIGSTOP');
    for (let i = 1; i < 200; i += 1) pipeline.frame(frame(i));
    await until(() => expect(pipeline.publishFailure).not.toBeNull());
    for (let i = 200; i < 300; i += 1) pipeline.frame(frame(i));
    process.kill(server.pid() as number, 'SIGCONT');
    await untilPublished(300);
    await until(() => expect(pipeline.publishFailure).toBeNull());
  });

  it('more than memory may hold waits in the journal', async () => {
    const hold = new Hold();
    const pipeline = await start({ hold, outboxBytesMax: 10_000 });
    pipeline.frame(frame(0));
    await untilPublished(1);
    hold.reason = 'held back by the test';
    await until(() => expect(pipeline.publishFailure).toBe(hold.reason));
    for (let i = 1; i < 2000; i += 1) pipeline.frame(frame(i));
    await until(() => expect(pipeline.unpublished).toBe(-1));
    hold.reason = null;
    await untilPublished(2000);
    await until(() => expect(pipeline.unpublished).toBe(0));
  });
});

describe('while neither journal nor Redis takes anything', () => {
  it('has one gap from the last frame before to the first that is kept again', async () => {
    const hold = new Hold();
    let clockUs = istTimeUs('2026-11-23', '10:00');
    const pipeline = await start({ hold, outboxBytesMax: 1000, nowUs: () => clockUs });
    pipeline.frame(frame(0));
    await until(async () => expect((await published()).frames).toEqual([[0, 0]]));
    const lastUs = (await published()).stamps[0] as number;
    hold.reason = 'held back by the test';
    await until(() => expect(pipeline.publishFailure).toBe(hold.reason));
    // A new day begins where its folder cannot be made.
    clockUs += 86_400_000_000;
    writeFileSync(path.join(dir, FEED.name, '2026-11-24'), '');
    for (let i = 1; i < 200; i += 1) {
      clockUs += 1_000_000;
      pipeline.frame(frame(i));
    }
    await until(() => expect(pipeline.unpublished).toBe(-1));
    clockUs += 60_000_000;
    pipeline.frame(frame(200));
    await until(() => expect(pipeline.openGapFromUs).toBe(lastUs));
    hold.reason = null;
    await until(() => expect(pipeline.unpublished).toBe(0));
    clockUs += 1_000_000;
    pipeline.frame(frame(201));
    await until(async () => expect((await published()).gaps).toHaveLength(2));
    expect((await published()).gaps).toMatchObject([
      { fromUs: lastUs, toUs: 0, cause: 'discarded' },
      { fromUs: lastUs, toUs: clockUs, cause: 'discarded' },
    ]);
    expect((await published()).frames).toEqual([
      [0, 0],
      [201, 201],
    ]);
    await until(() => expect(pipeline.openGapFromUs).toBeNull());
  });
});

describe('after the journal was sealed', () => {
  /** Frames 0 to 599 in three segments, all of them sealed. */
  async function sealedJournal(): Promise<SealedSegment[]> {
    const pipeline = await start();
    for (let turn = 0; turn < 3; turn += 1) {
      for (let i = 200 * turn; i < 200 * (turn + 1); i += 1) pipeline.frame(frame(i));
      await untilPublished(200 * (turn + 1));
    }
    await stop(pipeline);
    await sealJournal(dir, { day: null, feed: null, dryRun: false, newest: true }, wallClockUs(), log);
    const segments = listSegments(dir, FEED.name);
    expect(segments.map(({ form }) => form)).toEqual(['sealed', 'sealed', 'sealed']);
    await redis.flushall();
    await reader.announceWritten(new Map([[FEED.id, 0]]));
    return segments.map(({ file }) => SealedSegment.open(file));
  }

  it('goes on where it was, and publishes again what was sealed', async () => {
    await sealedJournal();
    const pipeline = await start();
    pipeline.frame(frame(600));
    await untilPublished(601);
  });

  it('and damaged, it records on and publishes the rest, with a gap for what cannot be read', async () => {
    const [first, second, third] = (await sealedJournal()) as [SealedSegment, SealedSegment, SealedSegment];
    for (const { file, blocks } of [second, third]) {
      const bytes = readFileSync(file);
      const at = (blocks[0] as (typeof blocks)[number]).at + 60;
      bytes[at] = (bytes[at] as number) ^ 1;
      writeFileSync(file, bytes);
    }
    const pipeline = await start();
    pipeline.frame(frame(600));
    const { frames, gaps } = await until(async () => {
      const state = await published();
      expect(state.frames.length).toBe(201);
      return state;
    });
    expect(frames.slice(0, 200)).toEqual(inOrder(200));
    expect(frames[200]?.[0]).toBe(600);
    const discarded = gaps.filter(({ cause, toUs }) => cause === 'discarded' && toUs > 0);
    expect(discarded.map(({ fromUs, toUs }) => [fromUs, toUs])).toEqual([
      [first.lastUs, second.lastUs],
      [second.lastUs, third.lastUs],
    ]);
  });
});

describe('after Redis came back empty', () => {
  it('publishes again what no writer has stored, once a writer has said how far it is', async () => {
    const pipeline = await start();
    for (let i = 0; i < 50; i += 1) pipeline.frame(frame(i));
    await untilPublished(50);
    const { stamps } = await published();
    await redis.flushall();
    pipeline.frame(frame(50));
    await until(() => expect(pipeline.publishFailure).toMatch(/no writer has said/));
    expect(await reader.lastStamp(FEED)).toBe(0);

    // Stored up to frame 19.
    await reader.announceWritten(new Map([[FEED.id, stamps[19] as number]]));
    await until(async () => expect((await published()).frames).toEqual(inOrder(51).slice(20)));
    pipeline.frame(frame(51));
    await until(async () => expect((await published()).frames.at(-1)).toEqual([51, 51]));
  });

  it('fills in a lost tail', async () => {
    const pipeline = await start();
    for (let i = 0; i < 50; i += 1) pipeline.frame(frame(i));
    await untilPublished(50);
    await reader.announceWritten(new Map([[FEED.id, 0]]));
    const { stamps } = await published();
    // What a crash with a lagging append-only file leaves: the first entries, and nothing after them.
    const kept = (await reader.read(new Map([[FEED.id, 0]]), 20, 1)).get(FEED.id) ?? [];
    await redis.flushall();
    await reader.announceWritten(new Map([[FEED.id, 0]]));
    await new StreamAppender(redis).append(FEED, 0, kept);
    expect(await reader.lastStamp(FEED)).toBe(stamps[19]);
    pipeline.frame(frame(50));
    await untilPublished(51);
  });
});
