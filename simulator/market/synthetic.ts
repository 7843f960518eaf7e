/**
 * A made-up market: real order flow through a matching engine, from a seed. The same seed, start and settings give the
 * same market, frame by frame; how fast the clock runs and who listens do not matter.
 *
 * One index drives everything: futures follow it at their basis, options by their theoretical value, stocks by their
 * beta. Each instrument adds a flow of its own (order-flow.ts) with its own stream of chance.
 */
import { formatIstDate } from '../../lib/core/ist.ts';
import { ASK, BID, type Side, SideLevels } from '../../lib/core/side.ts';
import type { Order } from '../../lib/recordings/order-book.ts';
import { Quote } from '../../lib/recordings/quote.ts';
import { nextOpenUs, type Segment } from '../calendar.ts';
import { type EventPlan, InjectedEvents } from './events.ts';
import { IndexPath } from './index-path.ts';
import { instrumentsOn, isMore } from './instruments.ts';
import { isIndex, type Market, type MarketInstrument, type MarketListener } from './market.ts';
import { OrderFlow } from './order-flow.ts';
import { type Cadence, PROFILES, type TradedProfile } from './profiles.ts';
import { Random } from './random.ts';
import { anchorOf, startingCloseOf, startingOpenInterestOf } from './valuation.ts';

export interface SyntheticOptions {
  readonly seed: number;
  /** Market time at the start, µs since the epoch. Its IST date decides which contracts are listed. */
  readonly startUs: number;
  /** `always`: trades around the clock. `nse`: only in the exchange's sessions. */
  readonly session: 'always' | 'nse';
  /** Side frames a second of every instrument; null for each one's own cadence. */
  readonly framesPerSecond?: number | null;
  /** Quote packets a second of every instrument; null for each one's own cadence. */
  readonly ticksPerSecond?: number | null;
  /** Further stocks, each at its own cadence whatever the rates above. */
  readonly more?: number;
  /** Labelled events in every book; null for a market that nobody has put anything into. */
  readonly events?: EventPlan | null;
}

/** From one value of the index to the next. */
const INDEX_STEP_US = 100_000;
/** Index packets: three a second or so, as the real ones. */
const INDEX_CADENCE: Cadence = { bookUs: Infinity, jitterUs: 0, skipped: 0, tickUs: 350_000 };
/** Book cycles that an instrument has behind it when the market opens: by then its flow has settled. */
const WARM_UP_CYCLES = 60;
/** A longer pause between two books (a night) is no reason for more orders. */
const STEP_SECONDS_MAX = 1;
const US_PER_SECOND = 1_000_000;
/** Streams of chance from here on are of events; those below are of the instruments' own flow. */
const EVENT_STREAMS = 1000;

/** One instrument and when it is due next. */
class Traded {
  readonly quote = new Quote();
  readonly flow: OrderFlow | null;
  readonly levels: readonly [SideLevels, SideLevels] = [new SideLevels(), new SideLevels()];
  /** Ladder versions that `levels` were copied from. */
  readonly extracted: [number, number] = [-1, -1];
  cadence: Cadence;
  /** Ticks go out at their rate even where nothing has changed. */
  ticksAlways = false;
  /** False while its book stands still, for tests that want a known picture. */
  flowing = true;
  events: InjectedEvents | null = null;
  /** Orders by hand, as long as nobody has pulled them. */
  outside: Order[] = [];
  nextBookUs = Infinity;
  nextTickUs = Infinity;
  /** Market time of the last step of its flow. */
  steppedUs: number;
  /** IST date of the day that its quote sums up; empty before the first. */
  day = '';
  /** What the last tick said, to know whether there is anything new. */
  tickedPrice = 0;
  tickedVersion = -1;

  constructor(
    readonly instrument: MarketInstrument,
    readonly profile: TradedProfile | null,
    readonly random: Random,
    anchor: number,
    nowUs: () => number,
    startUs: number,
  ) {
    this.cadence = profile?.cadence ?? INDEX_CADENCE;
    this.steppedUs = startUs;
    const { quote } = this;
    const hasOpenInterest = instrument.expiry !== null;
    this.flow =
      profile &&
      new OrderFlow(
        profile.flow,
        instrument.tickSize,
        instrument.lotSize,
        random,
        (price, quantity) => {
          quote.trade(price, quantity, nowUs());
          if (hasOpenInterest) quote.openInterest(Math.max(0, quote.oi + (random.below(3) - 1) * quantity));
        },
        anchor,
      );
  }

  get segment(): Segment {
    return this.instrument.expiry === null ? 'cash' : 'derivatives';
  }
}

export class SyntheticMarket implements Market {
  readonly name: string;
  readonly recording = null;
  readonly loading = null;
  readonly instruments: readonly MarketInstrument[];
  nowUs: number;
  private readonly traded: readonly Traded[];
  private readonly index: IndexPath;
  private nextIndexUs: number;

