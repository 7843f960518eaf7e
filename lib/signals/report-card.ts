/** The numbers of a report card: what is made of many outcomes, and what may be concluded from them. */

/** Two-sided 95 % of a normal distribution. */
const Z95 = 1.96;
/** Comparisons with fewer hours behind them say nothing: outcomes of one hour hang together, so hours are what is counted. */
export const HOURS_LEAST = 20;
/** Chance of even one wrong "beats its base rate" among all comparisons of an answer. */
export const FAMILY_ERROR = 0.05;

/** Wilson's interval of a share, 95 % (E. B. Wilson, JASA 22, 1927). */
export function wilson(successes: number, of: number): [number, number] {
  if (of === 0) return [0, 1];
  const share = successes / of;
  const middle = (share + (Z95 * Z95) / (2 * of)) / (1 + (Z95 * Z95) / of);
  const half = (Z95 / (1 + (Z95 * Z95) / of)) * Math.sqrt((share * (1 - share)) / of + (Z95 * Z95) / (4 * of * of));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}

/**
 * Sums over the hours of an instrument; d is a signal's net markout less the mean of its random times, basis points. Of an hour with
 * n signals s is the sum of their d.
 */
export interface HourSums {
  readonly hours: number;
  readonly n: number;
  readonly s: number;
  readonly ss: number;
  readonly sn: number;
  readonly nn: number;
}

export interface Difference {
  /** Mean of d, basis points. */
  readonly mean: number;
  /** Of its 95 % interval. */
  readonly low: number;
  readonly high: number;
  /** Chance of so large a mean or a larger one where there is no difference, one-sided. */
  readonly p: number;
}

/**
 * Mean of d with its error robust to signals of one hour hanging together: the variance of a ratio of sums over clusters
 * (Cochran, Sampling Techniques, 3rd edition, section 11.8), and a normal distribution.
 *
 * @returns null where there are too few hours for it
 */
export function difference({ hours, n, s, ss, sn, nn }: HourSums): Difference | null {
  if (hours < HOURS_LEAST) return null;
  const mean = s / n;
  const squares = Math.max(0, ss - 2 * mean * sn + mean * mean * nn);
  const error = Math.sqrt((hours / (hours - 1)) * squares) / n;
  // Every hour the same: no error to measure a difference with.
  if (error === 0) return { mean, low: mean, high: mean, p: mean > 0 ? 0 : 1 };
  return { mean, low: mean - Z95 * error, high: mean + Z95 * error, p: 1 - normalShare(mean / error) };
}

/** Share of a normal distribution below z (Abramowitz and Stegun 26.2.17, to 7.5e-8). */
export function normalShare(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const tail = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const above = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * tail;
  return z >= 0 ? 1 - above : above;
}

/**
 * Holm's adjusted values of all comparisons that are shown together (S. Holm, Scandinavian Journal of Statistics 6, 1979): holds the
 * chance of even one false find, however they hang together. null stays null and counts for nothing.
 */
export function holm(values: readonly (number | null)[]): (number | null)[] {
  const order = values.flatMap((p, i) => (p === null ? [] : [{ p, i }])).sort((a, b) => a.p - b.p);
  const adjusted = values.map((): number | null => null);
  let largest = 0;
  for (const [rank, { p, i }] of order.entries()) {
    largest = Math.max(largest, Math.min(1, p * (order.length - rank)));
    adjusted[i] = largest;
  }
  return adjusted;
}

export const VERDICTS = ['beats', 'does_not_beat', 'too_few'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** @param adjusted by `holm` */
export const verdictOf = (adjusted: number | null): Verdict =>
  adjusted === null ? 'too_few' : adjusted <= FAMILY_ERROR ? 'beats' : 'does_not_beat';
