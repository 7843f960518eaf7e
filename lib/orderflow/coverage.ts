/**
 * How much of what an exchange traded was heard: its hours by the calendar, less the gaps of the feed. One computation for
 * bars, the coverage calendar and the nightly reconciliation.
 */
import type { Span } from '../calendar/hours.ts';
import type { TradingHours } from '../calendar/trading-hours.ts';

/** Says that there was nothing to miss (lib/core/gap.ts). */
const MARKET_CLOSED = 'market_closed';

/** Says that nobody had begun to record, or had ended. */
const NOT_RECORDED = 'not_recorded';

/** An interval of which a feed knows nothing; µs since the epoch. */
export interface CoverageGap<Cause extends string = string> {
  readonly fromUs: number;
  /** Null while it lasts. */
  readonly toUs: number | null;
  readonly cause: Cause;
}

/** A gap within the hours of trading. */
export interface MissedSpan<Cause extends string = string> extends Span {
  readonly cause: Cause;
}

export interface Coverage<Cause extends string = string> {
  /** Time of trading that there was to hear, µs. */
  readonly expectedUs: number;
  readonly missingUs: number;
  /** Heard of expected, 0 to 1; null where there was nothing to hear. */
  readonly share: number | null;
  /** What was missed, in the order of time; nothing twice. */
  readonly missed: readonly MissedSpan<Cause>[];
  /** Missed µs by cause, those with most first. */
  readonly byCause: readonly (readonly [cause: Cause, us: number])[];
}

/** Of a day: the share of its session that was heard, and all that was missed of it, auctions too. */
export type DayCoverage<Cause extends string = string> = Pick<Coverage<Cause>, 'share' | 'missed'>;

/** What was recorded, as far as it is known; µs since the epoch. */
export interface RecordedTime {
  /** Before it everything is missing: `not_recorded`, where no gap says why. */
  readonly heardFromUs?: number;
  /** The same of what lies after it. */
  readonly heardToUs?: number;
  /** What lies after it is not looked at. */
  readonly untilUs?: number;
}

/**
 * Coverage of some hours of trading.
 *
 * @param spans when there was something to hear, in order, none over another
 * @param gaps of one feed, in any order; they may overlap: what comes first keeps its cause. Closed markets are no gap
 */
export function coverageOf<Cause extends string>(
  spans: readonly Span[],
  gaps: readonly CoverageGap<Cause>[],
  { heardFromUs = 0, heardToUs = Number.POSITIVE_INFINITY, untilUs = Number.POSITIVE_INFINITY }: RecordedTime = {},
): Coverage<Cause | typeof NOT_RECORDED> {
  const ordered = gaps.filter(({ cause }) => cause !== MARKET_CLOSED).toSorted((a, b) => a.fromUs - b.fromUs);
  const missed: MissedSpan<Cause | typeof NOT_RECORDED>[] = [];
  const byCause = new Map<Cause | typeof NOT_RECORDED, number>();
  let expectedUs = 0;
  let missingUs = 0;
  const miss = (fromUs: number, toUs: number, cause: Cause | typeof NOT_RECORDED): void => {
    if (toUs <= fromUs) return;
    missed.push({ fromUs, toUs, cause });
    byCause.set(cause, (byCause.get(cause) ?? 0) + toUs - fromUs);
    missingUs += toUs - fromUs;
  };
  const passWithoutGap = (fromUs: number, toUs: number): void => {
    miss(fromUs, Math.min(toUs, heardFromUs), NOT_RECORDED);
    miss(Math.max(fromUs, heardFromUs, heardToUs), toUs, NOT_RECORDED);
  };
  for (const span of spans) {
    const endUs = Math.min(span.toUs, untilUs);
    if (endUs <= span.fromUs) continue;
    expectedUs += endUs - span.fromUs;
    let atUs = span.fromUs;
    for (const gap of ordered) {
      const fromUs = Math.max(atUs, gap.fromUs);
      const toUs = Math.min(endUs, gap.toUs ?? endUs);
      if (toUs <= fromUs) continue;
      passWithoutGap(atUs, fromUs);
      miss(fromUs, toUs, gap.cause);
      atUs = toUs;
    }
    passWithoutGap(atUs, endUs);
  }
  return {
    expectedUs,
    missingUs,
    share: expectedUs === 0 ? null : 1 - missingUs / expectedUs,
    missed,
    byCause: [...byCause].toSorted((a, b) => b[1] - a[1]),
  };
}

/** @param gaps as of {@link coverageOf} */
export function coverageOfDay<Cause extends string>(
  hours: TradingHours,
  date: string,
  gaps: readonly CoverageGap<Cause>[],
  recorded: RecordedTime = {},
): DayCoverage<Cause | typeof NOT_RECORDED> {
  const session = hours.sessionOn(date);
  const { share } = coverageOf(session ? [session] : [], gaps, recorded);
  return { share, missed: coverageOf(hours.phasesOn(date), gaps, recorded).missed };
}
