/** How a comparison with the broker came out, in words. */
import type { Grade } from '../../lib/core/finding.ts';
import type { Outcome } from '../../lib/orderflow/coverage-days.ts';

export const OUTCOME_WORDS: Readonly<Record<Outcome, string>> = {
  equal: 'Agrees',
  explained: 'Explained',
  differs: 'Differs',
  no_candles: 'No candles',
  not_made: 'Not compared',
};

/** What each means, for a person who meets it first. */
export const OUTCOME_MEANING: Readonly<Record<Outcome, string>> = {
  equal: 'every number is the broker’s',
  explained: 'what differs lies in gaps, between ticks, or at the edge of a minute',
  differs: 'something differs that nothing explains',
  no_candles: 'the broker has no candles of what was recorded here',
  not_made: 'compared after the close',
};

/** Null: nothing to grade. */
export const OUTCOME_GRADE: Readonly<Record<Outcome, Grade | null>> = {
  equal: 'ok',
  explained: 'ok',
  differs: 'fail',
  no_candles: 'warn',
  not_made: null,
};

/** `99.98 %`; never rounded up to the whole. */
export function shareWords(share: number | null): string {
  if (share === null) return '–';
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}
