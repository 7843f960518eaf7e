/**
 * Cumulative volume delta: the sum of bought − sold from an anchor on. What nobody knows the side of is in no sum; how much that
 * is says how far the true sum can lie away.
 */
import { type Bar, barStart, deltaOf } from './bars.ts';

export interface CumulativeDelta {
  /** Units, since the run began. */
  readonly cvd: number;
  /** 1 at the first bar; one more after each gap. */
  readonly run: number;
  /** Units, since the first bar, over gaps. */
  readonly sinceAnchor: number;
  /** Unknown and unattributed units since the first bar. */
  readonly uncertain: number;
}

/** When nobody listened, µs; `toUs` is null while that lasts. */
interface Missed {
  readonly toUs: number | null;
}

/**
 * @param bars by time from the anchor on, oldest first
 * @param barUs length of a bar
 * @param gaps oldest first; a new run begins with the bar in which a gap ends, or with the first one after it
 * @returns one for each bar
 */
export function cumulativeDelta(bars: readonly Bar[], barUs: number, gaps: readonly Missed[]): CumulativeDelta[] {
  let ended = 0;
  let run = 0;
  let cvd = 0;
  let sinceAnchor = 0;
  let uncertain = 0;
  return bars.map((bar) => {
    const endUs = barStart(bar.fromUs, barUs) + barUs;
    let begins = run === 0;
    for (let gap = gaps[ended]; gap && gap.toUs !== null && gap.toUs < endUs; gap = gaps[ended]) {
      ended += 1;
      begins = true;
    }
    if (begins) {
      run += 1;
      cvd = 0;
    }
    cvd += deltaOf(bar);
    sinceAnchor += deltaOf(bar);
    uncertain += bar.unknown + bar.unattributed;
    return { cvd, run, sinceAnchor, uncertain };
  });
}
