/**
 * The book order by order (L3), with the matching of a continuous market: price first, then time. A level's quantity
 * and number of orders follow from its orders and stand in the ladders (L2), from which frames are made.
 *
 * A recording says itself what rested and what traded: it uses `rest` and `reduce` only, and may cross (opening
 * auction).
 */
import { ASK, BID, type Side } from '../core/side.ts';
import { Ladder } from './ladder.ts';

export interface Order {
  readonly id: number;
  readonly side: Side;
  /** Price units. */
  readonly price: number;
  /** What is left of it; 0 once it is gone. */
  quantity: number;
  /** Neighbours in the queue at its price, in the order of arrival. */
  before: Order | null;
  after: Order | null;
}

/** Orders at one price, first come first served. */
interface Queue {
  first: Order | null;
  last: Order | null;
}

/** Called for each order that an incoming one meets. `aggressor` is the incoming one's side. */
export type OnTrade = (price: number, quantity: number, aggressor: Side) => void;

/** The limit of an order that takes any price. */
export const MARKET_PRICE: Readonly<Record<Side, number>> = { [BID]: 2 ** 31 - 1, [ASK]: 0 };

export class OrderBook {
  readonly ladders: readonly [Ladder, Ladder] = [new Ladder(BID), new Ladder(ASK)];
  private readonly orders: readonly [Map<number, Order>, Map<number, Order>] = [new Map(), new Map()];
  private readonly queues: readonly [Map<number, Queue>, Map<number, Queue>] = [new Map(), new Map()];

  /**
   * Lets an order rest without asking whether it could trade. @throws RangeError where its side has that id already.
   */
  rest(id: number, side: Side, price: number, quantity: number): Order {
    if (this.orders[side].has(id)) throw new RangeError(`order ${id} is already in the book`);
    const order: Order = { id, side, price, quantity, before: null, after: null };
    this.orders[side].set(id, order);
    const queues = this.queues[side];
    const queue = queues.get(price);
    if (queue?.last) {
      order.before = queue.last;
      queue.last.after = order;
      queue.last = order;
    } else {
      queues.set(price, { first: order, last: order });
    }
    this.ladders[side].change(price, quantity, 1);
    return order;
  }

  /** Takes `quantity` from a resting order: a cancel, whole or in part. False where no such order has so much left. */
  reduce(id: number, side: Side, quantity: number): boolean {
    const order = this.orders[side].get(id);
    if (!order || order.quantity < quantity) return false;
    this.take(order, quantity);
    return true;
  }

  /** Cancels what is left of an order; nothing happens to one that is gone. */
  cancel(order: Order): void {
    if (order.quantity > 0) this.take(order, order.quantity);
  }

  /**
   * An order arrives: it trades with the other side as far as its limit goes, and what is left rests. Returns the
   * resting order; null where nothing is left.
   */
  submit(id: number, side: Side, limit: number, quantity: number, onTrade: OnTrade): Order | null {
    const left = this.match(side, limit, quantity, onTrade);
    return left > 0 ? this.rest(id, side, limit, left) : null;
  }

  /** As `submit`, but what is left is cancelled (immediate or cancel). Returns the traded quantity. */
  execute(side: Side, limit: number, quantity: number, onTrade: OnTrade): number {
    return quantity - this.match(side, limit, quantity, onTrade);
  }

  /** Cancels every order of a side. */
  clear(side: Side): void {
    for (const order of this.orders[side].values()) order.quantity = 0;
    this.orders[side].clear();
    this.queues[side].clear();
    this.ladders[side].clear();
  }

  private match(side: Side, limit: number, quantity: number, onTrade: OnTrade): number {
    const other = side === BID ? ASK : BID;
    const ladder = this.ladders[other];
    let left = quantity;
    for (let best = ladder.best; left > 0 && best !== null; best = ladder.best) {
      if (side === BID ? best > limit : best < limit) break;
      const order = this.queues[other].get(best)?.first as Order;
      const traded = Math.min(left, order.quantity);
      this.take(order, traded);
      left -= traded;
      onTrade(best, traded, side);
    }
    return left;
  }

  private take(order: Order, quantity: number): void {
    order.quantity -= quantity;
    const gone = order.quantity === 0;
    if (gone) this.remove(order);
    this.ladders[order.side].change(order.price, -quantity, gone ? -1 : 0);
  }

  private remove(order: Order): void {
    this.orders[order.side].delete(order.id);
    const queues = this.queues[order.side];
    const queue = queues.get(order.price) as Queue;
    if (order.before) order.before.after = order.after;
    else queue.first = order.after;
    if (order.after) order.after.before = order.before;
    else queue.last = order.before;
    if (queue.first === null) queues.delete(order.price);
  }
}
