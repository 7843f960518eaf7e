/**
 * The newest book and tick of every instrument, from the streams' entries: what a browser is shown first, and the
 * messages it is then sent. One for the whole process, however many browsers there are.
 */
import { encodeGap, encodeTick, SideEncoder } from '../book/messages.ts';
import { ABSENT, isPresent } from '../core/absent.ts';
import { levelsOfFeed } from '../core/feeds.ts';
import { ASK, BID, type Side, type SideLevels } from '../core/side.ts';
import { TICK_LEVELS, type Tick } from '../orderflow/tick.ts';
import { type DepthRecord, EntryReader, type GapRecord } from '../queue/entry.ts';
import type { StreamEntry } from '../queue/streams.ts';

/** So long after its last frame a depth feed gives way to a shallower one, µs. */
const DEPTH_GIVES_WAY_US = 3_000_000;
/**
 * And so long to the five levels of a live feed. Not when it is merely silent: five in the place of two hundred look like a
 * book that was emptied. By then the instrument has another place in the plan.
 */
const DEPTH_GIVES_WAY_TO_TICKS_US = 600_000_000;
/** So long after its last tick a feed gives way to another one that tells of the same trades, µs. */
const TICKS_GIVE_WAY_US = 10_000_000;
/** Time over which the frame rate is smoothed. */
const RATE_US = 2_000_000;

/** Where the messages go. */
export interface MessageSink {
  /** True where somebody listens to this instrument. */
  wants(instrumentId: number): boolean;
  send(instrumentId: number, message: Uint8Array): void;
}

/** What is known of an instrument now. */
export class LiveInstrument {
  readonly bid: SideEncoder;
  readonly ask: SideEncoder;
  /** Feed whose depth is shown; 0 before the first frame. */
  feedId = 0;
  /** Message of the last tick; null before the first. */
  tick: Uint8Array | null = null;
  lastPrice = ABSENT;
  volume = ABSENT;
  oi = ABSENT;
  /** The gap that stands open, and its message; null where none does. */
  openGap: { readonly fromUs: number; readonly cause: string; readonly message: Uint8Array } | null = null;
  private tickFeedId = 0;
  private tickUs = 0;
  private frameUs = 0;
  private smoothedRate = 0;

  constructor(readonly id: number) {
    this.bid = new SideEncoder(id, BID);
    this.ask = new SideEncoder(id, ASK);
  }

  side(side: Side): SideEncoder {
    return side === BID ? this.bid : this.ask;
  }

  /** True where frames of this feed are the ones to show. */
  prefers(feedId: number, stampUs: number): boolean {
    if (feedId === this.feedId || this.feedId === 0) return true;
    const [shown, offered] = [this.feedId, feedId].map(levelsOfFeed) as [number, number];
    if (offered > shown) return true;
    const fromDepthToTicks = shown > TICK_LEVELS && offered <= TICK_LEVELS;
    return stampUs - this.frameUs > (fromDepthToTicks ? DEPTH_GIVES_WAY_TO_TICKS_US : DEPTH_GIVES_WAY_US);
  }

  /**
   * What of a tick's volume was not told yet; null where another feed tells of it. After a change of feed no more than what the
   * volume of the day has grown by, as the other feed told of the rest.
   */
  untoldVolume(feedId: number, { stampUs, volume, volumeDelta }: Tick): number | null {
    const isAnother = this.tickFeedId !== 0 && feedId !== this.tickFeedId;
    // Kite's ticks come before Dhan's live feed, in bars too (db/flow.ts, flowFeedOf): feeds are numbered in that order.
    if (isAnother && feedId > this.tickFeedId && stampUs - this.tickUs <= TICKS_GIVE_WAY_US) return null;
    this.tickFeedId = feedId;
    this.tickUs = stampUs;
    if (!isAnother) return orZero(volumeDelta);
    const grown = isPresent(volume) && isPresent(this.volume) ? volume - this.volume : 0;
    return Math.max(0, Math.min(orZero(volumeDelta), grown));
  }

  countFrame(stampUs: number): void {
    const elapsed = stampUs - this.frameUs;
    if (this.frameUs > 0 && elapsed > 0) {
      const weight = 1 - Math.exp(-elapsed / RATE_US);
      this.smoothedRate += weight * (1_000_000 / elapsed - this.smoothedRate);
    }
    this.frameUs = stampUs;
  }

