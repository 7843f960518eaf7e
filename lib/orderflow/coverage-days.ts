/** What the coverage calendar keeps of a day that was compared with the broker. */

/** Worse ones first. */
export const OUTCOMES = ['differs', 'no_candles', 'not_made', 'explained', 'equal'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** A day as the calendar of coverage shows it. */
export interface ReconciledDay {
  readonly day: string;
  readonly instruments: number;
  /** Mean of the instruments' coverage, and the least of it; null where there was nothing to hear. */
  readonly coverage: number | null;
  readonly least: number | null;
  readonly equal: number;
  readonly explained: number;
  readonly differs: number;
  readonly noCandles: number;
}
