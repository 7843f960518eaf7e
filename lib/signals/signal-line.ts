/** A signal as a line of text: the same for the same signal, whether it comes from a detector or out of the database. */
import type { Signal } from './signal.ts';

/** @param timeUs when it was first told */
export function signalLine(signal: Signal, timeUs: number): string {
  const { cause, evidence, quality } = signal;
  return JSON.stringify([
    signal.id,
    signal.kind,
    signal.detector,
    signal.parameters,
    signal.instrumentId,
    signal.feedId,
    timeUs,
    signal.fromUs,
    signal.toUs,
    signal.foundUs,
    signal.lowPrice,
    signal.highPrice,
    signal.side,
    // As the tables hold them: whole units, and a confidence that is kept in four bytes.
    Math.round(signal.size),
    signal.severity,
    Math.round(signal.confidence * 1000) / 1000,
    Object.entries(cause)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { value, threshold }]) => [name, value, threshold]),
    evidence,
    [quality.frameMs, quality.tickAgeMs],
    signal.state,
  ]);
}