  constructor(private readonly options: SyntheticOptions) {
    const { seed, startUs } = options;
    this.name = `synthetic seed ${seed}`;
    this.nowUs = startUs;
    this.instruments = instrumentsOn(formatIstDate(startUs), options.more);
    this.index = new IndexPath(new Random(seed, 0));
    this.nextIndexUs = this.inSession('cash', startUs + INDEX_STEP_US);
    this.traded = this.instruments.map((instrument, i) => this.list(instrument, new Random(seed, i + 1)));
    this.setRate(null, options.framesPerSecond ?? null, options.ticksPerSecond ?? null);
  }

  nextUs(): number {
    let next = this.nextIndexUs;
    for (const { nextBookUs, nextTickUs, events } of this.traded) {
      if (events && events.nextUs < next) next = events.nextUs;
      if (nextBookUs < next) next = nextBookUs;
      if (nextTickUs < next) next = nextTickUs;
    }
    return next;
  }

  advance(untilUs: number, listener: MarketListener): void {
    for (let us = this.nextUs(); us <= untilUs; us = this.nextUs()) {
      this.nowUs = us;
      if (us === this.nextIndexUs) {
        this.index.step(INDEX_STEP_US / US_PER_SECOND);
        this.nextIndexUs = this.inSession('cash', us + INDEX_STEP_US);
      }
      for (const { events, segment } of this.traded) {
        if (events?.nextUs !== us) continue;
        events.advance(us);
        events.nextUs = this.inSession(segment, events.nextUs);
      }
      this.traded.forEach((traded, i) => {
        if (us === traded.nextBookUs) this.publishBook(traded, i, listener);
      });
      this.traded.forEach((traded, i) => {
        if (us === traded.nextTickUs) this.publishTick(traded, i, listener);
      });
    }
    this.nowUs = Math.max(this.nowUs, untilUs);
  }

  levels(instrument: number, side: Side): SideLevels {
    const { flow, levels, extracted } = this.at(instrument);
    const ladder = flow?.book.ladders[side];
    if (ladder && extracted[side] !== ladder.version) {
      ladder.extract(levels[side]);
      extracted[side] = ladder.version;
    }
    return levels[side];
  }

  quote(instrument: number): Quote {
    const { flow, quote } = this.at(instrument);
    if (flow) {
      quote.buyQuantity = flow.book.ladders[BID].quantity;
      quote.sellQuantity = flow.book.ladders[ASK].quantity;
    }
    return quote;
  }

  published(): boolean {
    return true;
  }

  async close(): Promise<void> {
    // Nothing is open.
  }

  /** Goes on at a later time without simulating what lies between: the machine slept. */
  jump(us: number): void {
    this.nowUs = us;
    this.nextIndexUs = this.inSession('cash', us + INDEX_STEP_US);
    for (const traded of this.traded) {
      this.schedule(traded, us);
      if (traded.events && traded.events.nextUs < us) traded.events.nextUs = this.inSession(traded.segment, us + 1);
    }
  }

  /**
   * Sets how often books and ticks go out, of one instrument or of all (`null`). A rate of null is the instrument's
   * own; a rate that is given is kept exactly.
   */
  setRate(instrument: number | null, framesPerSecond: number | null, ticksPerSecond: number | null): void {
    const chosen =
      instrument === null ? this.traded.filter((traded) => !isMore(traded.instrument)) : [this.at(instrument)];
    for (const traded of chosen) {
      const own = traded.profile?.cadence ?? INDEX_CADENCE;
      traded.cadence = {
        ...own,
        // Two side frames make a book. A fixed rate is kept exactly, without jitter or skips.
        ...(framesPerSecond && traded.flow
          ? { bookUs: Math.round((2 * US_PER_SECOND) / framesPerSecond), jitterUs: 0, skipped: 0 }
          : {}),
        ...(ticksPerSecond ? { tickUs: Math.round(US_PER_SECOND / ticksPerSecond) } : {}),
      };
      traded.ticksAlways = ticksPerSecond !== null;
      this.schedule(traded, this.nowUs);
    }
  }

  /** Lets an instrument's order flow run or stand still; its book is published all the same. */
  setFlowing(instrument: number, flowing: boolean): void {
    this.at(instrument).flowing = flowing;
  }

  /** A limit order from outside. @throws RangeError where the instrument has no book. */
  submit(instrument: number, side: Side, price: number, quantity: number): void {
    const order = this.flowOf(instrument).submit(side, price, quantity);
    if (order) this.at(instrument).outside.push(order);
  }

  /** Cancels the orders from outside that rest at a price; returns what they still held. */
  pull(instrument: number, side: Side, price: number): number {
    const { book } = this.flowOf(instrument);
    const traded = this.at(instrument);
    const pulled = traded.outside.filter((order) => order.side === side && order.price === price);
    traded.outside = traded.outside.filter((order) => !pulled.includes(order));
    const quantity = pulled.reduce((sum, order) => sum + order.quantity, 0);
    for (const order of pulled) book.cancel(order);
    return quantity;
  }

  /** A market order from outside; returns the traded quantity. @throws RangeError where the instrument has no book. */
  execute(instrument: number, side: Side, quantity: number): number {
    return this.flowOf(instrument).execute(side, quantity);
  }

