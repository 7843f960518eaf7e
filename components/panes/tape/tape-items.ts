import type { TapeTrade } from '../../../lib/client/tape-rows.ts';
import type { TapeGap } from '../../../lib/client/tape-session.ts';
import { printRuns } from '../../../lib/orderflow/split-prints.ts';

export type TapeItem =
  | {
      readonly kind: 'trade';
      readonly key: string;
      readonly trade: TapeTrade;
      readonly quantity: number;
      readonly prints: number;
    }
  | { readonly kind: 'gap'; readonly key: string; readonly gap: TapeGap };

/** Rows of a tape, newest first: prints, split ones as one, and gaps where they were. No run reaches over a gap. */
export function tapeItems(trades: readonly TapeTrade[], gaps: readonly TapeGap[], splitMs: number): TapeItem[] {
  const items: TapeItem[] = [];
  let at = 0;
  const addRuns = (to: number): void => {
    const stretch = trades.slice(at, to);
    for (const run of printRuns(stretch, splitMs * 1000)) {
      const trade = stretch[run.from] as TapeTrade;
      items.push({ kind: 'trade', key: trade.name, trade, quantity: run.quantity, prints: run.to - run.from });
    }
    at = to;
  };
  for (const gap of gaps) {
    let end = at;
    while (end < trades.length && (trades[end] as TapeTrade).stampUs >= gap.fromUs) end += 1;
    addRuns(end);
    items.push({ kind: 'gap', key: `gap ${gap.fromUs}`, gap });
  }
  addRuns(trades.length);
  return items;
}
