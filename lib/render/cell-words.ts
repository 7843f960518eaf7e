/** Lots as short words, kept: the same few numbers are drawn at every frame. */
import { formatCompact, formatLots } from '../heatmap/format.ts';

const KEPT_MAX = 4096;
/** From here on whole numbers are longer than a cell is wide. */
const COMPACT_FROM = 100_000;

const kept = new Map<number, string>();

/** @param quantity units */
export function lotsWords(quantity: number, lotSize: number): string {
  const lots = quantity / lotSize;
  let words = kept.get(lots);
  if (words === undefined) {
    if (kept.size >= KEPT_MAX) kept.clear();
    words = lots >= COMPACT_FROM ? formatCompact(lots) : formatLots(quantity, lotSize);
    kept.set(lots, words);
  }
  return words;
}