  /** Cancels every order of a side. @throws RangeError where the instrument has no book. */
  clear(instrument: number, side: Side): void {
    this.flowOf(instrument).book.clear(side);
  }

  private flowOf(instrument: number): OrderFlow {
    const { flow, instrument: listed } = this.at(instrument);
    if (!flow) throw new RangeError(`${listed.slug} has no book`);
    return flow;
  }

  private at(instrument: number): Traded {
    const traded = this.traded[instrument];
    if (!traded) throw new RangeError(`no instrument ${instrument}`);
    return traded;
  }

  /** Lists an instrument and lets its flow settle. */
  private list(instrument: MarketInstrument, random: Random): Traded {
    const { startUs } = this.options;
    const profile = profileOf(instrument);
    const anchor = anchorOf(instrument, this.index, startUs);
    const traded = new Traded(instrument, profile, random, anchor, () => this.nowUs, startUs);
    traded.quote.previousClose = startingCloseOf(instrument);
    if (instrument.expiry !== null) traded.quote.openInterest(startingOpenInterestOf(instrument));
    if (traded.flow && profile) {
      for (let i = 0; i < WARM_UP_CYCLES; i += 1) traded.flow.step(profile.cadence.bookUs / US_PER_SECOND, anchor);
    } else {
      traded.quote.price(anchor * instrument.tickSize);
    }
    const { events, seed } = this.options;
    if (events && traded.flow && profile && !isMore(instrument)) {
      const { slug, tickSize, lotSize } = instrument;
      // A stream of chance of its own: the flow around the events draws what it would have drawn without them.
      const chance = new Random(seed, EVENT_STREAMS + this.instruments.indexOf(instrument));
      traded.events = new InjectedEvents(slug, traded.flow, profile.flow, tickSize, lotSize, chance, events);
    }
    if (isMore(instrument)) {
      traded.ticksAlways = true;
      this.schedule(traded, startUs);
    }
    // What has settled before the open was another day's.
    if (this.inSession(traded.segment, startUs) === startUs) traded.day = formatIstDate(startUs);
    return traded;
  }

  private publishBook(traded: Traded, i: number, listener: MarketListener): void {
    const us = this.nowUs;
    this.beginDay(traded);
    const seconds = Math.min((us - traded.steppedUs) / US_PER_SECOND, STEP_SECONDS_MAX);
    traded.steppedUs = us;
    if (traded.flowing) traded.flow?.step(seconds, anchorOf(traded.instrument, this.index, us));
    traded.nextBookUs = this.inSession(traded.segment, this.afterCycle(traded, us));
    listener.book(i);
  }

  private publishTick(traded: Traded, i: number, listener: MarketListener): void {
    const us = this.nowUs;
    this.beginDay(traded);
    const { instrument, quote, flow } = traded;
    if (!flow) quote.price(anchorOf(instrument, this.index, us) * instrument.tickSize);
    const version = flow ? flow.book.ladders[BID].version + flow.book.ladders[ASK].version : 0;
    if (traded.ticksAlways || version !== traded.tickedVersion || quote.lastPrice !== traded.tickedPrice) {
      traded.tickedVersion = version;
      traded.tickedPrice = quote.lastPrice;
      listener.tick(i);
    }
    traded.nextTickUs = this.inSession(traded.segment, nextMultiple(us, traded.cadence.tickUs));
  }

  private schedule(traded: Traded, us: number): void {
    const { segment, flow, cadence } = traded;
    // Instruments do not beat together: each one's first book lies anywhere within its cycle.
    const first = us + Math.ceil(traded.random.uniform() * cadence.bookUs);
    traded.nextBookUs = flow ? this.inSession(segment, first) : Infinity;
    traded.nextTickUs = this.inSession(segment, nextMultiple(us, cadence.tickUs));
  }

  private afterCycle({ cadence, random }: Traded, us: number): number {
    const { bookUs, jitterUs, skipped } = cadence;
    let after = us + bookUs;
    if (skipped > 0 && random.chance(skipped)) after += bookUs;
    if (jitterUs > 0) after += Math.max(-3, Math.min(1.2, random.normal())) * jitterUs;
    return Math.round(after);
  }

  private beginDay(traded: Traded): void {
    const day = formatIstDate(this.nowUs);
    if (day === traded.day) return;
    traded.day = day;
    traded.quote.startDay();
  }

  private inSession(segment: Segment, us: number): number {
    return this.options.session === 'always' ? us : nextOpenUs(segment, us);
  }
}

/** Multiples of a cadence on the clock: instruments of one cadence tick together and share a frame. */
const nextMultiple = (us: number, step: number): number => (Math.floor(us / step) + 1) * step;

function profileOf(instrument: MarketInstrument): TradedProfile | null {
  if (isIndex(instrument)) return null;
  if (instrument.strike !== null) return PROFILES.option;
  if (isMore(instrument)) return PROFILES.more;
  const key = instrument.type === 'FUT' ? instrument.name : instrument.symbol;
  if (!Object.hasOwn(PROFILES, key)) throw new RangeError(`no profile for ${instrument.slug}`);
  return PROFILES[key as keyof typeof PROFILES];
}
