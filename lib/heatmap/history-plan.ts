/** Which page of history to ask for next. */
import type { Coverage, Interval } from './coverage.ts';
import { columnOf } from './tiers.ts';

/** Columns of one request: a screen's width decodes in a few ms, and the server allows 4,000. */
export const PAGE_COLUMNS = 1024;

/**
 * The newest part of [fromUs, toUs) that is missing, at most PAGE_COLUMNS columns; null where all is there. It begins
 * with a column, so that each column of the answer is a whole one.
 */
export function nextPage(coverage: Coverage, columnUs: number, fromUs: number, toUs: number): Interval | null {
  const missing = coverage.missing(columnOf(fromUs, columnUs) * columnUs, toUs).at(-1);
  if (!missing) return null;
  const firstColumn = Math.max(columnOf(missing.fromUs, columnUs), Math.ceil(missing.toUs / columnUs) - PAGE_COLUMNS);
  return { fromUs: firstColumn * columnUs, toUs: missing.toUs };
}
