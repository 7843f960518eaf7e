/**
 * One instrument as its detectors see it: both sides of the book, what changed on the side that has just come, and the last trades.
 * Kept once for all of them. Nothing is allocated a frame.
 */
import { ABSENT, isPresent } from '../core/absent.ts';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { ASK, BID, MAX_LEVELS, type Side, SideLevels } from '../core/side.ts';
import { midOf, spreadOf } from '../orderflow/book-metrics.ts';
import type { Tick } from '../orderflow/tick.ts';
import { FRESH_US } from './detector.ts';
import { TradeLedger } from './trade-ledger.ts';

/**
 * What detectors are shown: a side that has come; a book whose two sides are there; a trade; a tick in which nothing traded, which
 * says that up to it nothing did.
 */
export const INPUT = { side: 0, book: 1, trade: 2, clock: 3 } as const;
export type Input = (typeof INPUT)[keyof typeof INPUT];

/** A side frame, as the entry reader gives it. */
export interface DepthFrame {
  readonly stampUs: number;
  readonly n: number;
  readonly side: Side;
  /** Stamp that the two sides of a book share. */
  readonly bookTimeUs: number;
  readonly levels: SideLevels;
}

/** Frames from which the grid of prices is learned. */
const GRID_FRAMES = 400;

export class MarketView {
  input: Input = INPUT.clock;
  stampUs = 0;
  /** Place of the packet in its frame. */
  n = 0;
  /** Side that has come last, or that a trade hit. */
  side: Side = BID;
  readonly sides: readonly [SideLevels, SideLevels] = [new SideLevels(), new SideLevels()];
  /** What each side was before its last frame. */
  readonly before: readonly [SideLevels, SideLevels] = [new SideLevels(), new SideLevels()];
  /** Stamps of each side's last frame and of the one before; 0 where there was none since the gap. */
  readonly sideUs = new Float64Array(2);
  readonly beforeUs = new Float64Array(2);
  private readonly sideN = new Float64Array(2);
  private readonly beforeN = new Float64Array(2);
  private readonly bookUs = new Float64Array(2);
  /** Mean µs between two frames of a side, smoothed. */
  frameUs = 0;
  /** Of the last whole book; ABSENT before. */
  mid = ABSENT;
  spread = ABSENT;
  /** Smallest step of prices seen, price units; 0 before the first book. */
  tickSize = 0;
  /** Largest quantity that divides all that were seen, units: a lot, where the instrument has lots. */
  lotSize = 0;
  private gridFrames = 0;

  /** Levels of the side that has come which are not what they were, best first; the first `changes` entries. */
  changes = 0;
  readonly changePrices = new Int32Array(2 * MAX_LEVELS);
  readonly changeBefore = new Float64Array(2 * MAX_LEVELS);
  readonly changeNow = new Float64Array(2 * MAX_LEVELS);

  readonly trades = new TradeLedger();
  /** Stamp and place of the newest tick that counts volume; 0: none since the gap. */
  tickUs = 0;
  tickFeedId = 0;
  tickN = 0;
  /** Of the trade that is shown. */
  tradePrice = 0;
  tradeQuantity = 0;
  tradeAggressor: Aggressor = AGGRESSOR.unknown;
  /** The last fill alone; 0 where the feed does not say. */
  lastQuantity = 0;

  /**
   * @param feedId of the book
   * @param capacity levels that its feed gives a side: a price beyond them may hold anything
   */
  constructor(
    readonly instrumentId: number,
    readonly feedId: number,
    private readonly capacity: number,
  ) {}

  /** Takes in a side. @returns whether it makes a whole book with the other */
  takeSide({ stampUs, n, side, bookTimeUs, levels }: DepthFrame): boolean {
    this.stampUs = stampUs;
    this.n = n;
    this.side = side;
    const now = this.sides[side];
    const before = this.before[side];
    before.copyFrom(now);
    now.copyFrom(levels);
    const lastUs = this.sideUs[side] as number;
    this.beforeUs[side] = lastUs;
    this.beforeN[side] = this.sideN[side] as number;
    this.sideUs[side] = stampUs;
    this.sideN[side] = n;
    this.bookUs[side] = bookTimeUs;
    if (lastUs > 0) this.frameUs += (stampUs - lastUs - this.frameUs) * (this.frameUs === 0 ? 1 : 0.1);
    if (this.gridFrames < GRID_FRAMES) this.learnGrid(now);
    this.compare(lastUs > 0);
    return this.bookUs[BID] === this.bookUs[ASK];
  }

  /** The two sides together, as a whole book. */
  takeBook(): void {
    const [bids, asks] = this.sides;
    this.mid = midOf(bids, asks);
    this.spread = spreadOf(bids, asks);
  }

  /** Takes in a tick of the feed whose trades count. @returns what it is, null where it does not count volume */
  takeTick(tick: Tick, feedId: number): typeof INPUT.trade | typeof INPUT.clock | null {
    const { volumeDelta, lastPrice, lastQuantity } = tick;
    if (!isPresent(volumeDelta) || !isPresent(lastPrice)) return null;
    this.stampUs = tick.stampUs;
    this.tickUs = tick.stampUs;
    this.tickFeedId = feedId;
    this.tickN = tick.n;
    if (volumeDelta <= 0) return INPUT.clock;
    this.tradePrice = lastPrice;
    this.tradeQuantity = volumeDelta;
    this.lastQuantity = isPresent(lastQuantity) ? lastQuantity : 0;
    this.tradeAggressor = tick.aggressor;
    this.side = this.tradeAggressor === AGGRESSOR.buy ? ASK : BID;
    const displayed = Math.max(
      this.quantityAt(this.side, lastPrice),
      quantityOfPrice(this.before[this.side], this.side, lastPrice),
    );
    this.trades.add(tick.stampUs, tick.n, lastPrice, volumeDelta, this.tradeAggressor, displayed);
    return INPUT.trade;
  }

