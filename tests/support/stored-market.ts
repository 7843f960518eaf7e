/** A few minutes of one instrument in a database, as the writer stores them: for tests of what is read from there. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { COPY_HEADER, COPY_TRAILER, CopyRows } from '../../db/copy.ts';
import { addFlow } from '../../db/flow.ts';
import { DEPTH_COPY, TICK_COPY, writeDepthRow, writeTickRow } from '../../db/market-rows.ts';
import { assignBookTime, newPairState } from '../../lib/book/pair.ts';
import { ABSENT } from '../../lib/core/absent.ts';
import { AGGRESSOR, type Aggressor } from '../../lib/core/aggressor.ts';
import { ASK, BID, FRAME_FLAG, type Side, SideLevels } from '../../lib/core/side.ts';
import { flowOf, flowRows } from '../../lib/orderflow/flow-rows.ts';
import { TICK_LEVELS, TICK_MODE, Tick } from '../../lib/orderflow/tick.ts';

export const DEPTH_FEED = 31;
export const TICK_FEED = 1;
export const SLUG = 'NFO:NIFTY26DECFUT';
/** 2026-11-25 09:15 IST. */
export const OPEN_US = Date.UTC(2026, 10, 25, 3, 45) * 1000;
const SECOND_US = 1_000_000;
const SIDES: readonly Aggressor[] = [AGGRESSOR.buy, AGGRESSOR.sell, AGGRESSOR.unknown];

export interface MarketSize {
  /** Frames of each side. */
  readonly frames: number;
  readonly frameUs: number;
  readonly levels: number;
  readonly ticks: number;
  readonly tickUs: number;
  /** Of frames: nothing is stored of this share of the way, in the middle, and it is a gap. */
  readonly withGap: boolean;
}

export interface StoredMarket {
  readonly instrumentId: number;
  readonly fromUs: number;
  readonly toUs: number;
}

