/** The last trades of an instrument, as its ticks tell them: the volume between two ticks, at the last price. */
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { BID, type Side } from '../core/side.ts';

const KEPT = 512;

export class TradeLedger {
  /** Trades taken in; the newest has the index `count - 1`, and the last 512 are there. */
  count = 0;
  private readonly stamps = new Float64Array(KEPT);
  private readonly prices = new Int32Array(KEPT);
  private readonly quantities = new Float64Array(KEPT);
  private readonly aggressors = new Uint8Array(KEPT);
  private readonly displays = new Float64Array(KEPT);
  private readonly places = new Int32Array(KEPT);

  /**
   * @param n place of the packet in its frame
   * @param displayed units that rested at the price when it traded, as far as is known
   */
  add(stampUs: number, n: number, price: number, quantity: number, aggressor: Aggressor, displayed: number): void {
    const at = this.count % KEPT;
    this.stamps[at] = stampUs;
    this.prices[at] = price;
    this.quantities[at] = quantity;
    this.aggressors[at] = aggressor;
    this.displays[at] = displayed;
    this.places[at] = n;
    this.count += 1;
  }

  clear(): void {
    this.count = 0;
  }

  get oldest(): number {
    return Math.max(0, this.count - KEPT);
  }
  stamp(i: number): number {
    return this.stamps[i % KEPT] as number;
  }
  price(i: number): number {
    return this.prices[i % KEPT] as number;
  }
  quantity(i: number): number {
    return this.quantities[i % KEPT] as number;
  }
  displayed(i: number): number {
    return this.displays[i % KEPT] as number;
  }
  /** Place of the packet in its frame. */
  place(i: number): number {
    return this.places[i % KEPT] as number;
  }
  /** Whether it can have met orders of a side: what nobody knows may have met both. */
  hit(i: number, side: Side): boolean {
    const aggressor = this.aggressors[i % KEPT];
    return aggressor === AGGRESSOR.unknown || aggressor === (side === BID ? AGGRESSOR.sell : AGGRESSOR.buy);
  }

  /** Units that can have traded at `price` of a side or beyond it since: no more than these were executed there. */
  executedAtMost(side: Side, price: number, sinceUs: number): number {
    let total = 0;
    for (let i = this.count - 1; i >= this.oldest && this.stamp(i) > sinceUs; i -= 1) {
      const beyond = side === BID ? this.price(i) <= price : this.price(i) >= price;
      if (beyond && this.hit(i, side)) total += this.quantity(i);
    }
    return total;
  }
}
