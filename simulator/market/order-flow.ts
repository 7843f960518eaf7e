/**
 * Order flow of one synthetic instrument: who sends which orders, and when they are withdrawn. The matching engine does
 * the rest; nothing here touches a level directly.
 *
 * Four kinds of participants make the book:
 *
 * - *patient* orders over the whole reach, many of them at round prices, moved to another price now and then;
 * - *quoters* near the fair value, who come and go within seconds: best prices and spread are mostly theirs;
 * - *programs*, ladders of many orders placed and withdrawn together: the jumps in a side's total;
 * - *takers*, who trade at once.
 *
 * The fair value follows an anchor from outside (an index, an option's theoretical value) plus a drift of the
 * instrument's own. A slow pressure tilts both the drift and the side on which programs appear: that is why imbalance
 * says a little about where the price goes next.
 */
import { ASK, BID, type Side } from '../../lib/core/side.ts';
import { MARKET_PRICE, type OnTrade, type Order, OrderBook } from '../../lib/recordings/order-book.ts';
import type { Random } from './random.ts';

/** How an instrument is traded. Distances in ticks, sizes in lots, times in seconds, rates per second and side. */
export interface FlowProfile {
  /** Mean size of a patient's or quoter's bid and ask. */
  readonly lots: readonly [number, number];
  readonly patient: {
    /** Orders that rest on the bid and on the ask side. */
    readonly orders: readonly [number, number];
    readonly reach: number;
    /** Few stand nearer to the fair value than this. */
    readonly shyness: number;
    /** How far from its owner's usual distance an order is placed. */
    readonly scatter: number;
    /** Mean time at one price. */
    readonly life: number;
    /** Share of bids and of asks at multiples of `grid` ticks: people like round prices. */
    readonly round: readonly { readonly grid: number; readonly share: readonly [number, number] }[];
  };
  readonly quoters: {
    readonly orders: number;
    readonly life: number;
    /** Mean distance beyond the caution of the moment ... */
    readonly distance: number;
    /** ... which all quoters share, never below 0, and which changes slowly: wide and narrow spreads come in spells. */
    readonly caution: { readonly mean: number; readonly deviation: number; readonly life: number };
  };
  readonly programs: {
    /** `tilt`: share by which a pressure of 1 raises one side's rate and lowers the other's. */
    readonly kinds: readonly { readonly rate: number; readonly life: number; readonly tilt: number }[];
    /** Mean size of a program and of each of its orders, which stand `step` ticks apart. */
    readonly total: number;
    readonly each: number;
    readonly step: number;
    readonly reach: number;
  };
  readonly takers: { readonly rate: number; readonly lots: number };
  readonly pressure: {
    readonly life: number;
    /** Ticks a second by which a pressure of 1 moves the fair value ... */
    readonly drift: number;
    /** ... until the anchor has pulled it back: life of the distance between the two. */
    readonly driftLife: number;
  };
}

/** Orders of one kind that are withdrawn one by one, at random. Filled ones are dropped when chance meets them. */
class Pool {
  private readonly orders: Order[] = [];

  get size(): number {
    return this.orders.length;
  }

  add(order: Order | null): void {
    if (order) this.orders.push(order);
  }

  /** Takes an order out of the pool at random; null where it is empty. */
  draw(random: Random): Order | null {
    if (this.orders.length === 0) return null;
    const at = random.below(this.orders.length);
    const drawn = this.orders[at] as Order;
    const last = this.orders.pop() as Order;
    if (at < this.orders.length) this.orders[at] = last;
    return drawn;
  }
}

/**
 * Somebody who always has an order somewhere at a distance of their own. As people keep to their habits, what a side
 * holds in all stays nearly the same, however often its orders move.
 */
interface Patient {
  readonly distance: number;
  readonly grid: number;
  readonly lots: number;
  order: Order | null;
}

interface Program {
  readonly orders: readonly Order[];
  /** Seconds of flow time at which it is withdrawn. */
  readonly until: number;
}

export class OrderFlow {
  readonly book = new OrderBook();
  private readonly patients: readonly [readonly Patient[], readonly Patient[]];
  private readonly quoters: readonly [Pool, Pool] = [new Pool(), new Pool()];
  private programs: Program[] = [];
  private nextOrderId = 1;
  /** Seconds since the start. */
  private time = 0;
  /** Mean 0, deviation 1, both. */
  private pressure: number;
  private caution: number;
  private offset = 0;
  private fair: number;

