/** Where a ladder stands: its uppermost row, and how it follows the market. Rows are those of lib/heatmap/price-rows.ts; higher prices stand above. */

/** `always`: the market stays in the middle; `edge`: it is brought back there when it comes near an edge; `off`: never. */
export const RECENTRE_MODES = ['always', 'edge', 'off'] as const;
export type RecentreMode = (typeof RECENTRE_MODES)[number];

/** Near: within this share of the height from an edge. */
const EDGE_SHARE = 0.15;

/** The uppermost row with which a row stands in the middle of `count`. */
export const topWithCentre = (row: number, count: number): number => row + Math.floor((count - 1) / 2);

/**
 * The uppermost row after the market has moved to `row`.
 *
 * @param top null: nothing is shown yet, so it goes to the middle whatever the mode
 */
export function followed(top: number | null, count: number, row: number, mode: RecentreMode): number {
  if (top === null || mode === 'always') return topWithCentre(row, count);
  if (mode === 'off') return top;
  const margin = Math.floor(count * EDGE_SHARE);
  const isInside = row <= top - margin && row >= top - count + 1 + margin;
  return isInside ? top : topWithCentre(row, count);
}
