/**
 * What has traded at each price in the session: the stored profile up to an instant, and the live ticks from there on. Each answer of the
 * server moves the instant on, so that what the stream left out is made good.
 */
import type { TickMessage } from '../book/messages.ts';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { ASK, BID } from '../core/side.ts';
import { rowAt, rowOf } from '../heatmap/price-rows.ts';

/** Units. */
export interface Traded {
  buy: number;
  sell: number;
  unknown: number;
}

export interface TradedPrice extends Readonly<Traded> {
  readonly price: number;
}

/** Prices in price units, quantities in units. */
export interface Trade {
  readonly stampUs: number;
  readonly price: number;
  readonly quantity: number;
  readonly aggressor: Aggressor;
}

/** Ticks held until the server has them: hours of a busy contract. */
const TRADES_MAX = 100_000;

export class TradedAtPrice {
  private stored: readonly TradedPrice[] = [];
  private live: Trade[] = [];
  private rows = new Map<number, Traded>();
  private rowUnits = 0;

  /** Takes the place of everything before `completeToUs`: sums by price, and single trades after them. */
  setStored(stored: readonly TradedPrice[], trades: readonly Trade[], completeToUs: number): void {
    this.stored = stored;
    const live = this.live.filter(({ stampUs }) => stampUs >= completeToUs);
    this.live = [...trades.filter(({ stampUs }) => stampUs < completeToUs), ...live];
    this.rowUnits = 0;
  }

  add({ stampUs, lastPrice: price, volumeDelta: quantity, aggressor }: TickMessage): void {
    if (quantity <= 0) return;
    const trade = { stampUs, price, quantity, aggressor };
    if (this.live.length < TRADES_MAX) this.live.push(trade);
    if (this.rowUnits > 0) this.count(trade);
  }

  /** By price row: buys stand where asks do, sells where bids do (lib/heatmap/price-rows.ts). */
  byRow(rowUnits: number): ReadonlyMap<number, Readonly<Traded>> {
    if (this.rowUnits !== rowUnits) {
      this.rowUnits = rowUnits;
      this.rows = new Map();
      for (const { price, buy, sell, unknown } of this.stored) {
        this.put(price, AGGRESSOR.buy, buy);
        this.put(price, AGGRESSOR.sell, sell);
        this.put(price, AGGRESSOR.unknown, unknown);
      }
      for (const trade of this.live) this.count(trade);
    }
    return this.rows;
  }

  private count({ price, aggressor, quantity }: Trade): void {
    this.put(price, aggressor, quantity);
  }

  private put(price: number, aggressor: Aggressor, quantity: number): void {
    if (quantity === 0) return;
    const { rowUnits } = this;
    const row =
      aggressor === AGGRESSOR.unknown
        ? rowAt(price, rowUnits)
        : rowOf(price, aggressor === AGGRESSOR.buy ? ASK : BID, rowUnits);
    let traded = this.rows.get(row);
    if (!traded) {
      traded = { buy: 0, sell: 0, unknown: 0 };
      this.rows.set(row, traded);
    }
    if (aggressor === AGGRESSOR.buy) traded.buy += quantity;
    else if (aggressor === AGGRESSOR.sell) traded.sell += quantity;
    else traded.unknown += quantity;
  }
}