  /** `anchor`: fair value at the start, in ticks. */
  constructor(
    private readonly profile: FlowProfile,
    private readonly tickSize: number,
    private readonly lotSize: number,
    private readonly random: Random,
    private readonly onTrade: OnTrade,
    anchor: number,
  ) {
    this.fair = anchor;
    this.pressure = random.normal();
    this.caution = random.normal();
    this.patients = [this.admitPatients(BID), this.admitPatients(ASK)];
    for (const side of [BID, ASK] as const) {
      for (const patient of this.patients[side]) this.placePatient(side, patient);
      for (let i = 0; i < profile.quoters.orders; i += 1) this.placeQuoter(side);
    }
  }

  /** Lets `seconds` pass; `anchor` is the fair value from outside at their end, in ticks. */
  step(seconds: number, anchor: number): void {
    const { random, profile } = this;
    const { pressure, quoters } = profile;
    this.time += seconds;
    this.pressure = drifted(this.pressure, seconds / pressure.life, random);
    this.caution = drifted(this.caution, seconds / quoters.caution.life, random);
    this.offset = this.offset * Math.exp(-seconds / pressure.driftLife) + this.pressure * pressure.drift * seconds;
    this.fair = anchor + this.offset;
    this.withdrawPrograms();
    // Who comes first in a step is as random as in any other market.
    const first = random.chance(0.5) ? BID : ASK;
    this.flow(first, seconds);
    this.flow(first === BID ? ASK : BID, seconds);
    this.takers(seconds);
  }

  /** An order from outside: what does not trade rests until it is traded or the side is emptied. */
  submit(side: Side, price: number, quantity: number): Order | null {
    return this.book.submit(this.nextOrderId++, side, price, quantity, this.onTrade);
  }

  /** A market order from outside. Returns the traded quantity. */
  execute(side: Side, quantity: number): number {
    return this.book.execute(side, MARKET_PRICE[side], quantity, this.onTrade);
  }

  /** An order from outside that trades no further than `limit`; what is left of it is cancelled. Returns the traded quantity. */
  take(side: Side, limit: number, quantity: number): number {
    return this.book.execute(side, limit, quantity, this.onTrade);
  }

  private flow(side: Side, seconds: number): void {
    const { random, profile } = this;
    const { quoters, programs } = profile;
    const patients = this.patients[side];
    for (let n = random.poisson((patients.length * seconds) / profile.patient.life); n > 0; n -= 1) {
      this.placePatient(side, patients[random.below(patients.length)] as Patient);
    }
    for (let n = random.poisson((this.quoters[side].size * seconds) / quoters.life); n > 0; n -= 1) {
      const order = this.quoters[side].draw(random);
      if (order) this.book.cancel(order);
    }
    for (let n = random.poisson((quoters.orders * seconds) / quoters.life); n > 0; n -= 1) this.placeQuoter(side);
    const leaning = side === BID ? this.pressure : -this.pressure;
    for (const { rate, life, tilt } of programs.kinds) {
      for (let n = random.poisson(rate * Math.max(0, 1 + tilt * leaning) * seconds); n > 0; n -= 1) {
        this.placeProgram(side, life);
      }
    }
  }

  /**
   * Everybody on a side. Distances, sizes and habits are spread evenly rather than drawn, so that every seed begins
   * with the same mix of people.
   */
  private admitPatients(side: Side): Patient[] {
    const { lots } = this.profile;
    const { orders, reach, shyness, round } = this.profile.patient;
    const count = orders[side];
    return Array.from({ length: count }, (_, i) => {
      let habit = evenly(i, GOLDEN);
      let grid = 1;
      for (const { grid: rounder, share } of round) {
        if (habit >= 0 && habit < share[side]) grid = rounder;
        habit -= share[side];
      }
      return {
        distance: shyDistance((i + 0.5) / count, reach, shyness),
        grid,
        lots: sizeAt(evenly(i, SILVER), lots[side]),
        order: null,
      };
    });
  }

