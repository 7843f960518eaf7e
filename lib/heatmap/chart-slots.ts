/**
 * Places of a chart of bars, one beside the other: brokers' candles, bars of our own, and room for the time in which nobody
 * listened, which is neither skipped nor drawn over. Time in which the market was closed has no place.
 */
import { formatIstDate } from '../core/ist.ts';
import { barStart } from '../orderflow/bars.ts';
import type { SeriesBar } from '../orderflow/open-bars.ts';
import type { Gap } from './gaps.ts';

/** Prices of a candle, price units; the numbers of a broker. */
export interface OtherCandle {
  readonly fromUs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  readonly oi: number | null;
}

export interface Slot {
  /** Beginning, µs since the epoch. */
  readonly us: number;
  /** Null where nobody listened, and before our recording. */
  readonly bar: SeriesBar | null;
  /** A broker's; null elsewhere. */
  readonly candle: OtherCandle | null;
  /** Why nobody listened; null where somebody did. */
  readonly cause: string | null;
  /** Something was missed since the place before: no line is drawn between the two. */
  readonly broken: boolean;
  /** First of its day in India: sums that begin with the day begin here. */
  readonly newDay: boolean;
}

/** Places that one gap takes at most; longer ones are drawn shorter than they were. */
const GAP_SLOTS_MAX = 24;
/** Below this share of its time heard, a bar is shown as one of which something is missing. */
export const WHOLE_SHARE = 0.98;

const MARKET_CLOSED = 'market_closed';

export interface SlotInput {
  readonly candles: readonly OtherCandle[];
  readonly bars: readonly SeriesBar[];
  readonly barUs: number;
  /** Oldest first. */
  readonly gaps: readonly Gap[];
  /** An open gap reaches up to here. */
  readonly nowUs: number;
}

/** @returns oldest first, no two with the same beginning */
export function slotsOf({ candles, bars, barUs, gaps, nowUs }: SlotInput): Slot[] {
  const missed = gaps.filter(({ cause }) => cause !== MARKET_CLOSED);
  const slots: Slot[] = [];
  let day = '';
  const push = (us: number, part: Partial<Slot>): void => {
    const date = formatIstDate(us);
    slots.push({ us, bar: null, candle: null, cause: null, broken: false, newDay: date !== day, ...part });
    day = date;
  };
  const firstUs = bars[0]?.fromUs ?? Number.POSITIVE_INFINITY;
  for (const candle of candles) if (candle.fromUs < firstUs) push(candle.fromUs, { candle });
  let endUs = Number.NEGATIVE_INFINITY;
  const pass = (toUs: number): void => {
    for (const gap of missed)
      if (gap.toUs > endUs && gap.fromUs < toUs) pushGap(gap, Math.max(endUs, gap.fromUs), toUs);
  };
  const pushGap = (gap: Gap, fromUs: number, toUs: number): void => {
    const lastUs = Math.min(gap.toUs, toUs, nowUs);
    const beginUs = barStart(fromUs, barUs) + (barStart(fromUs, barUs) < endUs ? barUs : 0);
    const bars = Math.ceil((lastUs - beginUs) / barUs);
    if (bars <= 0) return;
    const stride = Math.ceil(bars / GAP_SLOTS_MAX) * barUs;
    for (let us = beginUs; us < lastUs && us + barUs <= toUs; us += stride) {
      if (us > (slots[slots.length - 1]?.us ?? Number.NEGATIVE_INFINITY)) push(us, { cause: gap.cause, broken: true });
    }
  };
  for (const bar of bars) {
    const { fromUs } = bar;
    if (endUs !== Number.NEGATIVE_INFINITY) pass(fromUs);
    const before = endUs;
    const broken =
      slots.length > 0 &&
      missed.some((gap) => gap.fromUs < fromUs + 1 && gap.toUs > Math.min(before, fromUs) && gap.toUs > before);
    push(fromUs, { bar, broken: broken || slots[slots.length - 1]?.cause != null });
    endUs = fromUs + barUs;
  }
  if (endUs !== Number.NEGATIVE_INFINITY) pass(Math.max(endUs, nowUs));
  return slots;
}

/** Whether something of a bar's time was not heard. An open bar has not ended, so nobody can say. */
export const isPartial = ({ coverage }: Pick<SeriesBar, 'coverage'>): boolean =>
  coverage !== null && coverage < WHOLE_SHARE;

/** Place of the last slot that begins at or before an instant; −1 before the first. */
export function slotAt(slots: readonly { readonly us: number }[], us: number): number {
  let low = 0;
  let high = slots.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((slots[middle] as { us: number }).us <= us) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Where an instant lies among the places: between two of them in proportion, beyond the ends by the length of a bar. */
export function placeOf(slots: readonly { readonly us: number }[], barUs: number, us: number): number {
  const at = slotAt(slots, us);
  const first = slots[0];
  if (!first) return 0;
  if (at < 0) return (us - first.us) / barUs;
  const { us: fromUs } = slots[at] as { us: number };
  const next = slots[at + 1];
  return at + (next ? Math.min((us - fromUs) / barUs, 1) : (us - fromUs) / barUs);
}

/** Time between two places; null where the newest is among them: that is the live edge, which goes on. */
export function timeBetween(
  slots: readonly { readonly us: number }[],
  barUs: number,
  { from, to }: { readonly from: number; readonly to: number },
): { readonly fromUs: number; readonly toUs: number } | null {
  if (to >= slots.length - 1) return null;
  return { fromUs: Math.round(instantAt(slots, barUs, from)), toUs: Math.round(instantAt(slots, barUs, to)) };
}

/** The instant at a place, the other way round. */
export function instantAt(slots: readonly { readonly us: number }[], barUs: number, place: number): number {
  const first = slots[0];
  if (!first) return 0;
  if (place < 0) return first.us + place * barUs;
  const at = Math.min(Math.floor(place), slots.length - 1);
  return (slots[at] as { us: number }).us + (place - at) * barUs;
}
