/**
 * What a process counts and measures of itself, in Prometheus's terms. Metrics are made where they stand for something
 * (collectors/metrics.ts, workers/writer/metrics.ts, ...), all in this one registry of the process; lib/queue/metrics.ts tells them.
 * In hot paths a metric is bound to its labels once: `frames.labels(feed)`.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export const registry = new Registry();

/** Of times, s: from a send within the machine to a batch that waited for a database to come back. */
export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts what only ever grows; its name ends with `_total`. */
export const counter = <Label extends string>(name: string, help: string, labels: readonly Label[] = []) =>
  new Counter({ name, help, labelNames: [...labels], registers: [registry] });

/** Holds what goes up and down. */
export const gauge = <Label extends string>(name: string, help: string, labels: readonly Label[] = []) =>
  new Gauge({ name, help, labelNames: [...labels], registers: [registry] });

/** Counts values by fixed limits. */
export const histogram = <Label extends string>(
  name: string,
  help: string,
  buckets: readonly number[] = SECONDS,
  labels: readonly Label[] = [],
) => new Histogram({ name, help, buckets: [...buckets], labelNames: [...labels], registers: [registry] });

/** What can only be where the code is wrong or a disk is damaged: each is counted, said in the log, and alarmed about. */
export type Invariant =
  /** An entry of our own stream could not be read. */
  | 'entry_unreadable'
  /** A journal had a record that was not what was written. */
  | 'journal_damaged'
  /** Somebody else moved the position of a feed that this writer holds. */
  | 'position_moved';

const violations = counter(
  'gehra_invariant_violations_total',
  'Times that something was seen that must never be, since the process started.',
  ['invariant'],
);
const INVARIANTS: readonly Invariant[] = ['entry_unreadable', 'journal_damaged', 'position_moved'];
// A counter that begins with 1 has not grown for a Prometheus.
for (const invariant of INVARIANTS) violations.inc({ invariant }, 0);

export const violated = (invariant: Invariant): void => violations.inc({ invariant });

let processWatched = false;

/** Begins with what every process has: processor, memory, files, delay of the event loop, garbage collections. */
export function watchProcess(): void {
  if (processWatched) return;
  processWatched = true;
  collectDefaultMetrics({ register: registry });
}
