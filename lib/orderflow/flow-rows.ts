/** Bars of a second, and of a minute with its footprint, made of one feed's ticks: what the database keeps of the flow. */
import { ABSENT, isPresent } from '../core/absent.ts';
import type { Aggressor } from '../core/aggressor.ts';
import { addTrade, type Bar, newBar } from './bars.ts';
import { Footprint } from './footprint.ts';
import type { Tick } from './tick.ts';

export const FLOW_BAR_US = 1_000_000;
export const FLOW_MINUTE_US = 60_000_000;

/** What of a tick is flow. Copied out of it: ticks are reused. */
export interface FlowTick {
  readonly feedId: number;
  readonly instrumentId: number;
  readonly stampUs: number;
  readonly price: number;
  /** Traded since the tick before; 0: nothing. */
  readonly quantity: number;
  /** Traded across a gap. */
  readonly unattributed: number;
  readonly aggressor: Aggressor;
  readonly oi: number;
}

/** Null where nothing traded, or where nobody can say what. */
export function flowOf(feedId: number, tick: Tick): FlowTick | null {
  const { instrumentId, stampUs, lastPrice, volumeDelta, volumeUnattributed, aggressor, oi } = tick;
  const quantity = isPresent(volumeDelta) && isPresent(lastPrice) ? volumeDelta : 0;
  const unattributed = isPresent(volumeUnattributed) ? volumeUnattributed : 0;
  if (quantity <= 0 && unattributed <= 0) return null;
  return { feedId, instrumentId, stampUs, price: lastPrice, quantity, unattributed, aggressor, oi };
}

export interface FlowBarRow extends Bar {
  readonly feedId: number;
  readonly instrumentId: number;
}

/** A minute's bar and its footprint at every price. */
export interface FlowMinuteRow extends FlowBarRow {
  readonly footprint: Footprint;
}

/** Rows that some ticks add to. Ticks of a feed come in the order of their stamps. */
export function flowRows(ticks: readonly FlowTick[]): {
  readonly bars: FlowBarRow[];
  readonly minutes: FlowMinuteRow[];
} {
  const bars = new Map<string, FlowBarRow>();
  const minutes = new Map<string, FlowMinuteRow>();
  for (const tick of ticks) {
    const { feedId, instrumentId, stampUs } = tick;
    const second = Math.floor(stampUs / FLOW_BAR_US) * FLOW_BAR_US;
    const barKey = `${feedId} ${instrumentId} ${second}`;
    let bar = bars.get(barKey);
    if (!bar) {
      bar = { feedId, instrumentId, ...newBar(second) };
      bars.set(barKey, bar);
    }
    addTick(bar, tick);
    const from = Math.floor(stampUs / FLOW_MINUTE_US) * FLOW_MINUTE_US;
    const minuteKey = `${feedId} ${instrumentId} ${from}`;
    let minute = minutes.get(minuteKey);
    if (!minute) {
      minute = { feedId, instrumentId, ...newBar(from), footprint: new Footprint(1) };
      minutes.set(minuteKey, minute);
    }
    addTick(minute, tick);
    if (tick.quantity > 0) minute.footprint.add(tick.price, tick.quantity, tick.aggressor);
  }
  return { bars: [...bars.values()], minutes: [...minutes.values()] };
}

function addTick(bar: Bar, { stampUs, price, quantity, unattributed, aggressor, oi }: FlowTick): void {
  bar.unattributed += unattributed;
  if (quantity > 0) {
    addTrade(bar, { stampUs, price, quantity, aggressor, oi });
    return;
  }
  bar.lastUs = stampUs;
  if (oi !== ABSENT) bar.oi = oi;
}
