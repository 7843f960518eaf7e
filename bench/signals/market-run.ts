/**
 * A synthetic or a recorded market in process and as fast as it goes: through the brokers' bytes, the collectors' decoders and the worker's
 * detectors, without sockets and without a clock.
 */
import { DHAN_SEGMENT_CODES } from '../../lib/core/exchange.ts';
import { feedById } from '../../lib/core/feeds.ts';
import type { Instrument } from '../../lib/core/instrument.ts';
import { istMidnightUs } from '../../lib/core/ist.ts';
import { ASK, BID } from '../../lib/core/side.ts';
import { encodeEvent, FeedDecoder } from '../../lib/decode/feed-decoder.ts';
import { newFrameDecoder } from '../../lib/decode/frame-decoders.ts';
import { RECORD, type RecordKind } from '../../lib/journal/format.ts';
import type { Signal } from '../../lib/signals/signal.ts';
import { encodeDhanDepth } from '../../lib/wire/dhan-depth.ts';
import { encodeKiteFrame } from '../../lib/wire/kite-encode.ts';
import { encodeTick } from '../../simulator/kite-packets.ts';
import type { EventLabel } from '../../simulator/market/events.ts';
import type { Market, MarketInstrument, MarketListener } from '../../simulator/market/market.ts';
import { SyntheticMarket } from '../../simulator/market/synthetic.ts';
import { openReplay } from '../../simulator/replay/open.ts';
import { Detectors } from '../../workers/signals/detectors.ts';

export const MARKET_DAY_US = istMidnightUs('2026-11-24') + 9.25 * 3600e6;
/** Nothing is put in before detectors know what is usual. */
export const WARM_UP_US = 8 * 60_000_000;

export interface MarketRun {
  readonly seed: number;
  /** Side frames a second, and ticks a second. */
  readonly framesPerSecond: number;
  readonly seconds: number;
  /** Events a minute; 0 for a market without. */
  readonly eventsPerMinute: number;
  /** Place in the market's list: 0 is the index future, 6 a large stock. */
  readonly instrument: number;
  /** Every record, as a collector's journal would have it. */
  readonly onRecord?: (feedId: number, stampUs: number, kind: RecordKind, payload: Buffer) => void;
}

export interface MarketResult {
  readonly signals: readonly Signal[];
  readonly labels: readonly EventLabel[];
  /** Side frames and ticks that were looked at, and the time that the detectors took, decoding of entries included. */
  readonly entries: number;
  readonly detectorNs: bigint;
}

/** A recording of one instrument, from its beginning. */
export interface RecordedRun extends Pick<MarketRun, 'onRecord'> {
  /** What the simulated exchange can replay: a file or a folder. */
  readonly recording: string;
  /** Nothing after it is looked at, µs since the epoch. */
  readonly untilUs: number;
  /** At most so often, where something has changed; without it as often as it changes. */
  readonly framesPerSecond?: number;
}

const KITE = feedById(1);
const DEPTH = feedById(31);

export function runMarket(run: MarketRun): MarketResult {
  const { seed, framesPerSecond, seconds, eventsPerMinute, instrument: at } = run;
  const labels: EventLabel[] = [];
  const events = {
    perMinute: eventsPerMinute,
    fromUs: MARKET_DAY_US + WARM_UP_US,
    onEvent: (label: EventLabel) => void labels.push(label),
  };
  const market = new SyntheticMarket({
    seed,
    startUs: MARKET_DAY_US,
    session: 'always',
    events: eventsPerMinute > 0 ? events : null,
  });
  // Nobody looks at the others; the slowest rate there is costs next to nothing.
  market.setRate(null, 0.1, 0.1);
  market.setRate(at, framesPerSecond, framesPerSecond);
  const watched = new Watched(market, at, MARKET_DAY_US, run.onRecord);
  market.advance(MARKET_DAY_US + seconds * 1_000_000, watched);
  const { signals, entries, detectorNs, slug } = watched;
  return { signals, labels: labels.filter(({ instrument }) => instrument === slug), entries, detectorNs };
}

