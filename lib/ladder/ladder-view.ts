/** Where a ladder stands: its uppermost row, and how it follows the market. Rows are those of lib/heatmap/price-rows.ts; higher prices stand above. */

/** `always`: the market stays in the middle; `edge`: it is brought back there when it comes near an edge; `off`: never. */
export const RECENTRE_MODES = ['always', 'edge', 'off'] as const;
export type RecentreMode = (typeof RECENTRE_MODES)[number];

/** Near: within this share of the height from an edge. */
const EDGE_SHARE = 0.15;

/** The uppermost row with which a row stands in the middle of `count`. */
const topWithCentre = (row: number, count: number): number => row + Math.floor((count - 1) / 2);

/**
 * The uppermost row after the market has moved.
 *
 * @param top null: nothing is shown yet, so the market goes to the middle whatever the mode
 * @param low row of the best bid, @param high of the best ask; the same where only one thing is known
 */
export function followed(top: number | null, count: number, low: number, high: number, mode: RecentreMode): number {
  const middle = topWithCentre(Math.round((low + high) / 2), count);
  if (top === null || mode === 'always') return middle;
  if (mode === 'off') return top;
  const margin = Math.floor(count * EDGE_SHARE);
  // Where not even the spread fits, its middle is what can be kept in sight.
  const fits = high - low < count - 2 * margin;
  const [lowest, highest] = fits ? [low, high] : [(low + high) / 2, (low + high) / 2];
  const isInside = highest <= top - margin && lowest >= top - count + 1 + margin;
  return isInside ? top : middle;
}
