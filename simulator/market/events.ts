/**
 * Events of a known kind, put into a synthetic instrument's book as orders like any others, and what was done written down: the
 * truth that detectors are held against. How large an event is follows from the book of the moment.
 */
import { ASK, BID, type Side, SideLevels } from '../../lib/core/side.ts';
import type { Order } from '../../lib/recordings/order-book.ts';
import type { SignalKind } from '../../lib/signals/signal.ts';
import type { FlowProfile, OrderFlow } from './order-flow.ts';
import type { Random } from './random.ts';

/** What a detector of a kind should say of an event. */
export interface EventClaim {
  readonly kind: SignalKind;
  readonly side: 'bid' | 'ask';
  /** Price units. */
  readonly lowPrice: number;
  readonly highPrice: number;
  /** From its first order to the moment at which it was what it is called; µs since the epoch. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Units. */
  readonly size: number;
}

export interface EventLabel {
  readonly event: EventKind;
  readonly instrument: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly claims: readonly EventClaim[];
  /** Kinds of which the event is a borderline case, or which it brings along: what they say meanwhile is neither right nor wrong. */
  readonly ignore: readonly SignalKind[];
}

export const EVENT_KINDS = [
  'wall',
  'eaten_wall',
  'sweep',
  'block',
  'absorption',
  'iceberg',
  'layering',
  'key_level',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

export interface EventPlan {
  /** Events of an instrument in a minute, on average; one ends before the next begins. */
  readonly perMinute: number;
  /** None before, µs since the epoch. */
  readonly fromUs: number;
  readonly onEvent: (label: EventLabel) => void;
}

/** Between the end of an event and the next at least, µs: what one leaves behind is gone by then. */
const PAUSE_US = 10_000_000;
/** Levels from the touch among which an event has to stand out. */
const NEAR_LEVELS = 150;
const US_PER_SECOND = 1_000_000;
const US_PER_MINUTE = 60 * US_PER_SECOND;

const away = (side: Side): number => (side === BID ? -1 : 1);
const wordOf = (side: Side): 'bid' | 'ask' => (side === BID ? 'bid' : 'ask');
const otherOf = (side: Side): Side => (side === BID ? ASK : BID);

interface Outcome {
  readonly claims: readonly EventClaim[];
  readonly ignore: readonly SignalKind[];
}
/** An event is a course of actions with pauses between them, in µs. It returns what it was; null where the book had no room for it. */
type Course = Generator<number, Outcome | null, void>;

export class InjectedEvents {
  /** Market time of the next action. */
  nextUs: number;
  private course: Course | null = null;
  private kind: EventKind = 'wall';
  private begunUs = 0;
  private nowUs = 0;
  private readonly near = new SideLevels();

  constructor(
    private readonly instrument: string,
    private readonly flow: OrderFlow,
    private readonly profile: FlowProfile,
    private readonly tickSize: number,
    private readonly lotSize: number,
    private readonly random: Random,
    private readonly plan: EventPlan,
  ) {
    this.nextUs = plan.fromUs + this.pause();
  }

  /** Does what is due at `us`. */
  advance(us: number): void {
    this.nowUs = us;
    if (!this.course) {
      this.kind = EVENT_KINDS[this.random.below(EVENT_KINDS.length)] as EventKind;
      this.course = this.begin(this.kind);
      this.begunUs = us;
    }
    const { done, value } = this.course.next();
    if (!done) {
      this.nextUs = us + Math.max(1, Math.round(value));
      return;
    }
    if (value) {
      const { instrument, kind, begunUs, plan } = this;
      plan.onEvent({ event: kind, instrument, fromUs: begunUs, toUs: us, ...value });
    }
    this.course = null;
    this.nextUs = us + this.pause();
  }

  private begin(kind: EventKind): Course {
    const side = this.random.chance(0.5) ? BID : ASK;
    switch (kind) {
      case 'wall':
        return this.wall(side);
      case 'eaten_wall':
        return this.eatenWall(side);
      case 'sweep':
        return this.sweep(side);
      case 'block':
        return this.block(side);
      case 'absorption':
        return this.absorption(side);
      case 'iceberg':
        return this.iceberg(side);
      case 'layering':
        return this.layering(side);
      case 'key_level':
        return this.keyLevel(side);
    }
  }

  /** A level several times the largest around it, taken away again at once. */
  private *wall(side: Side): Course {
    const price = this.behind(side, 8, 60);
    if (price === null) return null;
    const size = this.lots(this.largest(side) * this.between(3, 6));
    const fromUs = this.nowUs;
    const order = this.flow.submit(side, price, size);
    yield this.between(3, 20) * US_PER_SECOND;
    const left = order?.quantity ?? 0;
    if (order) this.flow.book.cancel(order);
    const claims: EventClaim[] = [];
    const pulled = left >= 0.7 * size;
    claims.push({ ...this.claim('wall_appeared', side, price, size), fromUs, toUs: fromUs });
    claims.push({ ...this.claim('big_add', side, price, size), fromUs, toUs: fromUs });
    if (pulled) {
      claims.push({ ...this.claim('wall_pulled', side, price, left), fromUs: this.nowUs });
      claims.push({ ...this.claim('big_pull', side, price, left), fromUs: this.nowUs });
    }
    const undecided: SignalKind[] = pulled ? [] : ['wall_pulled', 'wall_filled', 'big_pull'];
    return { claims, ignore: [...undecided, 'imbalance_shift', 'ofi_burst', 'absorption'] };
  }

  /** A wall at the touch that takers eat. */
  private *eatenWall(side: Side): Course {
    const price = this.behind(side, 1, 4);
    if (price === null) return null;
    const size = this.lots(this.largest(side) * this.between(3, 4.5));
    const fromUs = this.nowUs;
    const order = this.flow.submit(side, price, size);
    yield this.between(3, 6) * US_PER_SECOND;
    const bites = 6 + this.random.below(8);
    for (let i = 0; i < bites * 3 && order && order.quantity > 0; i += 1) {
      this.take(side, price, this.lots(size / bites));
      if (order.quantity > 0) yield this.between(0.15, 0.6) * US_PER_SECOND;
    }
    const left = order?.quantity ?? 0;
    if (order && left > 0) this.flow.book.cancel(order);
    const claims = [
      { ...this.claim('wall_appeared', side, price, size), fromUs, toUs: fromUs },
      { ...this.claim('big_add', side, price, size), fromUs, toUs: fromUs },
    ];
    if (left === 0) claims.push({ ...this.claim('wall_filled', side, price, size), fromUs });
    const along: SignalKind[] = [
      'large_trade',
      'large_lot',
      'absorption',
      'iceberg',
      'sweep',
      'ofi_burst',
      'imbalance_shift',
    ];
    return { claims, ignore: left === 0 ? along : [...along, 'wall_filled', 'wall_pulled', 'big_pull'] };
  }

  /** One order through many levels. */
  private *sweep(side: Side): Course {
    const levels = 10 + this.random.below(8);
    this.flow.book.ladders[side].extract(this.near, levels);
    if (this.near.count < levels) return null;
    let size = 0;
    for (let i = 0; i < levels; i += 1) size += this.near.quantities[i] as number;
    const least = this.usualTrade(24);
    if (size < least) size = least;
    const fromPrice = this.near.prices[0] as number;
    const fromUs = this.nowUs;
    const crossed: number[] = [];
    this.flow.execute(otherOf(side), size);
    crossed.push(fromPrice, this.near.prices[levels - 1] as number);
    yield US_PER_SECOND;
    const claim = {
      ...this.claim('sweep', side, Math.min(...crossed), size),
      highPrice: Math.max(...crossed),
      fromUs,
      toUs: fromUs,
    };
    const large = size >= this.usualTrade(26);
    const claims = large ? [claim, { ...claim, kind: 'large_trade' as const }] : [claim];
    const along: SignalKind[] = ['large_lot', 'spread_stress', 'ofi_burst', 'imbalance_shift', 'absorption'];
    return { claims, ignore: large ? along : [...along, 'large_trade'] };
  }

  /** Two who have found each other: all of it trades at the touch at once. */
  private *block(side: Side): Course {
    const price = this.flow.book.ladders[side].best;
    if (price === null) return null;
    const size = this.usualTrade(this.between(28, 45));
    const ahead = this.quantityAt(side, price);
    this.flow.submit(side, price, size);
    this.take(side, price, size + ahead);
    const claim = { ...this.claim('large_trade', side, price, size + ahead), fromUs: this.nowUs, toUs: this.nowUs };
    yield US_PER_SECOND;
    return {
      claims: [claim, { ...claim, kind: 'large_lot' }],
      ignore: ['ofi_burst', 'absorption', 'iceberg', 'sweep', 'stacked_imbalance'],
    };
  }

  /** Takers come again and again; those who rest at the price let them, and more join. */
  private *absorption(side: Side): Course {
    const price = this.flow.book.ladders[side].best;
    if (price === null) return null;
    const shown = this.usualTrade(this.between(5, 8));
    const total = this.usualTrade(this.between(40, 60));
    const fromUs = this.nowUs;
    const orders: (Order | null)[] = [this.flow.submit(side, price, shown)];
    let taken = 0;
    while (taken < total) {
      yield this.between(0.3, 0.8) * US_PER_SECOND;
      const before = this.flow.book.ladders[side].best;
      // Others have gone through the price: whoever rested there was not enough.
      if (before === null || (before - price) * away(side) > 0) break;
      taken += this.take(side, price, this.usualTrade(this.between(2.5, 5)));
      const standing = orders.reduce((sum, order) => sum + (order?.quantity ?? 0), 0);
      if (standing < shown / 2) {
        for (let i = 0; i < 3; i += 1) orders.push(this.flow.submit(side, price, this.lots((shown - standing) / 3)));
      }
    }
    const toUs = this.nowUs;
    yield 3 * US_PER_SECOND;
    for (const order of orders) if (order) this.flow.book.cancel(order);
    const along: SignalKind[] = [
      'iceberg',
      'large_trade',
      'large_lot',
      'ofi_burst',
      'imbalance_shift',
      'stacked_imbalance',
      'wall_appeared',
      'big_add',
    ];
    if (taken < total) return { claims: [], ignore: [...along, 'absorption', 'sweep'] };
    return { claims: [{ ...this.claim('absorption', side, price, taken), fromUs, toUs }], ignore: along };
  }

  /** One order that shows a little of itself: as soon as that has traded it shows as much again. */
  private *iceberg(side: Side): Course {
    const price = this.flow.book.ladders[side].best;
    if (price === null) return null;
    const shown = this.usualTrade(this.between(2, 3.5));
    let hidden = shown * (9 + this.random.below(6));
    const fromUs = this.nowUs;
    let order = this.flow.submit(side, price, shown);
    let executed = 0;
    let stale = 0;
    while (hidden > 0 && stale < 6) {
      yield this.between(0.35, 0.9) * US_PER_SECOND;
      const best = this.flow.book.ladders[side].best;
      if (best === null || (best - price) * away(side) > 0) break;
      const took = this.take(side, price, this.lots(shown * this.between(0.7, 1.3)));
      executed += took;
      stale = took === 0 ? stale + 1 : 0;
      if (order && order.quantity > 0) continue;
      yield this.between(0.001, 0.015) * US_PER_SECOND;
      order = this.flow.submit(side, price, shown);
      hidden -= shown;
    }
    const toUs = this.nowUs;
    if (order) this.flow.book.cancel(order);
    const along: SignalKind[] = [
      'absorption',
      'large_trade',
      'large_lot',
      'ofi_burst',
      'imbalance_shift',
      'stacked_imbalance',
    ];
    if (executed < 6 * shown) return { claims: [], ignore: [...along, 'iceberg', 'sweep'] };
    return { claims: [{ ...this.claim('iceberg', side, price, executed), fromUs, toUs }], ignore: along };
  }

  /** Several large levels behind the touch, gone together. */
  private *layering(side: Side): Course {
    const first = this.behind(side, 10, 40);
    if (first === null) return null;
    const count = 3 + this.random.below(4);
    const step = (2 + this.random.below(5)) * this.tickSize * away(side);
    const each = this.lots(this.largest(side) * this.between(2, 3));
    const fromUs = this.nowUs;
    const orders: (Order | null)[] = [];
    for (let i = 0; i < count; i += 1) {
      orders.push(this.flow.submit(side, first + i * step, each));
      yield this.between(0.01, 0.08) * US_PER_SECOND;
    }
    yield this.between(1, 8) * US_PER_SECOND;
    let left = 0;
    for (const order of orders) {
      left += order?.quantity ?? 0;
      if (order) this.flow.book.cancel(order);
      yield this.between(0.001, 0.04) * US_PER_SECOND;
    }
    const along: SignalKind[] = [
      'wall_appeared',
      'wall_pulled',
      'wall_filled',
      'big_add',
      'big_pull',
      'imbalance_shift',
      'ofi_burst',
    ];
    if (left < 0.9 * each * count) return { claims: [], ignore: [...along, 'layering', 'absorption', 'large_trade'] };
    const last = first + (count - 1) * step;
    const claim = this.claim('layering', side, Math.min(first, last), left);
    return { claims: [{ ...claim, highPrice: Math.max(first, last), fromUs }], ignore: along };
  }

  /** Many orders at one price, for long. */
  private *keyLevel(side: Side): Course {
    const price = this.behind(side, 15, 70);
    if (price === null) return null;
    const [meanOrders, mostOrders] = this.ordersNear(side);
    const count = Math.ceil(Math.max(4 * meanOrders, mostOrders * this.between(2.2, 3.5)));
    const fromUs = this.nowUs;
    const orders: (Order | null)[] = [];
    for (let i = 0; i < count; i += 1) {
      orders.push(
        this.flow.submit(side, price, this.lots(this.profile.lots[side] * this.lotSize * this.between(0.5, 1.5))),
      );
    }
    yield this.between(14, 30) * US_PER_SECOND;
    const standing = orders.filter((order) => order !== null && order.quantity > 0).length;
    for (const order of orders) if (order) this.flow.book.cancel(order);
    const along: SignalKind[] = [
      'wall_appeared',
      'wall_pulled',
      'wall_filled',
      'big_add',
      'big_pull',
      'imbalance_shift',
      'ofi_burst',
      'absorption',
      'pressure',
    ];
    if (standing < 0.7 * count) return { claims: [], ignore: [...along, 'key_level'] };
    const claim = { ...this.claim('key_level', side, price, count), fromUs, toUs: fromUs + 10 * US_PER_SECOND };
    return { claims: [claim], ignore: along };
  }

  private claim(kind: SignalKind, side: Side, price: number, size: number): EventClaim {
    const { nowUs } = this;
    return { kind, side: wordOf(side), lowPrice: price, highPrice: price, fromUs: nowUs, toUs: nowUs, size };
  }

  /** Hits orders of a side down to a price; what does not trade is cancelled. @returns units traded */
  private take(side: Side, price: number, quantity: number): number {
    return this.flow.take(otherOf(side), price, quantity);
  }

  /** A price some ticks behind the best of a side; null where the side is empty or the price would be none. */
  private behind(side: Side, from: number, to: number): number | null {
    const { best } = this.flow.book.ladders[side];
    if (best === null) return null;
    const price = best + away(side) * Math.round(this.between(from, to)) * this.tickSize;
    return price > 0 ? price : null;
  }

  /** Units of the largest level near the touch, over both sides. */
  private largest(side: Side): number {
    let most = this.profile.lots[side] * this.lotSize;
    for (const { near } of [this.look(BID), this.look(ASK)]) {
      for (let i = 0; i < near.count; i += 1) most = Math.max(most, near.quantities[i] as number);
    }
    return most;
  }

  private ordersNear(side: Side): [number, number] {
    const { near } = this.look(side);
    let most = 0;
    let sum = 0;
    for (let i = 0; i < near.count; i += 1) {
      most = Math.max(most, near.orders[i] as number);
      sum += near.orders[i] as number;
    }
    return [near.count === 0 ? 0 : sum / near.count, most];
  }

  private quantityAt(side: Side, price: number): number {
    const { near } = this.look(side);
    return near.prices[0] === price ? (near.quantities[0] as number) : 0;
  }

  private look(side: Side): { readonly near: SideLevels } {
    this.flow.book.ladders[side].extract(this.near, NEAR_LEVELS);
    return { near: this.near };
  }

  /** So many times the mean size of a trade, whole lots. */
  private usualTrade(times: number): number {
    return this.lots(this.profile.takers.lots * this.lotSize * times);
  }

  private lots(units: number): number {
    return Math.max(1, Math.round(units / this.lotSize)) * this.lotSize;
  }

  private between(from: number, to: number): number {
    return from + (to - from) * this.random.uniform();
  }

  private pause(): number {
    return PAUSE_US + Math.round(this.random.exponential(US_PER_MINUTE / this.plan.perMinute));
  }
}
