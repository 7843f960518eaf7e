/**
 * Binance, as its market streams were received: `<receive time, ns since the epoch> <JSON>` a line. One line without
 * `stream` is the REST snapshot of the book, which comes after the first differences; it and the differences that
 * follow on it make the book. Of the best-quote stream nothing is needed.
 */
import { AGGRESSOR } from '../core/aggressor.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import { readLines } from './lines.ts';
import type { MarketInstrument } from './listing.ts';
import { listed } from './listing.ts';
import { type Recording, RecordingError, type ReplayState, type Step, StepParser, scaled } from './recording.ts';

export const isBinanceLine = (line: string): boolean => /^\d{19} \{/.test(line);

/** Known symbols: how their prices and quantities stand in whole numbers. */
const SYMBOLS: Readonly<Record<string, { readonly listing: MarketInstrument; readonly quantityScale: number }>> = {
  ETHUSDT: {
    listing: listed({
      exchange: 'NSE',
      symbol: 'ETHUSDT',
      name: 'Ether in US dollars (x10000)',
      type: 'EQ',
      exchangeToken: 900_001,
      tickSize: 1,
      lotSize: 1,
    }),
    quantityScale: 10_000,
  },
  BTCUSD_PERP: {
    listing: listed({
      exchange: 'NSE',
      symbol: 'BTCUSDPERP',
      name: 'Bitcoin perpetual in contracts',
      type: 'EQ',
      exchangeToken: 900_002,
      tickSize: 10,
      lotSize: 1,
    }),
    quantityScale: 1,
  },
};

const NS_PER_DAY = 86_400n * 1_000_000_000n;

type Levels = readonly (readonly [price: string, quantity: string])[];

interface Snapshot {
  readonly lastUpdateId: number;
  readonly bids: Levels;
  readonly asks: Levels;
}

interface Difference {
  /** First and last update it holds; of futures also the last one of the difference before it. */
  readonly U: number;
  readonly u: number;
  readonly pu?: number;
  readonly b: Levels;
  readonly a: Levels;
}

interface Trade {
  readonly p: string;
  readonly q: string;
  /** The buyer had been resting: somebody sold to them. */
  readonly m: boolean;
}

/** `firstLine`: for the symbol and the day. @throws RecordingError where the symbol is not known here */
export function openBinance(file: string, firstLine: string): Recording {
  const symbol = Object.keys(SYMBOLS).find((name) => firstLine.includes(`"${name}"`));
  const known = symbol === undefined ? undefined : SYMBOLS[symbol];
  if (!known)
    throw new RecordingError(`${file}: no known symbol (${Object.keys(SYMBOLS).join(', ')}) in its first line`);
  const { listing, quantityScale } = known;
  const instrument: MarketInstrument = {
    ...listing,
    quantityScale,
    scaling: `prices: US dollars stand as rupees, exact; quantities: 1 on the wire is 1/${quantityScale} of the source's unit`,
  };
  // Nanoseconds since the epoch do not fit a double; since the midnight before the recording they do for a hundred
  // days.
  const firstNs = BigInt(firstLine.slice(0, 19));
  const originNs = firstNs - (firstNs % NS_PER_DAY);
  return {
    name: `${instrument.slug} of ${new Date(Number(originNs / 1_000_000n)).toISOString().slice(0, 10)}`,
    instruments: [instrument],
    unit: 'nanoseconds since the epoch',
    parseTime(text) {
      if (!/^\d{16}$|^\d{19}$/.test(text)) return null;
      const ns = text.length === 19 ? BigInt(text) : BigInt(text) * 1000n;
      const at = Number(ns - originNs);
      return at >= 0 && at < 100 * Number(NS_PER_DAY) ? at : null;
    },
    async *steps(onBadLine) {
      const sync = new BookSync(quantityScale);
      const parser = new StepParser((line) => parseLine(line, originNs, quantityScale, sync), onBadLine);
      for await (const lines of readLines(file)) {
        const steps = parser.steps(lines);
        if (steps.length > 0) yield steps;
      }
    },
  };
}

/** Null where the line changes nothing that is published. */
function parseLine(line: string, originNs: bigint, quantityScale: number, sync: BookSync): Step | null {
  if (!isBinanceLine(line)) throw new RecordingError(`no receive time and JSON: ${line.slice(0, 40)}`);
  const ns = BigInt(line.slice(0, 19));
  const at = Number(ns - originNs);
  const common = { at, us: Number(ns / 1000n), instrument: 0 };
  const message = JSON.parse(line.slice(20)) as { stream?: string; data?: unknown };
  if (message.stream === undefined) {
    const snapshot = message as unknown as Snapshot;
    return { ...common, apply: (state) => sync.begin(state, snapshot) };
  }
  if (message.stream.includes('@depth')) {
    const difference = message.data as Difference;
    return { ...common, apply: (state) => sync.take(state, difference) };
  }
  if (!message.stream.endsWith('@trade')) return null;
  const { p, q, m } = message.data as Trade;
  const price = scaled(p, 100, 'price');
  const quantity = scaled(q, quantityScale, 'quantity');
  const aggressor = m ? AGGRESSOR.sell : AGGRESSOR.buy;
  return { ...common, apply: (state) => state.trade(price, quantity, common.us, aggressor) };
}

/** Differences kept until the snapshot comes: it takes seconds at most. */
const EARLY_MAX = 10_000;

/** Keeps the book by the exchange's own rules for a local copy. */
class BookSync {
  private early: Difference[] = [];
  /** Last update that the book holds; null before the snapshot. */
  private lastId: number | null = null;

  constructor(private readonly quantityScale: number) {}

  begin(state: ReplayState, { lastUpdateId, bids, asks }: Snapshot): void {
    this.set(state, BID, bids);
    this.set(state, ASK, asks);
    const early = this.early.filter(({ u }) => u > lastUpdateId);
    this.early = [];
    this.lastId = lastUpdateId;
    for (const [i, difference] of early.entries()) this.apply(state, difference, i === 0);
    this.begun = early.length > 0;
  }

  take(state: ReplayState, difference: Difference): void {
    if (this.lastId === null) {
      if (this.early.length >= EARLY_MAX) throw new RecordingError(`no snapshot after ${EARLY_MAX} differences`);
      this.early.push(difference);
      return;
    }
    if (difference.u <= this.lastId) return;
    this.apply(state, difference, !this.begun);
    this.begun = true;
  }

  /** Whether a difference has been applied on top of the snapshot. */
  private begun = false;

  private apply(state: ReplayState, difference: Difference, first: boolean): void {
    const { U, u, pu, b, a } = difference;
    const last = this.lastId as number;
    // The first one after the snapshot may overlap it; each further one must follow on the one before.
    const follows = first ? U <= last + 1 : pu === undefined ? U === last + 1 : pu === last;
    if (!follows) throw new RecordingError(`a difference is missing: update ${U} comes after ${last}`);
    this.set(state, BID, b);
    this.set(state, ASK, a);
    this.lastId = u;
  }

  private set(state: ReplayState, side: Side, levels: Levels): void {
    const ladder = state.book.ladders[side];
    for (const [priceText, quantityText] of levels) {
      const price = scaled(priceText, 100, 'price');
      const best = ladder.best ?? price;
      // Somebody's order at twice the price may have a decimal more: it shows in no frame, only in the side's total.
      const isFar = Math.abs(price - best) > best / 2;
      const quantity = isFar
        ? Math.round(Number(quantityText) * this.quantityScale)
        : scaled(quantityText, this.quantityScale, 'quantity');
      ladder.set(price, quantity, 0);
    }
  }
}
