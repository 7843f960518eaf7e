/** What of an instrument's flow a request asks for, and what every answer says of itself. */
import { firstHeardUs, gapsBetween, positionOf, type StoredGap } from '../../db/depth.ts';
import { type FlowQuery, flowFeedOf } from '../../db/flow.ts';
import { findInstruments } from '../../db/instruments.ts';
import { INTERVALS } from '../api/intervals.ts';
import { isPresent } from '../core/absent.ts';
import { feedName } from '../core/feeds.ts';
import type { GapCause } from '../core/gap.ts';
import { type InstrumentSummary, parseSlug } from '../core/instrument.ts';
import { barStart } from '../orderflow/bars.ts';
import { coverageOf } from '../orderflow/coverage.ts';
import { FLOW_MINUTE_US } from '../orderflow/flow-rows.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { findInstrument, summariesOf } from './instruments.ts';
import { inIst } from './times.ts';

/** What asks for everything up to now may have been under way for so long, µs. */
const NOW_US = 5_000_000;

/** What every answer over an interval says of itself (lib/api/parts.ts, `ofInterval`). */
interface Answer {
  readonly instrument: string;
  readonly priceScale: number;
  readonly feed: string | null;
  readonly from: string;
  readonly to: string;
  readonly completeTo: string;
  readonly gaps: readonly GapAnswer[];
}

interface GapAnswer {
  readonly from: string;
  readonly to: string | null;
  readonly cause: GapCause;
}

export const gapAnswer = ({ fromUs, toUs, cause }: StoredGap): GapAnswer => ({
  from: inIst(fromUs),
  to: toUs === null ? null : inIst(toUs),
  cause,
});

/** Numbers that are absent are null in answers. */
export const orNull = (value: number): number | null => (isPresent(value) ? value : null);

/** @throws RequestError 422 */
export function mustBeAnInterval({ from, to }: { readonly from: number; readonly to: number }): void {
  if (to <= from) throw new RequestError(422, 'Empty interval', '`to` must be later than `from`.');
}

/** @throws RequestError 422 */
export function mustBeWithin(
  { from, to }: { readonly from: number; readonly to: number },
  mostUs: number,
  instead: string,
): void {
  mustBeAnInterval({ from, to });
  if (to - from > mostUs) throw new RequestError(422, 'Interval too long', instead);
}

/** @throws RequestError 404 */
export async function knownInstrument(caller: Caller, slug: string): Promise<InstrumentSummary> {
  const instrument = await findInstrument(caller, slug);
  if (!instrument) throw new RequestError(404, 'Unknown instrument', `There is no instrument ${slug.toUpperCase()}.`);
  return instrument;
}

/** In the order of the slugs. @throws RequestError 404 naming those that there are not */
export async function knownInstruments(caller: Caller, slugs: readonly string[]): Promise<InstrumentSummary[]> {
  const names = slugs.flatMap((slug) => parseSlug(slug) ?? []);
  const ids = (await findInstruments(services().db, names)).map(({ id }) => id);
  const bySlug = new Map((await summariesOf(caller, ids)).map((instrument) => [instrument.slug, instrument]));
  const unknown = slugs.filter((slug) => !bySlug.has(slug));
  if (unknown.length > 0) {
    throw new RequestError(404, 'Unknown instruments', `There is no instrument ${unknown.join(', ')}.`);
  }
  return slugs.map((slug) => bySlug.get(slug) as InstrumentSummary);
}

/** What of a feed is stored over an interval: what was heard, and when nobody listened. */
export interface Heard {
  /** Before it nobody had begun to listen. */
  readonly heardFromUs: number;
  readonly gaps: readonly StoredGap[];
  readonly completeToUs: number;
}

