/**
 * NSE, as far as summaries of it were kept: three CSV files of the NIFTY future. None holds a whole book.
 *
 * - Kite ticks: time (UTC, whole seconds), last price and open interest were observed; everything else in the file was
 *   computed by others and is not replayed. No book, no volume.
 * - Dhan full packets: everything in the packet, five levels; orders of the first level only.
 * - 200-level summary: best prices, and per side the sum of quantity and orders. Goes out as one level a side: the best
 *   price with the side's sums. The levels themselves are not to be had.
 */
import { ASK, BID, SideLevels } from '../core/side.ts';
import { readLines } from './lines.ts';
import type { MarketInstrument } from './listing.ts';
import { listed } from './listing.ts';
import type { Quote } from './quote.ts';
import { type Recording, RecordingError, type Step, StepParser } from './recording.ts';

const KITE_HEADER = 'time,trading_symbol,last_price,';
const FULL_HEADER = 'time,type,ltp,volume,oi,';
const DEPTH_HEADER = 'timestamp,best_bid,best_ask,';

const IST = '+05:30';
const LEVELS = 5;

const FUTURE = listed({
  exchange: 'NFO',
  symbol: 'NIFTY25DECFUT',
  name: 'NIFTY',
  type: 'FUT',
  expiry: '2025-12-30',
  exchangeToken: 49_543,
  tickSize: 10,
  lotSize: 75,
});

/** Fields of a row by the header's names. */
type Row = (name: string) => string;

interface Format {
  readonly scaling: string;
  /** Column of the time, and the zone it is in. */
  readonly time: readonly [column: string, zone: string];
  step(row: Row, common: Pick<Step, 'at' | 'us' | 'instrument'>): Step | null;
}

const KITE_TICKS: Format = {
  scaling: 'last price and open interest only; no book, no volume',
  time: ['time', ''],
  step: (row, common) => ({
    ...common,
    apply: (state) => {
      state.change((quote) => {
        quote.price(price(row('last_price')));
        quote.openInterest(Number(row('oi')));
      });
    },
  }),
};

const FULL_PACKETS: Format = {
  scaling: 'five levels a side; orders of the first level only',
  time: ['time', IST],
  step(row, common) {
    if (row('type') !== 'full') return null;
    const bids = fiveLevels(row, 'bid');
    const asks = fiveLevels(row, 'ask');
    return {
      ...common,
      apply(state) {
        state.replaceSide(BID, bids);
        state.replaceSide(ASK, asks);
        state.totalsFromBook = false;
        state.change((quote) => readFull(row, quote, common.us));
      },
    };
  },
};

const DEPTH_SUMMARY: Format = {
  scaling: "one level a side: the best price with the quantity and the orders of all the side's levels",
  time: ['timestamp', IST],
  step(row, common) {
    const bids = oneLevel(row('best_bid'), row('total_bid_qty'), row('total_bid_orders'));
    const asks = oneLevel(row('best_ask'), row('total_ask_qty'), row('total_ask_orders'));
    return {
      ...common,
      apply(state) {
        state.replaceSide(BID, bids);
        state.replaceSide(ASK, asks);
      },
    };
  },
};

/** Null where the first line is no header of these files. */
export function openNseSummary(file: string, firstLine: string): Recording | null {
  const format = formatOf(firstLine);
  if (!format) return null;
  const columns = new Map(firstLine.split(',').map((name, i) => [name, i]));
  const instrument: MarketInstrument = { ...FUTURE, scaling: format.scaling };
  return {
    name: `${instrument.slug} of 2025-12-29`,
    instruments: [instrument],
    isSummary: format === DEPTH_SUMMARY,
    unit: 'microseconds since the epoch',
    parseTime: (text) => (/^\d{16}$/.test(text) ? Number(text) : null),
    async *steps(onBadLine) {
      const parse = (line: string): Step | null => {
        if (line === firstLine) return null;
        const fields = line.split(',');
        const row: Row = (name) => fields[columns.get(name) ?? -1] ?? '';
        const us = timeOf(row(format.time[0]), format.time[1]);
        return format.step(row, { at: us, us, instrument: 0 });
      };
      const parser = new StepParser(parse, onBadLine);
      for await (const lines of readLines(file)) {
        const steps = parser.steps(lines);
        if (steps.length > 0) yield steps;
      }
    },
  };
}

function formatOf(firstLine: string): Format | null {
  if (firstLine.startsWith(KITE_HEADER)) return KITE_TICKS;
  if (firstLine.startsWith(FULL_HEADER)) return FULL_PACKETS;
  return firstLine.startsWith(DEPTH_HEADER) ? DEPTH_SUMMARY : null;
}

/** `2025-12-29 13:40:00.940839`, µs since the epoch. `zone`: where the text names none. */
function timeOf(text: string, zone: string): number {
  const match = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?:\.(\d{1,6}))?(\+\d{2})?$/.exec(text);
  const ms = match ? Date.parse(`${match[1]}T${match[2]}${match[4] ? `${match[4]}:00` : zone}`) : Number.NaN;
  if (!match || Number.isNaN(ms)) throw new RecordingError(`no time: ${text}`);
  return ms * 1000 + Number((match[3] ?? '').padEnd(6, '0'));
}

/** The files carry noise of float32 arithmetic: every price is a multiple of the tick. */
const price = (text: string): number => Math.round((Number(text) * 100) / FUTURE.tickSize) * FUTURE.tickSize;

function fiveLevels(row: Row, side: 'bid' | 'ask'): SideLevels {
  const levels = new SideLevels();
  for (let level = 1; level <= LEVELS; level += 1) {
    const quantity = Number(row(`${side}_qty_${level}`));
    if (quantity === 0) continue;
    levels.prices[levels.count] = price(row(`${side}_price_${level}`));
    levels.quantities[levels.count] = quantity;
    levels.orders[levels.count] = Number(row(`${side}_orders_${level}`));
    levels.count += 1;
  }
  return levels;
}

function oneLevel(best: string, quantity: string, orders: string): SideLevels {
  const levels = new SideLevels();
  levels.count = 1;
  levels.prices[0] = price(best);
  levels.quantities[0] = Number(quantity);
  levels.orders[0] = Number(orders);
  return levels;
}

function readFull(row: Row, quote: Quote, us: number): void {
  quote.lastPrice = price(row('ltp'));
  quote.lastQuantity = Number(row('ltq'));
  quote.lastTradeUs = us;
  quote.volume = Number(row('volume'));
  // The average is between ticks and all that is known of the turnover.
  quote.turnover = Math.round(Number(row('atp')) * 100) * quote.volume;
  quote.buyQuantity = Number(row('total_buy_qty'));
  quote.sellQuantity = Number(row('total_sell_qty'));
  quote.open = price(row('open'));
  quote.high = price(row('high'));
  quote.low = price(row('low'));
  quote.previousClose = price(row('close'));
  quote.openInterest(Number(row('oi')));
}
