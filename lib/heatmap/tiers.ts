/**
 * Column widths. A column stands for one slice of time, aligned to the epoch, and holds the last book of its slice; the
 * zoom decides which width is shown.
 */

/** µs, finest first. Each is a multiple of the one before, so that coarser columns can be made of finer ones. */
export const TIERS_US = [250_000, 1_000_000, 5_000_000, 15_000_000, 60_000_000] as const;

/** Index into TIERS_US. */
export type Tier = 0 | 1 | 2 | 3 | 4;
export const TIERS: readonly Tier[] = [0, 1, 2, 3, 4];
export const COARSEST_TIER = 4 satisfies Tier;

/** Narrower columns than this would have to share a pixel. */
export const COLUMN_PX_MIN = 1;

/** The finest tier whose columns are at least COLUMN_PX_MIN wide. */
export function tierFor(usPerPx: number): Tier {
  for (const tier of TIERS) {
    if (TIERS_US[tier] >= usPerPx * COLUMN_PX_MIN) return tier;
  }
  return COARSEST_TIER;
}

/** Number of the column that an instant falls into. Beyond 32 bits at the finest tier: no bit operators on it. */
export const columnOf = (timeUs: number, columnUs: number): number => Math.floor(timeUs / columnUs);

/** `250 ms`, `1 s`, `1 min`: how a tier is called on screens. */
export function tierName(tier: Tier): string {
  const ms = TIERS_US[tier] / 1000;
  if (ms < 1000) return `${ms} ms`;
  return ms < 60_000 ? `${ms / 1000} s` : `${ms / 60_000} min`;
}
