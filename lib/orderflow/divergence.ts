/** Delta divergence: the price makes a new extreme of its last bars and the cumulative delta does not follow. */
import { type Bar, deltaOf } from './bars.ts';

export interface DivergenceRule {
  /** Bars looked back over. */
  readonly bars: number;
  /** By at least so much the price exceeds its old extreme, price units. */
  readonly minMove: number;
  /** By at least so many standard deviations of the bars' deltas the cumulative delta falls short of its own. */
  readonly minSigma: number;
}

/** `bearish`: a new high that buying did not carry; `bullish`: a new low that selling did not. Looks at the last bar. */
export function divergenceOf(bars: readonly Bar[], rule: DivergenceRule): 'bearish' | 'bullish' | null {
  const window = bars.filter(({ trades }) => trades > 0).slice(-rule.bars - 1);
  const last = window.at(-1);
  if (!last || window.length < rule.bars + 1) return null;
  const deltas = window.map(deltaOf);
  const mean = deltas.reduce((sum, delta) => sum + delta, 0) / deltas.length;
  const sigma = Math.sqrt(deltas.reduce((sum, delta) => sum + (delta - mean) ** 2, 0) / deltas.length);
  let running = 0;
  const cumulative = deltas.map((delta) => {
    running += delta;
    return running;
  });
  const before = window.slice(0, -1);
  const cvdBefore = cumulative.slice(0, -1);
  const short = rule.minSigma * sigma;
  if (
    last.high >= Math.max(...before.map(({ high }) => high)) + rule.minMove &&
    running <= Math.max(...cvdBefore) - short
  ) {
    return 'bearish';
  }
  if (
    last.low <= Math.min(...before.map(({ low }) => low)) - rule.minMove &&
    running >= Math.min(...cvdBefore) + short
  ) {
    return 'bullish';
  }
  return null;
}
