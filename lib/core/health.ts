/** How a whole installation is, as `/api/health` says it and the page Health and `./gehra doctor` show it. */

/** `off`: there is nothing to do now, as outside market hours; `late`: it works, and not in time. */
export type StageState = 'ok' | 'late' | 'down' | 'off';

export interface Figure {
  readonly name: string;
  /** null where it is not known. */
  readonly value: number | null;
  /** `total` only grows: what it grew by in a second is told of it. */
  readonly as: 'total' | 'count' | 'ms' | 'bytes';
  /** When it was measured, ms since the epoch. */
  readonly atMs: number;
}

/** One of the things that a stage is made of: a feed, a writer. */
export interface StageLine {
  readonly name: string;
  readonly state: StageState;
  readonly words: string;
  readonly figures: readonly Figure[];
}

export type StageId =
  | 'feeds'
  | 'collectors'
  | 'redis'
  | 'writers'
  | 'database'
  | 'signals'
  | 'jobs'
  | 'web'
  | 'browsers';

/** A step that market data goes through. */
export interface Stage {
  readonly id: StageId;
  readonly title: string;
  readonly state: StageState;
  /** In one line, how it is, or what is wrong. */
  readonly words: string;
  readonly figures: readonly Figure[];
  readonly lines: readonly StageLine[];
}

/** Something that went wrong, in words. */
export interface Incident {
  /** Since when, ms since the epoch; null where that is not known. */
  readonly fromMs: number | null;
  /** `over`: it is no more. */
  readonly state: 'late' | 'down' | 'over';
  readonly words: string;
  /** Why, and what to do. */
  readonly advice: string;
}

export interface Health {
  readonly nowMs: number;
  readonly state: StageState;
  /** The whole in one line. */
  readonly words: string;
  readonly stages: readonly Stage[];
  /** Processor and memory of each process. */
  readonly processes: readonly StageLine[];
  /** Newest first, those that are not over before the others. */
  readonly incidents: readonly Incident[];
}

const BADNESS: readonly StageState[] = ['off', 'ok', 'late', 'down'];

/** The worst of them; off where there are none. */
export const worstState = (states: readonly StageState[]): StageState =>
  BADNESS[Math.max(0, ...states.map((state) => BADNESS.indexOf(state)))] as StageState;

/** `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function durationWords(ms: number): string {
  if (ms < 10_000) return `${Math.round(Math.max(0, ms) / 100) / 10} s`;
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${seconds} s`;
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}
