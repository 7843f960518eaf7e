/** The best prices of one book as they stood, so that any instant can be asked for afterwards. */
import { BID, type Side } from '../core/side.ts';
import { FRESH_US } from './detector.ts';
import type { Touch } from './outcome.ts';

/** What an empty side has in the place of a price. */
const NO_PRICE = 0;
const SPANS_FIRST = 1024;

/** One side: spans in which frame after frame had the same best price, none further from the one before it than `FRESH_US`. */
class SideHistory {
  private count = 0;
  private fromUs = new Float64Array(SPANS_FIRST);
  private lastUs = new Float64Array(SPANS_FIRST);
  private prices = new Int32Array(SPANS_FIRST);

  push(stampUs: number, price: number): void {
    const last = this.count - 1;
    if (last >= 0 && this.prices[last] === price && stampUs - (this.lastUs[last] as number) <= FRESH_US) {
      this.lastUs[last] = stampUs;
      return;
    }
    if (this.count === this.prices.length) this.grow();
    this.fromUs[this.count] = stampUs;
    this.lastUs[this.count] = stampUs;
    this.prices[this.count] = price;
    this.count += 1;
  }

  /** The price of the newest frame until then; null where it is older than `staleUs`, at least `FRESH_US`, or had none. */
  at(us: number, staleUs: number): number | null {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.fromUs[middle] as number) <= us) low = middle + 1;
      else high = middle;
    }
    if (low === 0 || us - (this.lastUs[low - 1] as number) >= staleUs) return null;
    const price = this.prices[low - 1] as number;
    return price === NO_PRICE ? null : price;
  }

  private grow(): void {
    const length = this.prices.length * 2;
    const [fromUs, lastUs, prices] = [new Float64Array(length), new Float64Array(length), new Int32Array(length)];
    fromUs.set(this.fromUs);
    lastUs.set(this.lastUs);
    prices.set(this.prices);
    Object.assign(this, { fromUs, lastUs, prices });
  }
}

export class TouchHistory {
  private readonly bids = new SideHistory();
  private readonly asks = new SideHistory();

  /** Takes in a frame of a side; of each side in the order of their stamps. @param price price units; null where the side is empty */
  push(side: Side, stampUs: number, price: number | null): void {
    (side === BID ? this.bids : this.asks).push(stampUs, price ?? NO_PRICE);
  }

  /** @param staleUs a side that is older says nothing; at least `FRESH_US` */
  at(us: number, staleUs: number): Touch | null {
    const [bid, ask] = [this.bids.at(us, staleUs), this.asks.at(us, staleUs)];
    return bid === null || ask === null ? null : { bid, ask };
  }
}