  /** Side frames a second, smoothed; no more than the time since the last book, which has two, allows. */
  framesPerSecond(nowUs: number): number {
    return Math.min(this.smoothedRate, 2_000_000 / Math.max(1, nowUs - this.frameUs));
  }
}

export class LiveBooks {
  private readonly reader = new EntryReader();
  private readonly instruments = new Map<number, LiveInstrument>();
  private feedId = 0;

  constructor(private readonly sink: MessageSink) {}

  /** The instrument, known or not yet. */
  of(instrumentId: number): LiveInstrument {
    let live = this.instruments.get(instrumentId);
    if (!live) {
      live = new LiveInstrument(instrumentId);
      this.instruments.set(instrumentId, live);
    }
    return live;
  }

  /** Takes in one entry of a feed. @throws CodecError where it cannot be read */
  take(feedId: number, { stampUs, bytes }: StreamEntry): void {
    this.feedId = feedId;
    this.reader.read(stampUs, bytes, this);
  }

  /** Messages that bring a new listener to where the others are. */
  snapshot(instrumentId: number): Uint8Array[] {
    const { bid, ask, tick, openGap } = this.of(instrumentId);
    const messages: Uint8Array[] = [];
    if (bid.state.known) messages.push(bid.whole());
    if (ask.state.known) messages.push(ask.whole());
    if (tick) messages.push(tick);
    if (openGap) messages.push(openGap.message);
    return messages;
  }

  onDepth(record: DepthRecord): void {
    this.depth(record.instrumentId, record.side, record.levels, record.bookTimeUs, record.stampUs);
  }

  onTick(tick: Tick): void {
    const live = this.of(tick.instrumentId);
    // A live feed without a depth feed beside it still has its five levels to show.
    if (tick.bids.count + tick.asks.count > 0) {
      this.depth(tick.instrumentId, BID, tick.bids, tick.stampUs, tick.stampUs);
      this.depth(tick.instrumentId, ASK, tick.asks, tick.stampUs, tick.stampUs);
    }
    if (!isPresent(tick.lastPrice)) return;
    const volumeDelta = live.untoldVolume(this.feedId, tick);
    const unchanged = tick.lastPrice === live.lastPrice && tick.volume === live.volume && tick.oi === live.oi;
    if (unchanged || volumeDelta === null) return;
    live.lastPrice = tick.lastPrice;
    live.volume = tick.volume;
    live.oi = tick.oi;
    live.tick = encodeTick({
      instrumentId: tick.instrumentId,
      stampUs: tick.stampUs,
      lastPrice: tick.lastPrice,
      volumeDelta,
      aggressor: tick.aggressor,
      confidence: tick.confidence,
      volume: orZero(tick.volume),
      oi: orZero(tick.oi),
      previousClose: orZero(tick.close),
    });
    if (this.sink.wants(tick.instrumentId)) this.sink.send(tick.instrumentId, live.tick);
  }

  onGap({ fromUs, toUs, cause, instrumentIds }: GapRecord): void {
    for (const instrumentId of instrumentIds) {
      const live = this.of(instrumentId);
      // A gap of a feed that is not shown is no gap in what is shown.
      if (live.feedId !== this.feedId) continue;
      const message = encodeGap({ instrumentId, fromUs, toUs, cause });
      live.openGap = toUs === 0 ? { fromUs, cause, message } : null;
      if (this.sink.wants(instrumentId)) this.sink.send(instrumentId, message);
    }
  }

  onReject(): void {
    // Of use to the writer only: nothing of it can be shown.
  }

  private depth(instrumentId: number, side: Side, levels: SideLevels, bookTimeUs: number, stampUs: number): void {
    const live = this.of(instrumentId);
    if (!live.prefers(this.feedId, stampUs)) return;
    live.feedId = this.feedId;
    live.countFrame(stampUs);
    const encoder = live.side(side);
    if (!this.sink.wants(instrumentId)) encoder.skip(levels, bookTimeUs, stampUs);
    else this.sink.send(instrumentId, encoder.next(levels, bookTimeUs, stampUs));
  }
}

/** Messages have no word for "absent" in fields where 0 means the same to a reader. */
const orZero = (value: number): number => (isPresent(value) ? value : 0);