  /** Nothing is carried over a gap but the grid of prices, which is no event. */
  reset(): void {
    for (const levels of [...this.sides, ...this.before]) levels.count = 0;
    this.sideUs.fill(0);
    this.beforeUs.fill(0);
    this.bookUs.fill(0);
    this.mid = ABSENT;
    this.spread = ABSENT;
    this.frameUs = 0;
    this.changes = 0;
    this.trades.clear();
    this.tickUs = 0;
  }

  /** Best price of a side now; ABSENT where it is empty. */
  best(side: Side): number {
    const { count, prices } = this.sides[side];
    return count > 0 ? (prices[0] as number) : ABSENT;
  }

  /** Best price of a side before its last frame. */
  bestBefore(side: Side): number {
    const { count, prices } = this.before[side];
    return count > 0 ? (prices[0] as number) : ABSENT;
  }

  /** Units at a price; 0 where none rest there, ABSENT where the feed's levels end before it. */
  quantityAt(side: Side, price: number): number {
    const levels = this.sides[side];
    const quantity = quantityOfPrice(levels, side, price);
    if (quantity > 0 || levels.count < this.capacity) return quantity;
    const last = levels.prices[levels.count - 1] as number;
    return (side === BID ? price < last : price > last) ? ABSENT : 0;
  }

  /** Units that a side showed at prices better than this one: now or before its last frame, whichever is more. */
  betterThan(side: Side, price: number): number {
    return Math.max(quantityBefore(this.sides[side], side, price), quantityBefore(this.before[side], side, price));
  }

  ordersAt(side: Side, price: number): number {
    const levels = this.sides[side];
    const at = placeOf(levels, side, price);
    return at < 0 ? 0 : (levels.orders[at] as number);
  }

  /** Whether both sides are there and of about the same time. */
  get isWhole(): boolean {
    return this.mid !== ABSENT && this.isFresh;
  }

  get isFresh(): boolean {
    const oldestUs = Math.min(this.sideUs[BID] as number, this.sideUs[ASK] as number);
    return oldestUs > this.stampUs - Math.max(FRESH_US, 2.5 * this.frameUs);
  }

  /** Stamps of two frames of a side: the one before its last, and the last. */
  frameNumbers(side: Side): readonly [number, number] {
    return [this.beforeN[side] as number, this.sideN[side] as number];
  }

  private compare(known: boolean): void {
    this.changes = 0;
    if (!known) return;
    const { side, changePrices, changeBefore, changeNow } = this;
    const now = this.sides[side];
    const before = this.before[side];
    const forward = side === ASK ? 1 : -1;
    // Beyond the last price that both reach nothing is known of one of them.
    const reach = Math.min(this.reachOf(now, forward), this.reachOf(before, forward));
    let i = 0;
    let j = 0;
    let changes = 0;
    for (;;) {
      const a = i < now.count ? (now.prices[i] as number) * forward : Infinity;
      const b = j < before.count ? (before.prices[j] as number) * forward : Infinity;
      const next = Math.min(a, b);
      if (next === Infinity || next > reach) break;
      const quantityNow = a === next ? (now.quantities[i] as number) : 0;
      const quantityBefore = b === next ? (before.quantities[j] as number) : 0;
      if (a === next) i += 1;
      if (b === next) j += 1;
      if (quantityNow === quantityBefore || changes === changePrices.length) continue;
      changePrices[changes] = next * forward;
      changeBefore[changes] = quantityBefore;
      changeNow[changes] = quantityNow;
      changes += 1;
    }
    this.changes = changes;
  }

  private reachOf(levels: SideLevels, forward: number): number {
    return levels.count < this.capacity ? Infinity : (levels.prices[levels.count - 1] as number) * forward;
  }

  private learnGrid(levels: SideLevels): void {
    this.gridFrames += 1;
    for (let i = 0; i < levels.count; i += 1) {
      if (i > 0) {
        const step = Math.abs((levels.prices[i] as number) - (levels.prices[i - 1] as number));
        if (step > 0) this.tickSize = commonDivisor(this.tickSize, step);
      }
      this.lotSize = commonDivisor(this.lotSize, levels.quantities[i] as number);
    }
  }
}

function commonDivisor(a: number, b: number): number {
  let larger = a;
  let smaller = b;
  while (smaller > 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

/** Place of a price in a side, best first; -1 where it is not there. */
function placeOf({ prices, count }: SideLevels, side: Side, price: number): number {
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    const here = prices[middle] as number;
    if (side === BID ? here > price : here < price) from = middle + 1;
    else to = middle;
  }
  return from < count && prices[from] === price ? from : -1;
}

function quantityBefore({ count, prices, quantities }: SideLevels, side: Side, price: number): number {
  const forward = side === BID ? -1 : 1;
  let total = 0;
  for (let i = 0; i < count && (price - (prices[i] as number)) * forward > 0; i += 1) total += quantities[i] as number;
  return total;
}

function quantityOfPrice(levels: SideLevels, side: Side, price: number): number {
  const at = placeOf(levels, side, price);
  return at < 0 ? 0 : (levels.quantities[at] as number);
}
