/** The coverage calendar as the API answers it and the page shows it. Times in IST, prices in price units. */
import type { Difference, Reconciliation } from './reconcile.ts';

/** Worse ones first. */
export const OUTCOMES = ['differs', 'no_candles', 'not_made', 'explained', 'equal'] as const;
export type Outcome = (typeof OUTCOMES)[number];

export interface GapLine {
  readonly from: string;
  readonly to: string;
  readonly seconds: number;
  readonly cause: string;
  /** Traded in its minutes, by the broker; null where the day was not compared yet. */
  readonly brokerVolume: number | null;
}

export interface InstrumentDay {
  readonly instrument: string;
  readonly feed: string;
  /** Price units in a rupee. */
  readonly priceScale: number;
  /** Share of the trading hours that was heard, 0 to 1; null where there were none. */
  readonly coverage: number | null;
  readonly outcome: Outcome;
  /** Up to when the day was compared; null where it was not. */
  readonly until: string | null;
  readonly final: boolean;
  readonly ours: Reconciliation['ours'] | null;
  readonly broker: Reconciliation['broker'] | null;
  readonly volume: Reconciliation['volume'] | null;
  readonly unattributed: number | null;
  readonly differences: readonly Difference[];
  readonly gaps: readonly GapLine[];
  /** Gaps there are, also those that are not listed. */
  readonly gapCount: number;
  readonly missingMinutes: { readonly count: number; readonly first: readonly string[] };
}

export interface DayAnswer {
  readonly day: string;
  /** Instruments and feeds there are of the day; at most 500 of them are listed. */
  readonly count: number;
  readonly instruments: readonly InstrumentDay[];
}

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

export interface CalendarDay {
  readonly date: string;
  /** Whether anything is traded by the calendar. */
  readonly trading: boolean;
  /** Of a holiday or a special session; empty for ordinary days. */
  readonly name: string;
  /** Null where the day has not been compared. */
  readonly found: Omit<ReconciledDay, 'day'> | null;
}

export interface MonthAnswer {
  readonly month: string;
  /** Today in India. */
  readonly today: string;
  readonly days: readonly CalendarDay[];
}
