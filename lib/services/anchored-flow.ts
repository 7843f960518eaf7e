/** Sums from an anchor on: cumulative volume delta and the volume-weighted average price. */
import type { StoredGap } from '../../db/depth.ts';
import { type FlowQuery, flowBars, flowFeedOf, footprintBars } from '../../db/flow.ts';
import { INTERVALS, type Interval } from '../api/intervals.ts';
import type { Answer, Query } from '../api/operations.ts';
import { TradingHours } from '../calendar/trading-hours.ts';
import { barStart, deltaOf } from '../orderflow/bars.ts';
import { cumulativeDelta } from '../orderflow/cumulative-delta.ts';
import { Vwap } from '../orderflow/vwap.ts';
import type { Caller } from './access.ts';
import { answerOf, cellsTo, type Heard, heardOf, knownInstrument, mustBeAnInterval, shareHeard } from './asked-flow.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { knownHours } from './hours.ts';
import { inIst } from './times.ts';

const BARS_MAX = 5000;
/** Bars from the anchor on, shown or not: more than those of a second since yesterday. */
const SUMMED_MAX = 100_000;
const DAYS_MAX = 31;
const MINUTE_US = 60_000_000;
const BANDS = [1, 2, 3] as const;
const DAY_US = INTERVALS['1d'];

/** @throws RequestError 404, 422 */
export async function cvd(caller: Caller, query: Query<'/api/orderflow/cvd'>): Promise<Answer<'/api/orderflow/cvd'>> {
  const flow = await anchoredFlow(caller, query, 1_000_000);
  const { barUs, shownFromUs } = flow;
  const points: Answer<'/api/orderflow/cvd'>['points'][number][] = [];
  let runs = 0;
  for (const segment of flow.segments) {
    const bars = (await flowBars(services().db, segment)).map((bar) => ({
      ...bar,
      fromUs: Math.max(bar.fromUs, segment.fromUs),
    }));
    const sums = cumulativeDelta(bars, barUs, breaksWithin(flow.gaps, segment));
    bars.forEach((bar, i) => {
      const { fromUs, volume, buy, sell, unknown, unattributed } = bar;
      const sum = sums[i];
      if (fromUs < shownFromUs || !sum) return;
      points.push({
        time: inIst(fromUs),
        volume,
        buy,
        sell,
        unknown,
        unattributed,
        delta: deltaOf(bar),
        ...sum,
        run: runs + sum.run,
        coverage: shareHeard(fromUs, barStart(fromUs, barUs) + barUs, flow),
      });
    });
    runs += sums.at(-1)?.run ?? 0;
  }
  return { ...flow.answer, interval: query.interval, points };
}

/** @throws RequestError 404, 422 */
export async function vwap(
  caller: Caller,
  query: Query<'/api/orderflow/vwap'>,
): Promise<Answer<'/api/orderflow/vwap'>> {
  const flow = await anchoredFlow(caller, query, MINUTE_US);
  const { barUs, shownFromUs } = flow;
  const { db } = services();
  const points: Answer<'/api/orderflow/vwap'>['points'][number][] = [];
  for (const segment of flow.segments) {
    const [footprints, bars] = await Promise.all([footprintBars(db, segment, 1), flowBars(db, segment)]);
    const cells = new Map(footprints.map(({ fromUs, cells: of }) => [fromUs, of]));
    const sum = new Vwap();
    let volume = 0;
    let missing = 0;
    for (const bar of bars) {
      for (const { price, buy, sell, unknown } of cells.get(bar.fromUs) ?? []) sum.add(price, buy + sell + unknown);
      volume += bar.volume;
      missing += bar.unattributed;
      const fromUs = Math.max(bar.fromUs, segment.fromUs);
      if (fromUs < shownFromUs || volume === 0) continue;
      points.push({
        time: inIst(fromUs),
        vwap: sum.price,
        deviation: sum.deviation,
        bands: BANDS.map((deviations) => ({
          deviations,
          lower: sum.price - deviations * sum.deviation,
          upper: sum.price + deviations * sum.deviation,
        })),
        volume,
        missing,
        coverage: shareHeard(fromUs, barStart(fromUs, barUs) + barUs, flow),
      });
    }
  }
  return { ...flow.answer, interval: query.interval, points };
}