/** The same of a recording. */
export async function runRecording({
  recording,
  untilUs,
  framesPerSecond,
  onRecord,
}: RecordedRun): Promise<Omit<MarketResult, 'labels'>> {
  const market = await openReplay(recording);
  const watched = new Watched(market, 0, market.nowUs, onRecord);
  const everyUs = framesPerSecond === undefined ? null : 1_000_000 / framesPerSecond;
  const changes = new Changes(watched);
  const listener = everyUs === null ? watched : changes;
  for (let dueUs = 0; ; ) {
    await market.loading;
    const nextUs = market.nextUs();
    if (nextUs > dueUs) {
      changes.publish();
      if (nextUs > untilUs) break;
      dueUs = everyUs === null ? untilUs : Math.min(untilUs, Math.ceil(nextUs / everyUs) * everyUs);
    }
    market.advance(dueUs, listener);
  }
  await market.close();
  return watched;
}

/** What has changed since it was published last. */
class Changes implements MarketListener {
  private readonly books = new Set<number>();
  private readonly ticks = new Set<number>();

  constructor(private readonly to: MarketListener) {}

  book(i: number): void {
    this.books.add(i);
  }

  tick(i: number): void {
    this.ticks.add(i);
  }

  publish(): void {
    for (const i of this.ticks) this.to.tick(i);
    for (const i of this.books) this.to.book(i);
    this.ticks.clear();
    this.books.clear();
  }
}

/** One instrument of a market, published by both brokers and looked at by the detectors. */
class Watched implements MarketListener {
  readonly signals: Signal[] = [];
  readonly slug: string;
  entries = 0;
  detectorNs = 0n;
  private readonly detectors = new Detectors();
  private readonly decoders = new Map(
    [KITE, DEPTH].map((feed) => [feed.id, new FeedDecoder(feed, newFrameDecoder(feed))]),
  );
  private readonly listed: MarketInstrument;

  constructor(
    private readonly market: Pick<Market, 'instruments' | 'nowUs' | 'levels' | 'quote'>,
    private readonly at: number,
    private stampUs: number,
    private readonly onRecord: MarketRun['onRecord'],
  ) {
    const listed = market.instruments[at];
    if (!listed) throw new RangeError(`the market has no instrument ${at}`);
    this.listed = listed;
    this.slug = listed.slug;
    const instrument: Instrument = { ...listed, id: at + 1 };
    for (const feed of [KITE, DEPTH]) {
      this.take(feed.id, stampUs, RECORD.event, encodeEvent({ type: 'instruments', instruments: [instrument] }));
    }
  }

  book(i: number): void {
    const { at, market, listed } = this;
    if (i !== at) return;
    for (const side of [BID, ASK] as const) {
      const segment = DHAN_SEGMENT_CODES[listed.dhanSegment];
      const frame = encodeDhanDepth(200, segment, listed.dhanSecurityId, side, market.levels(i, side));
      this.take(DEPTH.id, this.stamp(), RECORD.frame, frame);
    }
  }

  tick(i: number): void {
    const { at, market, listed } = this;
    if (i !== at) return;
    const [bids, asks] = [market.levels(i, BID), market.levels(i, ASK)];
    const { packet } = encodeTick('full', listed, market.quote(i), bids, asks, market.nowUs);
    this.take(KITE.id, this.stamp(), RECORD.frame, encodeKiteFrame([packet]));
  }

  /** Two things of one moment come one after the other. */
  private stamp(): number {
    this.stampUs = Math.max(this.stampUs + 1, this.market.nowUs);
    return this.stampUs;
  }

  private take(feedId: number, stampUs: number, kind: RecordKind, payload: Buffer): void {
    this.onRecord?.(feedId, stampUs, kind, payload);
    const bytes = (this.decoders.get(feedId) as FeedDecoder).take(stampUs, kind, payload);
    if (!bytes) return;
    this.entries += 1;
    const fromNs = process.hrtime.bigint();
    this.signals.push(...this.detectors.take(feedId, stampUs, bytes));
    this.detectorNs += process.hrtime.bigint() - fromNs;
  }
}
