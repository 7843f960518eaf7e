/** What figures that only grow grew by in a second, from two answers about health. */
import type { Figure, Health } from '../core/health.ts';

/** An answer so old is not compared with any more: what it would give is the middle of too long a time. */
export const COMPARED_MS = 12_000;

/** By stage, line and name; only those that grew or stood still. A process that was started again counts from 0: no rate then. */
export type Rates = ReadonlyMap<string, number>;

export const rateKey = (part: string, line: string, figure: string): string => `${part}\n${line}\n${figure}`;

function* totalsOf({ stages, processes }: Health): Generator<[string, Figure]> {
  for (const { id, figures, lines } of stages) {
    for (const figure of figures) if (figure.as === 'total') yield [rateKey(id, '', figure.name), figure];
    for (const line of lines) {
      for (const figure of line.figures) if (figure.as === 'total') yield [rateKey(id, line.name, figure.name), figure];
    }
  }
  for (const { name, figures } of processes) {
    for (const figure of figures) if (figure.as === 'total') yield [rateKey('process', name, figure.name), figure];
  }
}

/** @param earlier answers, oldest first */
export function ratesOf(earlier: readonly Health[], current: Health): Rates {
  const before = earlier.map((one) => new Map(totalsOf(one)));
  const rates = new Map<string, number>();
  for (const [key, { value, atMs }] of totalsOf(current)) {
    if (value === null) continue;
    const old = before.map((figures) => figures.get(key)).find((figure) => figure && figure.atMs < atMs);
    if (!old || old.value === null || old.value > value) continue;
    rates.set(key, ((value - old.value) * 1000) / (atMs - old.atMs));
  }
  return rates;
}
