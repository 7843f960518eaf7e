/** Bars of a second and footprint cells of a minute, made of one feed's ticks: what the database keeps of the flow. */
import { ABSENT, isPresent } from '../core/absent.ts';
import type { Aggressor } from '../core/aggressor.ts';
import { addTrade, type Bar, newBar } from './bars.ts';
import { Footprint, type FootprintCell } from './footprint.ts';
import type { Tick } from './tick.ts';

export const FLOW_BAR_US = 1_000_000;
export const FOOTPRINT_US = 60_000_000;

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

export interface FootprintRow extends FootprintCell {
  readonly feedId: number;
  readonly instrumentId: number;
  readonly fromUs: number;
}

/** Rows that some ticks add to. Ticks of a feed come in the order of their stamps. */
export function flowRows(ticks: readonly FlowTick[]): { readonly bars: FlowBarRow[]; readonly cells: FootprintRow[] } {
  const bars = new Map<string, FlowBarRow>();
  const footprints = new Map<string, { feedId: number; instrumentId: number; fromUs: number; footprint: Footprint }>();
  for (const tick of ticks) {
    const { feedId, instrumentId, stampUs, price, quantity, unattributed, aggressor, oi } = tick;
    const second = Math.floor(stampUs / FLOW_BAR_US) * FLOW_BAR_US;
    const barKey = `${feedId} ${instrumentId} ${second}`;
    let bar = bars.get(barKey);
    if (!bar) {
      bar = { feedId, instrumentId, ...newBar(second) };
      bars.set(barKey, bar);
    }
    bar.unattributed += unattributed;
    if (quantity <= 0) {
      bar.lastUs = stampUs;
      if (oi !== ABSENT) bar.oi = oi;
      continue;
    }
    addTrade(bar, { stampUs, price, quantity, aggressor, oi });
    const minute = Math.floor(stampUs / FOOTPRINT_US) * FOOTPRINT_US;
    const footprintKey = `${feedId} ${instrumentId} ${minute}`;
    let kept = footprints.get(footprintKey);
    if (!kept) {
      kept = { feedId, instrumentId, fromUs: minute, footprint: new Footprint(1) };
      footprints.set(footprintKey, kept);
    }
    kept.footprint.add(price, quantity, aggressor);
  }
  const cells = [...footprints.values()].flatMap(({ feedId, instrumentId, fromUs, footprint }) =>
    footprint.rows().map((cell) => ({ feedId, instrumentId, fromUs, ...cell })),
  );
  return { bars: [...bars.values()], cells };
}
