/** The shape of every detector: pure, one instrument, time only from its input. */
import type { SideLevels } from '../core/side.ts';

export interface BookInput {
  /** Stamp of the frame, µs since the epoch. */
  readonly stampUs: number;
  readonly bids: SideLevels;
  readonly asks: SideLevels;
  /** Stamps of the newest frame of each side; 0 where there was none since the last gap. */
  readonly bidStampUs: number;
  readonly askStampUs: number;
}

export interface Signal {
  /** `one_sided_book@1`: what found it, and the version of its rules. */
  readonly detector: string;
  readonly stampUs: number;
  /** Numbers that caused it. */
  readonly cause: Readonly<Record<string, number>>;
}

export interface Detector {
  push(input: BookInput): Signal | null;
  /** Forgets everything: nothing is carried over a gap. */
  reset(): void;
}

/** A book is two-sided only while both sides are this fresh. */
export const FRESH_US = 2_000_000;
