/** Loops for variants that are pure computation. */
import { ownCpuSeconds } from './cpu.ts';

/** Wall time, ms. */
export interface Durations {
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** A warm-up long enough for the optimising compiler to have done its work. */
const DURATIONS: Durations = { warmUpMs: 500, measureMs: 1500 };
/** Calls between two looks at the clock. */
const CALLS = 16;

/**
 * Units of work done a CPU second.
 *
 * @param unitsPerCall what one call does
 * @param work returns some number that depends on all it did: it is summed up, so that none of the work can be left out
 */
export function unitsPerCpuSecond(unitsPerCall: number, work: () => number, durations = DURATIONS): number {
  let sink = 0;
  const runFor = (ms: number): number => {
    let calls = 0;
    for (const until = performance.now() + ms; performance.now() < until; calls += CALLS) {
      for (let i = 0; i < CALLS; i += 1) sink += work();
    }
    return calls;
  };
  runFor(durations.warmUpMs);
  const from = ownCpuSeconds();
  const calls = runFor(durations.measureMs);
  const used = ownCpuSeconds() - from;
  if (!Number.isFinite(sink)) throw new Error('the work gave no number');
  return (calls * unitsPerCall) / used;
}
