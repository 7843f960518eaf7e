/** Instants of the market data API, in µs: requests and answers count whole milliseconds. */
const US_PER_MS = 1000;

/** As a request gives it: the millisecond that holds it. */
export const instantOf = (us: number): string => String(Math.floor(us / US_PER_MS));

/** Of an answer. */
export const usOf = (time: string): number => Date.parse(time) * US_PER_MS;