interface AnchoredFlow extends Heard {
  readonly answer: ReturnType<typeof answerOf>;
  readonly barUs: number;
  /** Sums are made from the anchor on, and shown from here on. */
  readonly shownFromUs: number;
  /** What lies between one anchor and the next, oldest first. */
  readonly segments: readonly FlowQuery[];
}

/** @param anchorUs anchors, and the end where cells are read, are moved to whole multiples of it: what is stored is not divided finer. @throws RequestError */
async function anchoredFlow(
  caller: Caller,
  query: {
    readonly instrument: string;
    readonly from: number;
    readonly to: number;
    readonly interval: Interval;
    readonly anchor: number | 'session';
  },
  anchorUs: number,
): Promise<AnchoredFlow> {
  const { from, anchor } = query;
  const to = anchorUs === MINUTE_US ? cellsTo(query.to) : query.to;
  const barUs = INTERVALS[query.interval];
  mustBeAnInterval(query);
  mustBeFew(query, barUs);
  const instrument = await knownInstrument(caller, query.instrument);
  const hours = new TradingHours(knownHours().hours, instrument.exchange);
  const shownFromUs = barStart(from, barUs);
  const firstUs = anchor === 'session' ? hours.startBefore(shownFromUs) : Math.floor(anchor / anchorUs) * anchorUs;
  const starts = [firstUs, ...(anchor === 'session' ? hours.startsBetween(firstUs, to) : [])];
  const feedId = await flowFeedOf(services().db, instrument.id, firstUs, to);
  const heard = await heardOf(instrument.id, feedId, firstUs, to);
  return {
    ...heard,
    answer: answerOf(instrument, feedId, Math.max(firstUs, shownFromUs), to, heard),
    barUs,
    shownFromUs,
    segments:
      feedId === null
        ? []
        : starts.map((fromUs, i) => ({
            instrumentId: instrument.id,
            feedId,
            fromUs,
            toUs: starts[i + 1] ?? to,
            barUs,
          })),
  };
}

/** @throws RequestError 422 */
function mustBeFew(
  { from, to, anchor }: { readonly from: number; readonly to: number; readonly anchor: number | 'session' },
  barUs: number,
): void {
  if (anchor !== 'session' && anchor >= to) {
    throw new RequestError(422, 'Anchor too late', '`anchor` must be earlier than `to`.');
  }
  const firstUs = anchor === 'session' ? from : Math.min(anchor, from);
  if (to - firstUs > DAYS_MAX * DAY_US) {
    throw new RequestError(
      422,
      'Interval too long',
      `\`to\` may be ${DAYS_MAX} days after \`from\` and the anchor: ask for less, or for a later anchor.`,
    );
  }
  if ((to - firstUs) / barUs > SUMMED_MAX) {
    throw new RequestError(
      422,
      'Too many bars',
      `At most ${SUMMED_MAX} bars from the anchor on: ask for a later anchor, or for longer bars.`,
    );
  }
  if ((to - from) / barUs > BARS_MAX) {
    throw new RequestError(
      422,
      'Too many bars',
      `At most ${BARS_MAX} bars a request: ask for a shorter interval, or for longer bars.`,
    );
  }
}

/** Gaps that a sum breaks at: that the market was closed is none. */
const breaksWithin = (gaps: readonly StoredGap[], { fromUs, toUs }: FlowQuery): StoredGap[] =>
  gaps.filter((gap) => gap.cause !== 'market_closed' && gap.fromUs < toUs && (gap.toUs ?? toUs) > fromUs);