  /** Places a patient's order anew: at another price, and whole again where it had traded. */
  private placePatient(side: Side, patient: Patient): void {
    const { random } = this;
    if (patient.order) this.book.cancel(patient.order);
    const distance = Math.abs(patient.distance + this.profile.patient.scatter * random.normal());
    const { grid } = patient;
    const price = this.priceAt(side, distance) / grid;
    patient.order = this.place(side, (side === BID ? Math.floor(price) : Math.ceil(price)) * grid, patient.lots);
  }

  private placeQuoter(side: Side): void {
    const { random, profile } = this;
    const { distance, caution } = profile.quoters;
    const gap = Math.max(0, caution.mean + caution.deviation * this.caution);
    const price = this.priceAt(side, gap + random.exponential(distance));
    this.quoters[side].add(this.place(side, price, this.size(profile.lots[side])));
  }

  /** A ladder on round prices, begun anywhere within reach. */
  private placeProgram(side: Side, life: number): void {
    const { random } = this;
    const { total, each, step, reach } = this.profile.programs;
    const orders: Order[] = [];
    const away = side === BID ? -step : step;
    let price = Math.round(this.priceAt(side, random.uniform() * reach) / step) * step;
    for (let left = Math.ceil(random.exponential(total)); left > 0; left -= each) {
      // What would trade at once is left out: a program is there to be seen.
      const order = this.wouldTrade(side, price) ? null : this.place(side, price, Math.min(each, left));
      if (order) orders.push(order);
      price += away;
    }
    this.programs.push({ orders, until: this.time + random.exponential(life) });
  }

  private wouldTrade(side: Side, ticks: number): boolean {
    const best = this.book.ladders[side === BID ? ASK : BID].best;
    if (best === null) return false;
    return side === BID ? ticks * this.tickSize >= best : ticks * this.tickSize <= best;
  }

  private withdrawPrograms(): void {
    const { time } = this;
    const standing = this.programs.filter(({ until }) => until > time);
    if (standing.length === this.programs.length) return;
    for (const { orders, until } of this.programs) {
      if (until <= time) for (const order of orders) this.book.cancel(order);
    }
    this.programs = standing;
  }

  private takers(seconds: number): void {
    const { random, profile } = this;
    const { rate, lots } = profile.takers;
    for (let n = random.poisson(rate * seconds); n > 0; n -= 1) {
      const side = random.chance(0.5 + 0.1 * Math.max(-4, Math.min(4, this.pressure))) ? BID : ASK;
      this.book.execute(side, MARKET_PRICE[side], this.size(lots) * this.lotSize, this.onTrade);
    }
  }

  /** Price in ticks at a distance from the fair value, on the outer side of it. */
  private priceAt(side: Side, distance: number): number {
    return side === BID ? Math.floor(this.fair - distance) : Math.ceil(this.fair + distance);
  }

  private place(side: Side, ticks: number, lots: number): Order | null {
    if (ticks < 1) return null;
    return this.submit(side, ticks * this.tickSize, lots * this.lotSize);
  }

  private size(mean: number): number {
    return sizeAt(this.random.uniform(), mean);
  }
}

/** Whole lots, at least one, `mean` on average, few of them large: the size below which a share of the orders lies. */
const sizeAt = (share: number, mean: number): number =>
  1 + Math.floor(-Math.log(1 - share) / Math.log(1 + 1 / (mean - 1)));

// Multiples of these, without their whole part, fill the range from 0 to 1 evenly, and each in an order of its own.
const GOLDEN = (Math.sqrt(5) - 1) / 2;
const SILVER = Math.sqrt(2) - 1;
const evenly = (i: number, ratio: number): number => ((i + 1) * ratio) % 1;

/** A value of mean 0 and deviation 1 after some of its lives: it forgets, and chance fills what is forgotten. */
function drifted(value: number, lives: number, random: Random): number {
  const kept = Math.exp(-lives);
  return value * kept + Math.sqrt(1 - kept * kept) * random.normal();
}

/** The distance below which a share of the orders stands, where their density rises from 0 as 1 - exp(-d / shyness). */
function shyDistance(share: number, reach: number, shyness: number): number {
  const below = (d: number): number => d - shyness * (1 - Math.exp(-d / shyness));
  const wanted = share * below(reach);
  let from = 0;
  let to = reach;
  while (to - from > 0.01) {
    const middle = (from + to) / 2;
    if (below(middle) < wanted) from = middle;
    else to = middle;
  }
  return from;
}
