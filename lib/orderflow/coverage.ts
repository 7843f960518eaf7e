/**
 * How much of what an exchange traded was heard: its sessions by the calendar, less the gaps of the feed. One computation for
 * bars, the coverage calendar and the nightly reconciliation.
 */
import type { MarketHours, Span } from '../calendar/hours.ts';
import type { Exchange } from '../core/exchange.ts';
import { istMidnightUs } from '../core/ist.ts';

const DAY_US = 86_400_000_000;
/** Says that there was nothing to miss (lib/core/gap.ts). */
const MARKET_CLOSED = 'market_closed';

/** An interval of which a feed knows nothing; µs since the epoch. */
export interface CoverageGap {
  readonly fromUs: number;
  /** Null while it lasts. */
  readonly toUs: number | null;
  readonly cause: string;
}

/** A gap within the hours of trading. */
export interface MissedSpan extends Span {
  readonly cause: string;
}

export interface Coverage {
  /** Time of trading that there was to hear, µs. */
  readonly expectedUs: number;
  readonly missingUs: number;
  /** Heard of expected, 0 to 1; null where there was nothing to hear. */
  readonly share: number | null;
  /** What was missed, in the order of time; nothing twice. */
  readonly missed: readonly MissedSpan[];
  /** Missed µs by cause, those with most first. */
  readonly byCause: readonly (readonly [cause: string, us: number])[];
}

/** When an exchange's instruments trade on an IST date; the whole day where the market never closes. */
export function tradedSpans(hours: MarketHours, exchange: Exchange, date: string): Span[] {
  const fromUs = istMidnightUs(date);
  const toUs = fromUs + DAY_US;
  if (hours.mode === 'always') return [{ fromUs, toUs }];
  return hours
    .sessionSpans([{ exchange }], fromUs, toUs - 1)
    .map((span) => ({ fromUs: Math.max(span.fromUs, fromUs), toUs: Math.min(span.toUs, toUs) }))
    .filter((span) => span.toUs > span.fromUs);
}

/**
 * Coverage of some hours of trading.
 *
 * @param spans when there was something to hear, in order, none over another
 * @param gaps of one feed, in any order; they may overlap: what comes first keeps its cause. Closed markets are no gap
 * @param heardFromUs since when the feed was asked for this instrument; before it everything is missing, `not_recorded`
 * @param untilUs up to which everything is stored: what lies after it is not looked at
 */
export function coverageOf(
  spans: readonly Span[],
  gaps: readonly CoverageGap[],
  { heardFromUs = 0, untilUs = Number.POSITIVE_INFINITY }: { heardFromUs?: number; untilUs?: number } = {},
): Coverage {
  const all: CoverageGap[] = [
    { fromUs: 0, toUs: heardFromUs, cause: 'not_recorded' },
    ...gaps.filter(({ cause }) => cause !== MARKET_CLOSED).toSorted((a, b) => a.fromUs - b.fromUs),
  ];
  const missed: MissedSpan[] = [];
  const byCause = new Map<string, number>();
  let expectedUs = 0;
  let missingUs = 0;
  for (const span of spans) {
    const endUs = Math.min(span.toUs, untilUs);
    if (endUs <= span.fromUs) continue;
    expectedUs += endUs - span.fromUs;
    let atUs = span.fromUs;
    for (const gap of all) {
      const fromUs = Math.max(atUs, gap.fromUs);
      const toUs = Math.min(endUs, gap.toUs ?? endUs);
      if (toUs <= fromUs) continue;
      missed.push({ fromUs, toUs, cause: gap.cause });
      byCause.set(gap.cause, (byCause.get(gap.cause) ?? 0) + toUs - fromUs);
      missingUs += toUs - fromUs;
      atUs = toUs;
    }
  }
  return {
    expectedUs,
    missingUs,
    share: expectedUs === 0 ? null : 1 - missingUs / expectedUs,
    missed,
    byCause: [...byCause].toSorted((a, b) => b[1] - a[1]),
  };
}
