/**
 * A morning of three contracts of NIFTY in a database of its own, stored as the writer stores it, and its routes: with a gap, with
 * a pre-open, with frames of depth of both sides. What was stored is kept here too, for tests to work out the answers from.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import pino from 'pino';
import { COPY_HEADER, COPY_TRAILER, CopyRows } from '../../db/copy.ts';
import { addFlow } from '../../db/flow.ts';
import { DEPTH_COPY, TICK_COPY, writeDepthRow, writeTickRow } from '../../db/market-rows.ts';
import { migrate } from '../../db/migrate.ts';
import type { Answer, JsonPath } from '../../lib/api/operations.ts';
import { ASK, BID, type Side, SideLevels } from '../../lib/core/side.ts';
import { enrich, newTickState, noteGap } from '../../lib/orderflow/enrich.ts';
import { type FlowTick, flowOf, flowRows } from '../../lib/orderflow/flow-rows.ts';
import { TICK_MODE, Tick } from '../../lib/orderflow/tick.ts';
import { Random } from '../../simulator/market/random.ts';
import { type ApiRoute, apiRoutes } from '../support/api-routes.ts';
import { createDatabase } from '../support/servers.ts';
import { startTestServices } from '../support/services.ts';

const SECOND_US = 1_000_000;
export const MINUTE_US = 60 * SECOND_US;
/** Wednesday 2026-11-25, 09:15 IST. */
export const OPEN_US = Date.UTC(2026, 10, 25, 3, 45) * 1000;
export const FROM_US = OPEN_US - 5 * MINUTE_US;
export const NOW_US = OPEN_US + 90 * MINUTE_US;
/** Last heard before the gap, and heard again. */
export const GAP = { fromUs: OPEN_US + 40 * MINUTE_US, toUs: OPEN_US + 50 * MINUTE_US };
export const TICKS_FEED = 1;
export const DEPTH_FEED = 31;
export const FUTURE = 'NFO:NIFTY26DECFUT';
export const CALL = 'NFO:NIFTY26DEC26000CE';
export const PUT = 'NFO:NIFTY26DEC26000PE';
export const UNHEARD = 'NSE:SBIN';
const FIRST_PRICES = [2_604_000, 15_000, 11_000];
const DEPTH_LEVELS = 20;
/** Books stored: five a second for ten minutes, around the beginning of a gap of the depth feed. */
export const DEPTH = { fromUs: OPEN_US, toUs: OPEN_US + 10 * MINUTE_US };
/** From the last frame before it, an ask's. */
export const DEPTH_GAP = { fromUs: OPEN_US + 6 * MINUTE_US + 30_000, toUs: OPEN_US + 7 * MINUTE_US };

export interface StoredFrame {
  readonly bookTimeUs: number;
  readonly stampUs: number;
  readonly side: Side;
  readonly levels: SideLevels;
}

export class MarketWorld {
  private constructor(
    readonly client: pg.Client,
    /** By instrument id. */
    readonly ticks: ReadonlyMap<number, readonly FlowTick[]>,
    readonly stored: number,
    readonly frames: readonly StoredFrame[],
    private readonly routes: ReadonlyMap<string, ApiRoute>,
    readonly stop: () => Promise<void>,
  ) {}

  static async begin(postgresUrl: string, nowUs = NOW_US): Promise<MarketWorld> {
    const log = pino({ level: 'silent' });
    const database = await createDatabase(postgresUrl);
    await migrate(database.url, log);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(
      `INSERT INTO gehra.instruments (exchange, symbol, name, type, expiry, strike, price_scale, tick_size, lot_size)
       VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', '2026-12-29', NULL, 100, 10, 65),
         ('NFO', 'NIFTY26DEC26000CE', 'NIFTY', 'CE', '2026-12-29', 2600000, 100, 5, 65),
         ('NFO', 'NIFTY26DEC26000PE', 'NIFTY', 'PE', '2026-12-29', 2600000, 100, 5, 65),
         ('NSE', 'SBIN', 'STATE BANK', 'EQ', NULL, NULL, 100, 5, 1)`,
    );
    await client.query('INSERT INTO gehra.subscriptions SELECT id, $1 FROM generate_series(1, 3) AS id', [TICKS_FEED]);
    await client.query('INSERT INTO gehra.subscriptions VALUES (1, $1)', [DEPTH_FEED]);
    await client.query(
      `INSERT INTO gehra.feed_gaps VALUES ($1, to_timestamp($2 / 1e6), to_timestamp($3 / 1e6), 'network', '{1,2,3}'),
         ($4, to_timestamp($5 / 1e6), to_timestamp($6 / 1e6), 'silent', '{1}')`,
      [TICKS_FEED, GAP.fromUs, GAP.toUs, DEPTH_FEED, DEPTH_GAP.fromUs, DEPTH_GAP.toUs],
    );
    await client.query('INSERT INTO gehra.feed_positions VALUES ($1, $3), ($2, $3)', [TICKS_FEED, DEPTH_FEED, NOW_US]);
    const ticks = new Map<number, FlowTick[]>();
    let stored = 0;
    for (const instrumentId of [1, 2, 3]) {
      const made = await storeTicks(client, instrumentId);
      ticks.set(instrumentId, made.flow);
      stored += made.count;
    }
    const frames = await storeDepth(client);
    const { stop } = await startTestServices(
      database.url,
      log,
      { GEHRA_DATA_DIR: '/nonexistent', MARKET_HOURS: 'calendar' },
      () => nowUs / 1000,
    );
    const routes = new Map((await apiRoutes()).filter(({ method }) => method === 'GET').map((one) => [one.path, one]));
    return new MarketWorld(client, ticks, stored, frames, routes, async () => {
      await stop();
      await client.end();
      await database.drop();
    });
  }

