/** Words of report cards. */
import type { Answer } from '../../lib/api/operations.ts';
import type { ToldSignal } from '../../lib/api/signals.ts';
import { directionOfBids } from '../../lib/signals/outcome.ts';
import type { SignalKind } from '../../lib/signals/signal.ts';

export type Report = Answer<'/api/signals/report'>;
export type ReportGroup = Report['groups'][number];

/** So far back report cards look, days. */
export const REPORT_DAYS = 30;

export const horizonWords = (seconds: number): string => (seconds < 300 ? `${seconds} s` : `${seconds / 60} min`);

/** What a kind says of the price. */
export function predictionWords(kind: SignalKind): string {
  const ofBids = directionOfBids(kind);
  if (ofBids === 0) return 'It speaks of no direction: how far the price goes is measured, whichever way.';
  const [bid, ask] = ofBids === 1 ? ['up', 'down'] : ['down', 'up'];
  return `Of the bid side it is taken to say that the price goes ${bid}, of the ask side ${ask}.`;
}

/** What the horizons of a kind come to, said plainly. */
export function verdictWords(groups: readonly ReportGroup[]): string {
  const beats = groups.filter(({ verdict }) => verdict === 'beats').map(({ horizonS }) => horizonWords(horizonS));
  if (beats.length > 0) return `Beats its base rate after ${beats.join(', ')}.`;
  return groups.some(({ verdict }) => verdict === 'does_not_beat')
    ? 'Does not beat its base rate.'
    : 'Too few to say whether it beats its base rate.';
}

export const signed = (value: number | null): string =>
  value === null ? '–' : `${value > 0 ? '+' : ''}${value.toFixed(2).replace('-', '−')}`;

const percent = (share: number): string => (100 * share).toFixed(0);

/** `52 % (47–57)` */
export const hitWords = ({ hitRate, hitLow, hitHigh }: ReportGroup['signals']): string =>
  hitRate === null ? '–' : `${percent(hitRate)} % (${percent(hitLow)}–${percent(hitHigh)})`;

/** So long after a signal its row says what those of its kind were worth, s. */
const ROW_HORIZON_S = 60;

/** What signals of this one's kind were worth after a minute; null where none has been measured. */
export const worthOf = ({ groups }: Report, { kind, detector }: ToldSignal): ReportGroup | null => {
  const detectors = detector.startsWith('predecessor') ? 'predecessor' : 'own';
  return (
    groups.find(
      (group) =>
        group.by === 'all' &&
        group.kind === kind &&
        group.detectors === detectors &&
        group.horizonS === ROW_HORIZON_S &&
        group.signals.n > 0,
    ) ?? null
  );
};

const rate = (share: number | null): string => (share === null ? '–' : `${percent(share)} %`);

/** `52 % : 49 %`: hits, and those of random times. */
export const worthWords = ({ signals, random }: ReportGroup): string =>
  `${rate(signals.hitRate)} : ${rate(random.hitRate)}`;

const VERDICT_WORDS = {
  beats: 'better than its base rate',
  does_not_beat: 'no better than its base rate',
  too_few: 'too few to judge',
} as const;

/** The same as a sentence. */
export const worthSentence = ({ horizonS, signals, random, verdict }: ReportGroup): string =>
  `In ${REPORT_DAYS} days ${hitWords(signals)} of ${signals.n} were hits after ${horizonWords(horizonS)}, against ${hitWords(random)} at random times: ${VERDICT_WORDS[verdict]}.`;

/** What the verdicts of an answer hold for together. */
export const comparisonWords = ({
  comparisons,
  familyError,
  hoursLeast,
}: Pick<Report, 'comparisons' | 'familyError' | 'hoursLeast'>): string =>
  `Comparisons judged here at once: ${comparisons}. Of so many some look good by luck alone. By Holm’s method the chance of even one wrong “beats” among them is at most ${percent(familyError)} %. A comparison needs ${hoursLeast} hours with signals, as those of one hour hang together.`;
