/** Three minutes of a market that are the same in every run, stored on a day long past: replayed and paused they stand still. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { COPY_HEADER, COPY_TRAILER, CopyRows } from '../../../db/copy.ts';
import { DEPTH_COPY, TICK_COPY, writeDepthRow, writeTickRow } from '../../../db/market-rows.ts';
import { AGGRESSOR } from '../../../lib/core/aggressor.ts';
import { istTimeUs } from '../../../lib/core/ist.ts';
import { ASK, BID } from '../../../lib/core/side.ts';
import { TICK_MODE, Tick } from '../../../lib/orderflow/tick.ts';
import { SyntheticMarket } from '../../../simulator/market/synthetic.ts';
import type { Instance } from '../../support/instance.ts';

const FROM_US = istTimeUs('2026-09-15', '09:15');
const LENGTH_US = 180_000_000;
export const STILL = {
  fromUs: FROM_US,
  /** The last moment that has a book. */
  atUs: FROM_US + LENGTH_US - 1_000_000,
  /** Units between which the colours are held: what is visible in another window must not move them. */
  locked: { lo: 65 * 8, hi: 65 * 40 },
} as const;

/** Of the simulated future that stands for the instrument. */
const SEED = 20_260_915;
const STEP_US = 1_000_000;
/** Who initiated how surely, in turn. */
const CONFIDENCES = [3, 1, 3, 2];

/** Stores them for an instrument that is recorded 200 levels deep. */
export async function storeStillMarket(instance: Instance, instrumentId: number): Promise<void> {
  const feeds = await instance.sql<{ feed_id: number; kind: string }>(
    'SELECT feed_id, kind FROM gehra.subscriptions JOIN gehra.feeds USING (feed_id) WHERE instrument_id = $1',
    [instrumentId],
  );
  const feedOf = (wanted: string): number => {
    const feed = feeds.find(({ kind }) => kind === wanted);
    if (!feed) throw new Error(`the instrument has no feed of ${wanted}`);
    return feed.feed_id;
  };
  const { depth, ticks } = stillRows(instrumentId, feedOf('depth200'), feedOf('ticks'));
  const client = new pg.Client({ connectionString: instance.databaseUrl });
  await client.connect();
  try {
    for (const [into, rows] of [
      [DEPTH_COPY, depth],
      [TICK_COPY, ticks],
    ] as const) {
      const bytes = Buffer.concat([COPY_HEADER, rows.slice(0, rows.length), COPY_TRAILER]);
      await pipeline(Readable.from([bytes]), client.query(copyFrom(into)));
    }
  } finally {
    await client.end();
  }
}

export async function removeStillMarket(instance: Instance, instrumentId: number): Promise<void> {
  for (const table of ['depth_snapshots', 'ticks']) {
    await instance.sql(
      `DELETE FROM gehra.${table} WHERE instrument_id = $1
       AND time >= to_timestamp($2::bigint / 1e6) AND time < to_timestamp($3::bigint / 1e6)`,
      [instrumentId, FROM_US, FROM_US + LENGTH_US],
    );
  }
}

function stillRows(instrumentId: number, depthFeed: number, tickFeed: number): { depth: CopyRows; ticks: CopyRows } {
  const market = new SyntheticMarket({ seed: SEED, startUs: FROM_US, session: 'always' });
  const future = market.instruments.findIndex(({ type }) => type === 'FUT');
  const depth = new CopyRows();
  const ticks = new CopyRows();
  const tick = new Tick();
  let traded = 0;
  let volume = 0;
  const listener = {
    book(i: number): void {
      if (i !== future) return;
      for (const side of [BID, ASK] as const) {
        const levels = market.levels(i, side);
        const row = { bookTimeUs: market.nowUs, stampUs: market.nowUs, instrumentId, side, n: 0, flags: 0, levels };
        writeDepthRow(depth, depthFeed, row);
      }
    },
    tick(i: number): void {
      const quote = market.quote(i);
      if (i !== future || quote.volume === volume) return;
      tick.clear();
      tick.instrumentId = instrumentId;
      tick.stampUs = market.nowUs;
      tick.n = 0;
      tick.mode = TICK_MODE.full;
      tick.lastPrice = quote.lastPrice;
      tick.volumeDelta = quote.volume - volume;
      tick.volume = quote.volume;
      tick.aggressor = quote.lastPrice >= (market.levels(i, ASK).prices[0] as number) ? AGGRESSOR.buy : AGGRESSOR.sell;
      tick.confidence = CONFIDENCES[traded % CONFIDENCES.length] as number;
      writeTickRow(ticks, tickFeed, tick);
      volume = quote.volume;
      traded += 1;
    },
  };
  while (market.nowUs < FROM_US + LENGTH_US - STEP_US) market.advance(market.nowUs + STEP_US, listener);
  return { depth, ticks };
}
