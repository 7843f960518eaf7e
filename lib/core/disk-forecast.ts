/** How many more trading days fit a disk, of what the last ones took. */

/** What of the days is kept alike. */
export interface DiskTier {
  /** Mean of its closed days. */
  readonly bytesPerDay: number;
  /** Trading days that it holds now. */
  readonly days: number;
  /** Trading days after which one goes; 0: never. */
  readonly keepDays: number;
}

export interface DiskForecast {
  /** Null: no day is over yet, so nobody knows. Infinity: as much goes as comes. */
  readonly tradingDaysLeft: number | null;
  /** What a trading day takes as long as nothing goes. */
  readonly bytesPerDay: number;
}

/** Left free: a database whose disk is full stops. */
export const DISK_RESERVE_BYTES = 2 ** 30;
const FORECAST_DAYS_MAX = 3650;

/** Goes on day by day, dropping what retention drops, until only the reserve is free. */
export function forecastDisk(freeBytes: number, tiers: readonly DiskTier[]): DiskForecast {
  const bytesPerDay = tiers.reduce((sum, tier) => sum + tier.bytesPerDay, 0);
  if (bytesPerDay === 0) return { tradingDaysLeft: null, bytesPerDay };
  let free = freeBytes - DISK_RESERVE_BYTES;
  for (let day = 0; day < FORECAST_DAYS_MAX; day += 1) {
    const growth = tiers.reduce(
      (sum, tier) => sum + (tier.keepDays > 0 && tier.days + day >= tier.keepDays ? 0 : tier.bytesPerDay),
      0,
    );
    if (growth > free) return { tradingDaysLeft: day, bytesPerDay };
    if (growth === 0) return { tradingDaysLeft: Number.POSITIVE_INFINITY, bytesPerDay };
    free -= growth;
  }
  return { tradingDaysLeft: Number.POSITIVE_INFINITY, bytesPerDay };
}

/** Trading days among so many of the calendar. */
export const tradingDaysOf = (calendarDays: number): number => Math.ceil((calendarDays * 5) / 7);
