/** Books for the benches of sealed history: those of the synthetic future, and of recordings of real markets. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { ASK, BID, type Side, SideLevels } from '../../lib/core/side.ts';
import { openReplay } from '../../simulator/replay/open.ts';
import { sharedPath } from '../../tests/support/shared.ts';
import { recordBooks } from './books.ts';

/** Both sides of a book at a time; it stands in rows, files and blocks as frames of 200 levels a side. */
export interface TimedBook {
  /** µs since the epoch. */
  readonly stampUs: number;
  readonly sides: readonly [bids: SideLevels, asks: SideLevels];
}

/** Between two books, as a broker sends them; a recording's faster changes are seen at these times. */
const CADENCE_US = 203_000;
const BOOKS = 1500;
const START_US = Date.UTC(2026, 10, 24, 3, 45) * 1000;

export const DATA_SETS = {
  'NSE-calibrated': null,
  'COIN-M': 'binance-coinm-btcusd_perp-20240808',
  ETH: 'binance-spot-ethusdt-20240808',
  Shanghai: 'sse-l3-20230711/600536sh_events.csv.gz',
} as const;
export type DataSet = keyof typeof DATA_SETS;

/** Those that are there: recordings stand beside the checkout. */
export const presentDataSets = (): DataSet[] =>
  (Object.keys(DATA_SETS) as DataSet[]).filter((name) => {
    const recording = DATA_SETS[name];
    return recording === null || existsSync(sharedPath('data', recording));
  });

/**
 * Each variant is a process of its own, and a recording takes many times longer to play than anything that is measured: the first
 * one that has played it leaves the books to the others of its run in the folder for temporary files.
 */
export async function timedBooks(name: DataSet): Promise<TimedBook[]> {
  const left = path.join(tmpdir(), `gehra-bench-${process.ppid}-${name}.books`);
  if (existsSync(left)) return deserialize(readFileSync(left)) as TimedBook[];
  const books = await play(name);
  writeFileSync(left, serialize(books));
  return books;
}

async function play(name: DataSet): Promise<TimedBook[]> {
  const recording = DATA_SETS[name];
  if (recording !== null) return recordedBooks(sharedPath('data', recording));
  return recordBooks(BOOKS).map(({ bids, asks }, i) => ({ stampUs: START_US + i * CADENCE_US, sides: [bids, asks] }));
}

async function recordedBooks(target: string): Promise<TimedBook[]> {
  const market = await openReplay(target);
  const books: TimedBook[] = [];
  let dueUs = 0;
  const listener = {
    book(i: number): void {
      const levels = (side: Side): SideLevels => {
        const copy = new SideLevels();
        copy.copyFrom(market.levels(i, side));
        return copy;
      };
      if (market.nowUs < dueUs || books.length === BOOKS) return;
      dueUs = market.nowUs + CADENCE_US;
      books.push({ stampUs: market.nowUs, sides: [levels(BID), levels(ASK)] });
    },
    tick: (): void => undefined,
  };
  while (books.length < BOOKS) {
    while (market.loading !== null) await market.loading;
    const nextUs = market.nextUs();
    if (nextUs === Number.POSITIVE_INFINITY) break;
    market.advance(nextUs, listener);
  }
  await market.close();
  return books;
}
