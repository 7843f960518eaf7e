/**
 * Shanghai Stock Exchange, order by order: `seq,ms,kind,side,order_no,buy_no,sell_no,price,qty`, prices in yuan.
 *
 * `O` came to rest, `C` cancels of an order, `T` traded. An order that trades on arrival appears with its remainder
 * only, after its trades: so a trade takes from the resting order alone (the seller's where the aggressor bought, and
 * the other way round), and from both in a call auction (side `N`), whose book is crossed until then.
 */
import path from 'node:path';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import { readLines } from './lines.ts';
import { listed } from './listing.ts';
import { type Recording, RecordingError, type ReplayState, type Step, StepParser, scaled } from './recording.ts';

export const SHANGHAI_HEADER = 'seq,ms,kind,side,order_no,buy_no,sell_no,price,qty';

/** Call auctions (`N`) have no aggressor. */
const AGGRESSOR_OF_LETTER: Readonly<Record<string, Aggressor>> = { B: AGGRESSOR.buy, S: AGGRESSOR.sell };

/** China is 8 hours ahead of UTC. */
const CHINA_OFFSET_MS = 8 * 3600 * 1000;
const MS_PER_DAY = 24 * 3600 * 1000;

/**
 * The day of a folder whose name ends with it: ISO date, and its midnight in China, ms since the epoch.
 * @throws RecordingError where it does not
 */
export function shanghaiDay(folder: string): { readonly date: string; readonly midnightMs: number } {
  const [, year, month, day] = /(\d{4})(\d{2})(\d{2})$/.exec(path.basename(path.resolve(folder))) ?? [];
  if (!year) throw new RecordingError(`${folder}: the folder's name does not end with the date, as in sse-20230711`);
  const date = `${year}-${month}-${day}`;
  return { date, midnightMs: Date.parse(`${date}T00:00:00Z`) - CHINA_OFFSET_MS };
}

/**
 * `file`: `<code>sh_events.csv[.gz]`; the date, which no line has, is the last part of its folder's name.
 * @throws RecordingError where the name has no code or the folder no date
 */
export function openShanghai(file: string): Recording {
  const code = /^(\d{6})sh_/.exec(path.basename(file))?.[1];
  if (!code)
    throw new RecordingError(`${file}: the file's name does not begin with a stock's code, as in 600536sh_events.csv`);
  const { date, midnightMs } = shanghaiDay(path.dirname(path.resolve(file)));
  const instrument = {
    ...listed({
      exchange: 'NSE',
      symbol: `SH${code}`,
      name: `Shanghai ${code} (yuan as rupees)`,
      type: 'EQ',
      exchangeToken: Number(code),
      tickSize: 1,
      lotSize: 1,
    }),
    scaling: 'prices: yuan stand as rupees, exact; quantities: shares',
  };
  return {
    name: `${instrument.slug} of ${date}`,
    instruments: [instrument],
    unit: 'milliseconds after midnight, China time',
    parseTime(text) {
      if (!/^\d{1,16}$/.test(text)) return null;
      const value = Number(text);
      if (value <= MS_PER_DAY) return value;
      const ms = value / 1000 - midnightMs;
      return ms >= 0 && ms <= MS_PER_DAY ? ms : null;
    },
    async *steps(onBadLine) {
      const parser = new StepParser(
        (line) => (line === SHANGHAI_HEADER ? null : parseLine(line, midnightMs)),
        onBadLine,
      );
      for await (const lines of readLines(file)) {
        const steps = parser.steps(lines);
        if (steps.length > 0) yield steps;
      }
    },
  };
}

function parseLine(line: string, midnightMs: number): Step {
  const [, ms, kind, side, orderNo, buyNo, sellNo, price = '', qty = ''] = line.split(',');
  const at = Number(ms);
  const common = { at, us: (midnightMs + at) * 1000, instrument: 0 };
  const quantity = Number(qty);
  if (!Number.isInteger(at) || !(quantity > 0)) throw new RecordingError(`no Shanghai event: ${line}`);
  if (kind === 'C') {
    return { ...common, apply: ({ book }) => take(book, sideOf(side, line), Number(orderNo), quantity, line) };
  }
  const paise = scaled(price, 100, 'price');
  if (kind === 'O') {
    return { ...common, apply: ({ book }) => void book.rest(Number(orderNo), sideOf(side, line), paise, quantity) };
  }
  if (kind !== 'T') throw new RecordingError(`no Shanghai event: ${line}`);
  return {
    ...common,
    apply(state) {
      if (side !== 'B') take(state.book, BID, Number(buyNo), quantity, line);
      if (side !== 'S') take(state.book, ASK, Number(sellNo), quantity, line);
      state.trade(paise, quantity, common.us, AGGRESSOR_OF_LETTER[side ?? ''] ?? AGGRESSOR.unknown);
    },
  };
}

function sideOf(letter: string | undefined, line: string): Side {
  if (letter === 'B') return BID;
  if (letter === 'S') return ASK;
  throw new RecordingError(`no side: ${line}`);
}

function take(book: ReplayState['book'], side: Side, id: number, quantity: number, line: string): void {
  if (!book.reduce(id, side, quantity)) throw new RecordingError(`an order that is not there: ${line}`);
}