/** Numbers that look random and are the same every time (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Stores a market from OPEN_US on, its gaps and positions. The database has the schema and nothing in it. */
export async function storeMarket(client: pg.Client, size: MarketSize): Promise<StoredMarket> {
  const { rows } = await client.query<{ instrument_id: number }>(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, 10, 65) RETURNING instrument_id`,
  );
  const instrumentId = rows[0]?.instrument_id as number;
  const depthToUs = await storeDepth(client, instrumentId, size);
  const ticksToUs = await storeTicks(client, instrumentId, size);
  const toUs = Math.max(depthToUs, ticksToUs) + SECOND_US;
  await client.query('INSERT INTO gehra.feed_positions (feed_id, position) VALUES ($1, $3), ($2, $3)', [
    DEPTH_FEED,
    TICK_FEED,
    toUs + SECOND_US,
  ]);
  return { instrumentId, fromUs: OPEN_US, toUs };
}

async function storeDepth(client: pg.Client, instrumentId: number, size: MarketSize): Promise<number> {
  const next = random(7);
  const pairing = newPairState();
  const books = [new SideLevels(), new SideLevels()] as const;
  const gapFrom = size.withGap ? Math.floor(size.frames * 0.4) : size.frames;
  const gapTo = size.withGap ? Math.floor(size.frames * 0.6) : size.frames;
  let mid = 2_604_000;
  let lastUs = OPEN_US;
  let gapFromUs = 0;
  const rows = new CopyRows();
  for (let i = 0; i < size.frames; i += 1) {
    mid += 10 * Math.round((next() - 0.5) * 3);
    for (const side of [BID, ASK] as const) {
      const levels = books[side];
      move(levels, side, mid, size.levels, next);
      if (i >= gapFrom && i < gapTo) continue;
      const stampUs = OPEN_US + i * size.frameUs + (side === BID ? 3 : 1207) + Math.floor(next() * 900);
      if (i === gapTo && side === BID) await storeGap(client, instrumentId, gapFromUs, stampUs);
      // One with no level at all, and one with two levels of one price.
      const isEmpty = i === 3 && side === ASK;
      const isDouble = i === 5 && side === BID && levels.count > 2;
      if (isDouble) levels.prices[1] = levels.prices[0] as number;
      const count = levels.count;
      if (isEmpty) levels.count = 0;
      writeDepthRow(rows, DEPTH_FEED, {
        bookTimeUs: assignBookTime(pairing, side, stampUs),
        stampUs,
        instrumentId,
        side,
        n: 0,
        flags: isDouble ? FRAME_FLAG.duplicatePrice : 0,
        levels,
      });
      levels.count = count;
      lastUs = stampUs;
      if (i < gapFrom) gapFromUs = stampUs;
    }
    if (rows.length > 4_000_000) await copyIn(client, DEPTH_COPY, rows);
  }
  await copyIn(client, DEPTH_COPY, rows);
  return lastUs;
}

/** The next frame of a side: it follows the mid, and some quantities are others. */
function move(levels: SideLevels, side: Side, mid: number, count: number, next: () => number): void {
  const best = side === BID ? mid - 10 : mid + 10;
  const first = levels.count === 0;
  const shift = first ? 0 : Math.round((best - (levels.prices[0] as number)) / (side === BID ? -10 : 10));
  const before = new SideLevels();
  before.copyFrom(levels);
  levels.count = count;
  for (let i = 0; i < count; i += 1) {
    const was = i + shift;
    const isKnown = !first && was >= 0 && was < before.count && next() > 0.1;
    levels.prices[i] = best + (side === BID ? -10 : 10) * i;
    levels.quantities[i] = isKnown ? (before.quantities[was] as number) : 65 * (1 + Math.floor(next() * 400));
    levels.orders[i] = isKnown ? (before.orders[was] as number) : 1 + Math.floor(next() * 30);
  }
}

async function storeGap(client: pg.Client, instrumentId: number, fromUs: number, toUs: number): Promise<void> {
  await client.query(
    `INSERT INTO gehra.feed_gaps VALUES ($1, to_timestamp($2::bigint / 1e6), to_timestamp($3::bigint / 1e6), 'network', $4)`,
    [DEPTH_FEED, fromUs, toUs, [instrumentId]],
  );
}

async function storeTicks(client: pg.Client, instrumentId: number, size: MarketSize): Promise<number> {
  const next = random(11);
  const rows = new CopyRows();
  const flow = [];
  const tick = new Tick();
  let stampUs = OPEN_US;
  let volume = 415_425;
  for (let i = 0; i < size.ticks; i += 1) {
    stampUs += Math.floor(size.tickUs * (0.5 + next()));
    tick.clear();
    tick.instrumentId = instrumentId;
    tick.stampUs = stampUs;
    tick.n = i % 3;
    tick.mode = TICK_MODE.full;
    tick.lastPrice = 2_604_000 + 10 * Math.round((next() - 0.5) * 40);
    tick.volumeDelta = i === 0 ? ABSENT : i % 4 === 0 ? 0 : 65 * (1 + Math.floor(next() * 5));
    tick.volumeUnattributed = i === 7 ? 12_345 : ABSENT;
    volume += tick.volumeDelta === ABSENT ? 0 : tick.volumeDelta;
    tick.volume = volume;
    tick.aggressor = SIDES[i % 3] as Aggressor;
    tick.confidence = i % 4;
    tick.oi = i % 5 === 0 ? ABSENT : 9_000_000_000_000 + i;
    tick.mid = tick.lastPrice + 0.5;
    tick.spreadOverLast = 10 / tick.lastPrice;
    tick.imbalance = i % 6 === 0 ? ABSENT : next() * 2 - 1;
    tick.exchangeTime = Math.floor(stampUs / SECOND_US);
    tick.lastTradeTime = Math.floor(stampUs / SECOND_US) - 1;
    for (const [side, sign] of [
      [tick.bids, -10],
      [tick.asks, 10],
    ] as const) {
      side.count = i % 9 === 0 ? 0 : TICK_LEVELS;
      for (let level = 0; level < side.count; level += 1) {
        side.prices[level] = tick.lastPrice + sign * (level + 1);
        side.quantities[level] = 65 * (level + i);
        side.orders[level] = level + 1;
      }
    }
    writeTickRow(rows, TICK_FEED, tick);
    const flowTick = flowOf(TICK_FEED, tick);
    if (flowTick) flow.push(flowTick);
  }
  await copyIn(client, TICK_COPY, rows);
  if (flow.length > 0) await addFlow(client, flowRows(flow));
  return stampUs;
}

async function copyIn(client: pg.Client, into: string, rows: CopyRows): Promise<void> {
  if (rows.length > 0) {
    const bytes = Buffer.concat([COPY_HEADER, rows.slice(0, rows.length), COPY_TRAILER]);
    await pipeline(Readable.from([bytes]), client.query(copyFrom(into)));
  }
  rows.clear();
}
