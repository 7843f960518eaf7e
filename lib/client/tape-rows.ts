/**
 * The trades of a tape, newest first: those that are stored, up to an instant before which nothing is missing, and the stream's beyond it.
 * A stored trade is named by its feed, stamp and place in the frame. The stream does not say the place, so what it gave is only held until
 * the server has stored everything up to there; then the stored trades take its place. So there is neither a double nor a hole at the seam.
 */
import type { TickMessage } from '../book/messages.ts';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import type { TapeFilter } from './tape-filter.ts';

export type TapeSide = 'buy' | 'sell' | 'unknown';

/** Price units and units. */
export interface TapeTrade {
  /** Unique within the tape. */
  readonly name: string;
  readonly stampUs: number;
  readonly price: number;
  readonly quantity: number;
  readonly side: TapeSide;
  /** Of the side: 3 traded at or through the touch, 2 inside the spread, 1 by the tick test, 0 unknown. */
  readonly confidence: number;
  /** False while only the stream has told of it. */
  readonly stored: boolean;
}

export interface StoredTrade {
  readonly stampUs: number;
  readonly n: number;
  readonly price: number;
  readonly quantity: number;
  readonly side: TapeSide;
  readonly confidence: number;
}

const SIDES: Readonly<Record<Aggressor, TapeSide>> = {
  [AGGRESSOR.unknown]: 'unknown',
  [AGGRESSOR.buy]: 'buy',
  [AGGRESSOR.sell]: 'sell',
};

export class TapeRows {
  /** Before it nothing is missing down to the oldest that is held; 0 before the first answer, µs. */
  completeToUs = 0;
  private stored: readonly TapeTrade[] = [];
  private live: readonly TapeTrade[] = [];
  private joined: readonly TapeTrade[] | null = null;

  get all(): readonly TapeTrade[] {
    this.joined ??= [...this.live, ...this.stored];
    return this.joined;
  }

  clear(): void {
    this.stored = [];
    this.completeToUs = 0;
    this.joined = null;
  }

  /**
   * The newest stored trades, newest first, without a hole down to `completeToUs` of the call before, or, at the first call, down to where
   * `addOlder` goes on.
   */
  setNewest(trades: readonly StoredTrade[], completeToUs: number): void {
    if (completeToUs <= this.completeToUs) return;
    const since = this.completeToUs;
    const fresh = trades.filter(({ stampUs }) => stampUs < completeToUs && stampUs >= since);
    this.stored = [...fresh.map(tradeOf), ...this.stored];
    this.live = this.live.filter(({ stampUs }) => stampUs >= completeToUs);
    this.completeToUs = completeToUs;
    this.joined = null;
  }

  /** The page behind the oldest that is held. */
  addOlder(trades: readonly StoredTrade[]): void {
    this.stored = [...this.stored, ...trades.map(tradeOf)];
    this.joined = null;
  }

  addLive({ stampUs, lastPrice, volumeDelta, aggressor, confidence, volume }: TickMessage, filter: TapeFilter): void {
    if (volumeDelta <= 0 || stampUs < this.completeToUs) return;
    const name = `${stampUs} ${volume}`;
    const side = SIDES[aggressor];
    const trade = { name, stampUs, price: lastPrice, quantity: volumeDelta, side, confidence, stored: false };
    // A connection begins with the last tick, which the one before may have brought already.
    if (!filter.takes(trade) || this.live.some((held) => held.name === name)) return;
    this.live = [trade, ...this.live].sort((a, b) => b.stampUs - a.stampUs);
    this.joined = null;
  }
}

const tradeOf = ({ stampUs, n, price, quantity, side, confidence }: StoredTrade): TapeTrade => ({
  name: `${stampUs}.${n}`,
  stampUs,
  price,
  quantity,
  side,
  confidence,
  stored: true,
});
