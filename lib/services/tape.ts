/** Stored ticks and trades of an instrument, page by page: pages joined are what is stored, nothing twice and nothing lost. */

import { flowFeedOf } from '../../db/flow.ts';
import { type TickName, type TickPage, type TickRow, ticksOfPage, tradesOfPage } from '../../db/ticks.ts';
import { type Cursor, writeCursor } from '../api/cursor.ts';
import { INTERVALS } from '../api/intervals.ts';
import type { Answer, Query } from '../api/operations.ts';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { TICK_MODE } from '../orderflow/tick.ts';
import type { Caller } from './access.ts';
import { answerOf, heardOf, knownInstrument, mustBeWithin } from './asked-flow.ts';
import { services } from './context.ts';
import { inIst } from './times.ts';

/** A filter that little passes reads the whole interval for a page. */
const DAYS_MAX = 31;
const SIDE_WORDS = { [AGGRESSOR.unknown]: 'unknown', [AGGRESSOR.buy]: 'buy', [AGGRESSOR.sell]: 'sell' } as const;

type PageQuery = Query<'/api/orderflow/tape'>;
type TickAnswer = Answer<'/api/orderflow/ticks'>['ticks'][number];

/** @throws RequestError 404, 422 */
export async function tape(caller: Caller, query: PageQuery): Promise<Answer<'/api/orderflow/tape'>> {
  const { answer, rows, next } = await pageOf(caller, query, true, tradesOfPage);
  return {
    ...answer,
    trades: rows.map(({ stampUs, n, price, quantity, aggressor, confidence, oi }) => ({
      time: inIst(stampUs),
      stampUs,
      n,
      price,
      quantity,
      side: SIDE_WORDS[aggressor],
      confidence,
      oi,
    })),
    next,
  };
}

/** @throws RequestError 404, 422 */
export async function ticks(caller: Caller, query: PageQuery): Promise<Answer<'/api/orderflow/ticks'>> {
  const { answer, rows, next } = await pageOf(caller, query, false, ticksOfPage);
  return { ...answer, ticks: rows.map(tickAnswer), next };
}

async function pageOf<Row extends TickName>(
  caller: Caller,
  query: PageQuery,
  traded: boolean,
  read: (db: ReturnType<typeof services>['db'], page: TickPage) => Promise<Row[]>,
) {
  const { from, to, cursor, limit } = query;
  mustBeWithin(query, DAYS_MAX * INTERVALS['1d'], `At most ${DAYS_MAX} days a request.`);
  const instrument = await knownInstrument(caller, query.instrument);
  const { db } = services();
  // The pages of one reading are of one feed, whichever would be chosen now.
  const feedId = cursor?.feedId ?? (await flowFeedOf(db, instrument.id, from, to));
  const heard = await heardOf(instrument.id, feedId, from, to);
  const answer = answerOf(instrument, feedId, from, to, heard);
  if (feedId === null) return { answer, rows: [], next: null };
  const rows = await read(db, {
    instrumentId: instrument.id,
    feedId,
    fromUs: from,
    toUs: to,
    traded,
    side: query.side && AGGRESSOR[query.side],
    minQuantity: query.min_quantity,
    maxQuantity: query.max_quantity,
    minPrice: query.min_price,
    maxPrice: query.max_price,
    minConfidence: query.min_confidence,
    newestFirst: query.order === 'newest',
    after: cursor ? nameOf(cursor) : null,
    // One more says whether there is a page after this one.
    limit: limit + 1,
  });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const next = rows.length > limit && last ? writeCursor({ feedId, timeUs: last.stampUs, rest: [last.n] }) : null;
  return { answer, rows: shown, next };
}

const nameOf = ({ timeUs, rest: [n = 0] }: Cursor): TickName => ({ stampUs: timeUs, n });

const MODE_WORDS = new Map(
  Object.entries(TICK_MODE).map(([word, mode]) => [mode as number, word as TickAnswer['mode']]),
);

function tickAnswer(row: TickRow): TickAnswer {
  const { stampUs, mode, lastTradeUs, exchangeUs, aggressor } = row;
  const { bidPrices, bidQuantities, bidOrders, askPrices, askQuantities, askOrders, ...numbers } = row;
  const { lastTradeUs: _, exchangeUs: __, aggressor: ___, ...rest } = numbers;
  return {
    ...rest,
    time: inIst(stampUs),
    mode: MODE_WORDS.get(mode) as TickAnswer['mode'],
    lastTradeTime: lastTradeUs === null ? null : inIst(lastTradeUs),
    exchangeTime: exchangeUs === null ? null : inIst(exchangeUs),
    bids: levelsOf(bidPrices, bidQuantities, bidOrders),
    asks: levelsOf(askPrices, askQuantities, askOrders),
    side: SIDE_WORDS[aggressor as Aggressor],
  };
}

function levelsOf(
  prices: readonly number[] | null,
  quantities: readonly number[] | null,
  orders: readonly number[] | null,
): [number, number, number][] | null {
  if (!prices || !quantities || !orders) return null;
  return prices.map((price, i) => [price, quantities[i] ?? 0, orders[i] ?? 0]);
}
