import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Feed, feedById } from '../lib/core/feeds.ts';
import type { Instrument } from '../lib/core/instrument.ts';
import { ASK, BID, SideLevels } from '../lib/core/side.ts';
import { DhanDepthDecoder } from '../lib/decode/dhan-depth.ts';
import { encodeEvent, FeedDecoder, type FrameDecoder } from '../lib/decode/feed-decoder.ts';
import { KiteDecoder } from '../lib/decode/kite.ts';
import { compressClosedSegments } from '../lib/journal/archive.ts';
import { RECORD, type RecordKind } from '../lib/journal/format.ts';
import { listSegments } from '../lib/journal/reader.ts';
import { sealJournal } from '../lib/journal/seal.ts';
import { JournalWriter } from '../lib/journal/writer.ts';
import { encodeDhanDepth } from '../lib/wire/dhan-depth.ts';
import { KITE_BYTES, KITE_FIELD } from '../lib/wire/kite.ts';
import { encodeKiteFrame, kitePacket } from '../lib/wire/kite-encode.ts';
import { digestJournal, type JournalDigest } from './journal-digest.ts';

const SILENT = pino({ level: 'silent' });
const START_US = Date.UTC(2026, 10, 24, 3, 45) * 1000;
const SECURITY_ID = 55_796;
const TOKEN = SECURITY_ID * 256 + 2;
const FUTURE: Instrument = {
  id: 7,
  exchange: 'NFO',
  symbol: 'NIFTY26DECFUT',
  name: 'NIFTY',
  type: 'FUT',
  expiry: '2026-12-29',
  strike: null,
  priceScale: 100,
  tickSize: 10,
  lotSize: 75,
  kiteToken: TOKEN,
  dhanSegment: 'NSE_FNO',
  dhanSecurityId: SECURITY_ID,
};

/** A frame for each of the feeds, so that each has something that depends on the frame before it. */
function depthFrame(i: number): Buffer {
  const side = i % 2 === 0 ? BID : ASK;
  const levels = new SideLevels();
  levels.count = 200;
  for (let level = 0; level < 200; level += 1) {
    levels.prices[level] = 2_594_000 + (i % 5) * 10 + (side === ASK ? 50 + level * 10 : -level * 10);
    levels.quantities[level] = 75 * (1 + ((level * 7 + (level === i % 200 ? i : 0)) % 31));
    levels.orders[level] = 1 + (level % 5);
  }
  return encodeDhanDepth(200, 2, SECURITY_ID, side, levels);
}

function tickFrame(i: number): Buffer {
  const packet = kitePacket(KITE_BYTES.full);
  packet.words[KITE_FIELD.token] = TOKEN;
  packet.words[KITE_FIELD.lastPrice] = 2_594_000 + (i % 9) * 10;
  packet.words[KITE_FIELD.lastQuantity] = 75;
  packet.words[KITE_FIELD.averagePrice] = 2_593_900;
  packet.words[KITE_FIELD.volume] = 75 * i;
  packet.words[KITE_FIELD.oi] = 13_000_000 + 75 * (i % 40);
  packet.words[KITE_FIELD.exchangeTime] = Math.floor(START_US / 1e6) + i;
  return encodeKiteFrame([packet]);
}

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'gehra-digest-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Records as a collector does: each segment begins with the decoder's state at that time. */
function record(feed: Feed, frames: FrameDecoder, frameOf: (i: number) => Buffer, count: number): void {
  const decoder = new FeedDecoder(feed, frames);
  const opening = (): Buffer => encodeEvent(decoder.checkpoint());
  const writer = new JournalWriter(
    { dir, feed, segmentBytes: 60_000, log: SILENT, opening, nowMs: () => 0 },
    START_US - 1,
  );
  const take = (stampUs: number, kind: RecordKind, payload: Buffer): void => {
    writer.append(stampUs, kind, payload);
    expect(writer.flush(stampUs, stampUs)).toBe(true);
    decoder.take(stampUs, kind, payload);
  };
  take(START_US, RECORD.event, encodeEvent({ type: 'instruments', instruments: [FUTURE] }));
  for (let i = 1; i <= count; i += 1) {
    const stampUs = START_US + i * 90_000;
    if (i === 40) {
      take(stampUs - 2, RECORD.event, encodeEvent({ type: 'gap_opened', fromUs: stampUs - 90_000, cause: 'silent' }));
      const closed = { type: 'gap_closed', fromUs: stampUs - 90_000, toUs: stampUs, cause: 'silent' } as const;
      take(stampUs - 1, RECORD.event, encodeEvent(closed));
    }
    take(stampUs, RECORD.frame, i % 25 === 3 ? Buffer.from(`garbage ${i}`) : frameOf(i));
  }
  writer.close();
}

describe.each([
  { feed: feedById(31), newFrames: () => new DhanDepthDecoder(200), frameOf: depthFrame, count: 60 },
  { feed: feedById(1), newFrames: () => new KiteDecoder(), frameOf: tickFrame, count: 900 },
])('the journal of $feed.name', ({ feed, newFrames, frameOf, count }) => {
  it('gives byte-identical entries each time: raw, compressed, sealed', async () => {
    record(feed, newFrames(), frameOf, count);
    expect(listSegments(dir, feed.name).length).toBeGreaterThan(2);
    const digest = (): Promise<JournalDigest> => digestJournal(dir, feed, newFrames());
    const raw = await digest();
    expect(raw.entries).toBeGreaterThan(count / 2);
    expect(await digest()).toEqual(raw);

    await compressClosedSegments(dir);
    expect(await digest()).toEqual(raw);

    const wish = { day: null, feed: null, dryRun: false, newest: true };
    const { failed, open } = await sealJournal(dir, wish, START_US + 1, SILENT);
    expect([failed, open]).toEqual([[], []]);
    expect(new Set(listSegments(dir, feed.name).map(({ form }) => form))).toEqual(new Set(['sealed']));
    expect(await digest()).toEqual(raw);
    expect(await digest()).toEqual(raw);
  });

  it('gives another hash where one byte of one frame is another', async () => {
    record(feed, newFrames(), frameOf, count);
    const before = await digestJournal(dir, feed, newFrames());
    rmSync(path.join(dir, feed.name), { recursive: true });
    const other = (i: number): Buffer => {
      const frame = frameOf(i);
      // The last traded price of a tick; a level's quantity.
      if (i === 30)
        frame.writeUInt8(frame.readUInt8(feed.kind === 'ticks' ? 11 : 20) ^ 1, feed.kind === 'ticks' ? 11 : 20);
      return frame;
    };
    record(feed, newFrames(), other, count);
    expect((await digestJournal(dir, feed, newFrames())).sha256).not.toBe(before.sha256);
  });
});
