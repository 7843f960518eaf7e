/**
 * What a bench is. Each file `bench/<name>.bench.ts` exports `benches`; run.ts runs each variant of a bench in a fresh
 * process, in rounds, and holds medians against the goals.
 */
import type { GoalId } from './goals.ts';

/** Figures of one run of one variant, by name; the name has the unit at its end: `ticks/cpu-s`, `p99 ms`. */
export type Metrics = Readonly<Record<string, number>>;

/** Why a variant cannot run on this machine. */
export interface Skipped {
  readonly skipped: string;
}

/** What a run was asked for. */
export interface RunOptions {
  /** How long the measurements last that watch something over time. */
  readonly minutes: number;
}

export interface Variant {
  readonly name: string;
  /** What it does, in one line. */
  readonly what: string;
  /** Runs in a process of its own, once a round: warms up, measures, cleans up. */
  run(options: RunOptions): Promise<Metrics | Skipped> | Metrics | Skipped;
}

/** A goal and the figure that is held against it: the metric of one variant, or its ratio to that of another. */
export interface Measure {
  readonly goal: GoalId;
  readonly metric: string;
  readonly variant: string;
  /** What it is divided by. */
  readonly per?: string;
}

export interface Bench {
  readonly name: string;
  /** The unit of work that somebody cares about. */
  readonly what: string;
  /** What a worse figure would mean to whom. */
  readonly worse: string;
  /** Another name that it goes by, with all others of the kind. */
  readonly group?: 'browser';
  /** Rounds at most, where one takes minutes; as many as are asked for otherwise. */
  readonly roundsMax?: number;
  /** Options of Node for every variant's process. */
  readonly nodeOptions?: readonly string[];
  readonly variants: readonly Variant[];
  readonly measures: readonly Measure[];
}