  /** Asks a route as whoever sits at the machine of the demo. */
  async get(path: string, query: Record<string, string> = {}): Promise<Response> {
    const route = this.routes.get(path);
    if (!route) throw new Error(`no route answers ${path}`);
    const address = `http://127.0.0.1:3000${path}?${new URLSearchParams(query)}`;
    return route.handler(new Request(address, { headers: { host: '127.0.0.1:3000' } }), {
      params: Promise.resolve({}),
    });
  }

  /** The answer of a request that must be answered. */
  async ask<Path extends JsonPath>(path: Path, query: Record<string, string> = {}): Promise<Answer<Path>> {
    const response = await this.get(path, query);
    const body = (await response.json()) as Answer<Path> & { detail?: string };
    if (response.status !== 200) throw new Error(`${response.status}: ${body.detail}`);
    return body;
  }
}

export const iso = (us: number): string => new Date(us / 1000).toISOString();

/** The whole morning of the future. */
export const morning = (more: Record<string, string> = {}): Record<string, string> => ({
  instrument: FUTURE,
  from: iso(OPEN_US),
  to: iso(NOW_US),
  ...more,
});

/** Ticks of a contract as the collector would have made them, stored as the writer would have. */
async function storeTicks(client: pg.Client, instrumentId: number): Promise<{ flow: FlowTick[]; count: number }> {
  const random = new Random(2026, instrumentId);
  const state = newTickState();
  const tick = new Tick();
  const rows = new CopyRows();
  const flow: FlowTick[] = [];
  const step = instrumentId === 1 ? 10 : 5;
  let price = FIRST_PRICES[instrumentId - 1] as number;
  let volume = 0;
  let oi = 1_000_000;
  let count = 0;
  let wasInGap = false;
  const pick = (most: number): number => Math.floor(random.uniform() * most);
  for (let stampUs = FROM_US + instrumentId; stampUs < NOW_US; stampUs += 300_000 + pick(1_400_000)) {
    // The market goes on while nobody listens.
    const isTrade = random.uniform() < 0.7;
    price += (pick(5) - 2) * step;
    if (isTrade) volume += 65 * (1 + pick(6));
    if (random.uniform() < 0.2) oi += 65 * (pick(7) - 3);
    if (stampUs > GAP.fromUs && stampUs < GAP.toUs) {
      wasInGap = true;
      continue;
    }
    if (wasInGap) noteGap(state);
    wasInGap = false;
    tick.clear();
    tick.instrumentId = instrumentId;
    tick.stampUs = stampUs;
    tick.n = pick(3);
    tick.mode = TICK_MODE.full;
    tick.lastPrice = price;
    tick.volume = volume;
    tick.oi = oi;
    tick.close = FIRST_PRICES[instrumentId - 1] as number;
    for (const [side, sign] of [
      [tick.bids, -1],
      [tick.asks, 1],
    ] as const) {
      side.count = 5;
      for (let i = 0; i < 5; i += 1) {
        side.prices[i] = price + sign * step * (i + (random.uniform() < 0.5 ? 0 : 1) * (i === 0 ? 1 : 0));
        side.quantities[i] = 65 * (1 + pick(20));
        side.orders[i] = 1 + pick(4);
      }
    }
    enrich(tick, state, 'NFO');
    writeTickRow(rows, TICKS_FEED, tick);
    count += 1;
    const one = flowOf(TICKS_FEED, tick);
    if (one) flow.push(one);
  }
  await copy(client, TICK_COPY, rows);
  // In batches that cut seconds and minutes anywhere, as a writer's do.
  for (let at = 0; at < flow.length; at += 97) await addFlow(client, flowRows(flow.slice(at, at + 97)));
  return { flow, count };
}

/** Books of the future, the ask 30 ms after the bid and under the bid's time. */
async function storeDepth(client: pg.Client): Promise<StoredFrame[]> {
  const random = new Random(2026, 9);
  const rows = new CopyRows();
  const frames: StoredFrame[] = [];
  let best = 2_604_000;
  for (let bookTimeUs = DEPTH.fromUs; bookTimeUs < DEPTH.toUs; bookTimeUs += 200_000) {
    best += (Math.floor(random.uniform() * 3) - 1) * 10;
    if (bookTimeUs > DEPTH_GAP.fromUs && bookTimeUs < DEPTH_GAP.toUs) continue;
    for (const side of [BID, ASK] as const) {
      const levels = new SideLevels();
      levels.count = DEPTH_LEVELS;
      for (let i = 0; i < DEPTH_LEVELS; i += 1) {
        levels.prices[i] = side === BID ? best - 10 * i : best + 10 + 10 * i;
        levels.quantities[i] = 65 * (1 + Math.floor(random.uniform() * 30));
        levels.orders[i] = 1 + Math.floor(random.uniform() * 5);
      }
      const stampUs = bookTimeUs + (side === ASK ? 30_000 : 0);
      frames.push({ bookTimeUs, stampUs, side, levels });
      writeDepthRow(rows, DEPTH_FEED, { bookTimeUs, stampUs, instrumentId: 1, side, n: 0, flags: 0, levels });
    }
  }
  await copy(client, DEPTH_COPY, rows);
  return frames;
}

async function copy(client: pg.Client, statement: string, rows: CopyRows): Promise<void> {
  const parts = [COPY_HEADER, rows.slice(0, rows.length), COPY_TRAILER];
  await pipeline(Readable.from(parts), client.query(copyFrom(statement)));
}
