/** Indian Standard Time: UTC + 5:30, all year. Trading days and everything shown to people are in it. */
export const IST_OFFSET_US = 19_800_000_000;

/** ISO date in IST of an instant in µs since the epoch. */
export const formatIstDate = (us: number): string => new Date((us + IST_OFFSET_US) / 1000).toISOString().slice(0, 10);
