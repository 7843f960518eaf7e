/** One series of a future over its expiries, from our own bars or from a broker's candles: of one source, which it names. */
import { candlesBetween } from '../../db/candles.ts';
import { flowBars, flowFeedOf } from '../../db/flow.ts';
import { futuresOf } from '../../db/instruments.ts';
import type { Answer, Query as QueryOf } from '../api/operations.ts';
import { isPresent } from '../core/absent.ts';
import { TIMEFRAMES, type Timeframe } from '../core/candles.ts';
import { slugOf } from '../core/instrument.ts';
import { addDays, formatIstDate } from '../core/ist.ts';
import { barStart } from '../orderflow/bars.ts';
import { type Contract, continuous, type PricedBar } from '../orderflow/continuous.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { findInstrument } from './instruments.ts';
import { inIst } from './times.ts';

const BARS_MAX = 20_000;
/** Contracts that one series may be made of: monthly ones of four years. */
const CONTRACTS_MAX = 48;
const US_PER_DAY = 86_400_000_000;
/** A contract is looked at so long before the one before it expires: volume moves on some days before. */
const OVERLAP_DAYS = 45;

type Query = QueryOf<'/api/orderflow/continuous'>;

/** What the brokers call the lengths that both our bars and their candles come in. */
const INTERVALS = {
  '1m': 'minute',
  '5m': '5minute',
  '15m': '15minute',
  '1h': '60minute',
  '1d': 'day',
} as const satisfies Record<Query['interval'], Timeframe>;

/** @throws RequestError 404, 422 */
export async function continuousBars(caller: Caller, query: Query): Promise<Answer<'/api/orderflow/continuous'>> {
  const { from, to, interval, roll, adjust, source } = query;
  if (to <= from) throw new RequestError(422, 'Empty interval', '`to` must be later than `from`.');
  const barUs = TIMEFRAMES[INTERVALS[interval]];
  if ((to - from) / barUs > BARS_MAX) {
    throw new RequestError(
      422,
      'Too many bars',
      `At most ${BARS_MAX} bars a request: ask for ${Math.floor((BARS_MAX * barUs) / US_PER_DAY)} days or less, or for longer bars.`,
    );
  }
  const instrument = await findInstrument(caller, query.instrument);
  if (!instrument) {
    throw new RequestError(404, 'Unknown instrument', `There is no instrument ${query.instrument.toUpperCase()}.`);
  }
  if (instrument.type !== 'FUT') {
    throw new RequestError(
      422,
      'No future',
      `${instrument.slug} is no future: it has no contracts that follow one another.`,
    );
  }
  const { db } = services();
  const futures = await futuresOf(db, instrument, {
    fromDate: formatIstDate(from),
    toDate: addDays(formatIstDate(to), OVERLAP_DAYS),
  });
  if (futures.length > CONTRACTS_MAX) {
    throw new RequestError(
      422,
      'Too many contracts',
      `The time asked for has ${futures.length} contracts; at most ${CONTRACTS_MAX} are joined in a request.`,
    );
  }
  const contracts: Contract[] = [];
  for (const { id, expiry, ...future } of futures) {
    const read = (us: number, fromUs: number): Promise<PricedBar[]> => barsOf(source, id, us, { fromUs, toUs: to });
    // The roll before `from` may have come already.
    const days = await read(TIMEFRAMES.day, barStart(from - OVERLAP_DAYS * US_PER_DAY, TIMEFRAMES.day));
    // What has not traded in a day has not traded in its minutes.
    const bars = barUs === TIMEFRAMES.day || days.length === 0 ? days : await read(barUs, barStart(from, barUs));
    contracts.push({ symbol: slugOf(future), expiry, days, bars });
  }
  const { bars, rolls } = continuous(contracts, { roll, adjust });
  return {
    name: instrument.name,
    priceScale: instrument.priceScale,
    from: inIst(from),
    to: inIst(to),
    interval,
    roll,
    adjust,
    source,
    contracts: contracts.map(({ symbol, expiry }) => ({ instrument: symbol, expiry })),
    rolls: rolls.map(({ atUs, ...one }) => ({ time: inIst(atUs), ...one })),
    bars: bars
      .filter(({ bar }) => bar.fromUs >= barStart(from, barUs))
      .map(({ contract, bar: { fromUs, open, high, low, close, volume, oi } }) => ({
        time: inIst(fromUs),
        contract,
        open,
        high,
        low,
        close,
        volume,
        oi,
      })),
  };
}

async function barsOf(
  source: Query['source'],
  instrumentId: number,
  barUs: number,
  interval: { readonly fromUs: number; readonly toUs: number },
): Promise<PricedBar[]> {
  const { db } = services();
  if (source !== 'recorded') {
    const timeframe = (Object.keys(TIMEFRAMES) as Timeframe[]).find((name) => TIMEFRAMES[name] === barUs) as Timeframe;
    const candles = await candlesBetween(db, { instrumentId, source, timeframe }, interval);
    return candles.map(({ oi, ...candle }) => ({ ...candle, oi: isPresent(oi) ? oi : null }));
  }
  const feedId = await flowFeedOf(db, instrumentId, interval.fromUs, interval.toUs);
  if (feedId === null) return [];
  const bars = await flowBars(db, { instrumentId, feedId, barUs, ...interval });
  return (
    bars
      // In a bar of what was traded across a gap alone nobody knows a price.
      .filter(({ open }) => isPresent(open))
      .map(({ fromUs, open, high, low, close, volume, oi }) => ({
        fromUs,
        open,
        high,
        low,
        close,
        volume,
        oi: isPresent(oi) ? oi : null,
      }))
  );
}
