import { expect, it } from 'vitest';
import type { InstrumentSummary } from '../core/instrument.ts';
import type { BarInterval } from '../orderflow/bar-intervals.ts';
import { BookSeries } from './book-series.ts';
import type { AskMarket } from './market-data.ts';

const at = (time: string): number => Date.parse(`2026-11-25T${time}:00+05:30`) * 1000;

/** Covers OFI from 09:15 up to one instant after the other. @returns what was asked for, in minutes after 09:15 */
async function asked(interval: BarInterval, ...times: string[]): Promise<[from: number, to: number][]> {
  const pieces: [number, number][] = [];
  const minutes = (instant: string): number => (Number(instant) * 1000 - at('09:15')) / 60_000_000;
  const ask = (async (_: string, { from, to }: { from: string; to: string }) => {
    pieces.push([minutes(from), minutes(to)]);
    return { buckets: [] };
  }) as unknown as AskMarket;
  const books = new BookSeries(ask, { slug: 'NSE:SBIN' } as InstrumentSummary, interval, 1, () => undefined);
  books.want(new Set(['ofi']));
  for (const time of times) {
    books.cover(at('09:15'), at(time));
    // Answers are there at once: by then all has been asked for.
    await new Promise(setImmediate);
  }
  return pieces;
}

it('leaves no hole where nothing was asked for longer than a piece', async () => {
  expect(await asked('1m', '09:20', '09:21', '09:50')).toEqual([
    [0, 5],
    [4, 6],
    [25, 35],
    [15, 25],
    [5, 15],
    [0, 5],
  ]);
});

it('asks for bars that are longer than a minute as a whole', async () => {
  // 09:37 lies within a bar that began at 09:35.
  expect(await asked('5m', '09:37', '09:38')).toEqual([
    [15, 22],
    [5, 15],
    [0, 5],
    [15, 23],
  ]);
});