/** @param feedId null where no feed gives the instrument */
export async function heardOf(
  instrumentId: number,
  feedId: number | null,
  fromUs: number,
  toUs: number,
): Promise<Heard> {
  if (feedId === null) return { heardFromUs: 0, gaps: [], completeToUs: 0 };
  const { db } = services();
  const [heardFromUs, gaps, positionUs] = await Promise.all([
    firstHeardUs(db, instrumentId, feedId, fromUs),
    gapsBetween(db, instrumentId, feedId, fromUs, toUs),
    positionOf(db, feedId),
  ]);
  return { heardFromUs, gaps, completeToUs: Math.min(toUs, positionUs) };
}

export function answerOf(
  instrument: InstrumentSummary,
  feedId: number | null,
  fromUs: number,
  toUs: number,
  { gaps, completeToUs }: Heard,
): Answer {
  return {
    instrument: instrument.slug,
    priceScale: instrument.priceScale,
    feed: feedId === null ? null : feedName(feedId),
    from: inIst(fromUs),
    to: inIst(toUs),
    completeTo: inIst(completeToUs),
    gaps: gaps.map(gapAnswer),
  };
}

/**
 * Up to where cells are read: they are stored by the minute, and one that is over would tell of what traded after `to`. The minute
 * under way has nothing after now to tell.
 */
export const cellsTo = (toUs: number): number =>
  toUs > services().nowMs() * 1000 - NOW_US ? toUs : Math.floor(toUs / FLOW_MINUTE_US) * FLOW_MINUTE_US;

export interface AskedFlow extends Heard {
  readonly toUs: number;
  readonly instrument: InstrumentSummary;
  readonly query: FlowQuery | null;
  readonly answer: Answer;
}

/** What of the flow is asked for, within what may be asked. @throws RequestError */
export async function askedFlow(
  caller: Caller,
  { instrument: slug, from, to }: { readonly instrument: string; readonly from: number; readonly to: number },
  {
    barUs,
    barsMax,
    alignUs = barUs,
    ofCells = false,
  }: { readonly barUs: number; readonly barsMax: number; readonly alignUs?: number; readonly ofCells?: boolean },
): Promise<AskedFlow> {
  mustBeAnInterval({ from, to });
  if ((to - from) / barUs > barsMax) {
    const hours = Math.floor((100 * barsMax * barUs) / INTERVALS['1h']) / 100;
    throw new RequestError(
      422,
      'Too many bars',
      `At most ${barsMax} bars a request: ask for ${hours} hours or less, or for longer bars.`,
    );
  }
  const instrument = await knownInstrument(caller, slug);
  // Bars are given whole: what of the first one lies before `from` belongs to it.
  const fromUs = barStart(from, alignUs);
  const toUs = ofCells ? cellsTo(to) : to;
  const feedId = await flowFeedOf(services().db, instrument.id, fromUs, toUs);
  const heard = await heardOf(instrument.id, feedId, fromUs, toUs);
  return {
    ...heard,
    toUs,
    instrument,
    query: feedId === null ? null : { instrumentId: instrument.id, feedId, fromUs, toUs, barUs },
    answer: answerOf(instrument, feedId, fromUs, toUs, heard),
  };
}

/**
 * Share of an interval that was heard, as lib/orderflow/coverage.ts counts it: what lies before recording began was not, nor what is
 * not stored yet.
 */
export function shareHeard(fromUs: number, toUs: number, { heardFromUs, gaps, completeToUs }: Heard): number {
  return roundedShare(coverageOf([{ fromUs, toUs }], gaps, { heardFromUs, heardToUs: completeToUs }).share ?? 0);
}

/** Shares are told to four places. */
export const roundedShare = (share: number): number => Math.round(share * 10_000) / 10_000;

/** Whether a gap lies between two stamps; that the market was closed is none. */
export const isBroken = (fromUs: number, toUs: number, gaps: readonly StoredGap[]): boolean =>
  gaps.some((gap) => gap.cause !== 'market_closed' && gap.fromUs < toUs && (gap.toUs ?? toUs) > fromUs);
