/** Which page of history to ask for next. */
import type { Coverage, Interval } from './coverage.ts';
import { columnOf } from './tiers.ts';

/** Columns of one request: a screen's width decodes in a few ms, and the server allows 4,000. */
export const PAGE_COLUMNS = 1024;

export interface WantedHistory {
  /** From here on nothing may be missing, µs. */
  readonly fromUs: number;
  readonly toUs: number;
  /** When something is fetched at all, then back to here: rare large pages rather than a small one at every step. */
  readonly aheadUs: number;
}

/**
 * The newest part of what is wanted that is missing, at most PAGE_COLUMNS columns; null where all is there. It begins
 * with a column, so that each column of the answer is a whole one.
 */
export function nextPage(coverage: Coverage, columnUs: number, wanted: WantedHistory): Interval | null {
  const fromUs = columnOf(wanted.fromUs, columnUs) * columnUs;
  const needed = coverage.missing(fromUs, wanted.toUs).at(-1);
  if (!needed) return null;
  // The same hole, as far back as it goes.
  const whole = coverage.missing(Math.min(fromUs, wanted.aheadUs), needed.toUs).at(-1) ?? needed;
  const firstColumn = Math.max(columnOf(whole.fromUs, columnUs), Math.ceil(needed.toUs / columnUs) - PAGE_COLUMNS);
  return { fromUs: firstColumn * columnUs, toUs: needed.toUs };
}
