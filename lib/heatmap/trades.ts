/** Trades of a stretch of columns, and their clusters: one bubble for all that traded within a moment at a price row. */
import type { TickMessage } from '../book/messages.ts';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { columnOf } from './tiers.ts';

/**
 * Trades held for one block of columns. A block of the coarsest tier spans 4.3 hours: at one trade a second it needs
 * 15,400. Beyond the limit trades are left out and counted.
 */
export const TRADES_PER_BLOCK_MAX = 65_536;

/** From this confidence on the aggressor was seen (traded at or through the touch) rather than inferred. */
const CONFIDENCE_OBSERVED = 3;

const CAPACITY_FIRST = 64;

export const emptyTick = (): TickMessage => ({
  instrumentId: 0,
  stampUs: 0,
  lastPrice: 0,
  volumeDelta: 0,
  aggressor: AGGRESSOR.unknown,
  confidence: 0,
  volume: 0,
  oi: 0,
  previousClose: 0,
});

/** Trades in the order of their stamps; each is held once, however often it is added. */
export class TradeList {
  count = 0;
  /** Raised by every change. */
  version = 0;
  stampsUs = new Float64Array(CAPACITY_FIRST);
  /** Price units. */
  prices = new Int32Array(CAPACITY_FIRST);
  /** Units. */
  volumes = new Float64Array(CAPACITY_FIRST);
  /** Trades that came when there was no room. */
  leftOut = 0;
  private dayVolumes = new Float64Array(CAPACITY_FIRST);
  private kinds = new Uint8Array(CAPACITY_FIRST);

  aggressor(i: number): Aggressor {
    return ((this.kinds[i] as number) & 3) as Aggressor;
  }

  observed(i: number): boolean {
    return (this.kinds[i] as number) >> 2 >= CONFIDENCE_OBSERVED;
  }

  /** False where it was held already or there is no room. */
  add(tick: TickMessage): boolean {
    let at = this.count;
    while (at > 0 && (this.stampsUs[at - 1] as number) > tick.stampUs) at -= 1;
    // A frame can carry two packets of one instrument under one stamp: the volume of the day tells them apart.
    for (let i = at - 1; i >= 0 && this.stampsUs[i] === tick.stampUs; i -= 1) {
      if (this.dayVolumes[i] === tick.volume) return false;
    }
    if (this.count === TRADES_PER_BLOCK_MAX) {
      this.leftOut += 1;
      return false;
    }
    if (this.count === this.stampsUs.length) this.grow();
    for (const column of [this.stampsUs, this.prices, this.volumes, this.dayVolumes, this.kinds]) {
      column.copyWithin(at + 1, at, this.count);
    }
    this.stampsUs[at] = tick.stampUs;
    this.prices[at] = tick.lastPrice;
    this.volumes[at] = tick.volumeDelta;
    this.dayVolumes[at] = tick.volume;
    this.kinds[at] = tick.aggressor | (tick.confidence << 2);
    this.count += 1;
    this.version += 1;
    return true;
  }

  /** The first trade at or after a time; `count` where there is none. */
  firstFrom(timeUs: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.stampsUs[middle] as number) < timeUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Writes what is kept of trade `i` into a tick. */
  read(i: number, into: TickMessage): void {
    into.stampUs = this.stampsUs[i] as number;
    into.lastPrice = this.prices[i] as number;
    into.volumeDelta = this.volumes[i] as number;
    into.aggressor = this.aggressor(i);
    into.confidence = (this.kinds[i] as number) >> 2;
    into.volume = this.dayVolumes[i] as number;
  }

  private grow(): void {
    const capacity = this.count * 2;
    const grown = <T extends { set(source: T): void }>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.stampsUs = grown(new Float64Array(capacity), this.stampsUs);
    this.prices = grown(new Int32Array(capacity), this.prices);
    this.volumes = grown(new Float64Array(capacity), this.volumes);
    this.dayVolumes = grown(new Float64Array(capacity), this.dayVolumes);
    this.kinds = grown(new Uint8Array(capacity), this.kinds);
  }
}

/** All that traded within a stretch of time at one price row. Volumes in units. */
export interface TradeCluster {
  /** The stretch, µs; of a single trade both are its stamp. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly row: number;
  bought: number;
  sold: number;
  unknown: number;
  /** Sum of price units × units. */
  turnover: number;
  /** Volume whose aggressor was observed rather than inferred. */
  observed: number;
  trades: number;
}

/** How trades become clusters. */
export interface Clustering {
  /** Length of the stretches, µs; 0: every trade is one of its own. */
  readonly widthUs: number;
  /** Price units. */
  readonly rowUnits: number;
  /** Single trades with less are left out, units. */
  readonly least: number;
}

export const clusterVolume = (cluster: TradeCluster): number => cluster.bought + cluster.sold + cluster.unknown;

/** What was paid on average, price units; NaN where no volume is known. */
export const clusterPrice = (cluster: TradeCluster): number => cluster.turnover / clusterVolume(cluster);

/** The moment a cluster is drawn at, µs. */
export const clusterTimeUs = ({ fromUs, toUs }: TradeCluster): number => (fromUs + toUs) / 2;

/** Clusters in the order of time. */
export function clusterTrades(trades: TradeList, { widthUs, rowUnits, least }: Clustering): TradeCluster[] {
  const clusters: TradeCluster[] = [];
  let stretchStart = 0;
  for (let i = 0; i < trades.count; i += 1) {
    const volume = trades.volumes[i] as number;
    if (volume < least) continue;
    const stampUs = trades.stampsUs[i] as number;
    const fromUs = widthUs === 0 ? stampUs : columnOf(stampUs, widthUs) * widthUs;
    const row = Math.round((trades.prices[i] as number) / rowUnits);
    if (widthUs === 0 || clusters[stretchStart]?.fromUs !== fromUs) stretchStart = clusters.length;
    let cluster: TradeCluster | undefined;
    for (let at = stretchStart; !cluster && at < clusters.length; at += 1) {
      if (clusters[at]?.row === row) cluster = clusters[at];
    }
    if (!cluster) {
      cluster = {
        fromUs,
        toUs: fromUs + widthUs,
        row,
        bought: 0,
        sold: 0,
        unknown: 0,
        turnover: 0,
        observed: 0,
        trades: 0,
      };
      clusters.push(cluster);
    }
    const aggressor = trades.aggressor(i);
    if (aggressor === AGGRESSOR.buy) cluster.bought += volume;
    else if (aggressor === AGGRESSOR.sell) cluster.sold += volume;
    else cluster.unknown += volume;
    cluster.turnover += volume * (trades.prices[i] as number);
    if (aggressor !== AGGRESSOR.unknown && trades.observed(i)) cluster.observed += volume;
    cluster.trades += 1;
  }
  return clusters;
}
