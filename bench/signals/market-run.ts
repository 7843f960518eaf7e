/**
 * A synthetic market in process and as fast as it goes: through the brokers' bytes, the collectors' decoders and the worker's
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
import { SyntheticMarket } from '../../simulator/market/synthetic.ts';
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
  const listed = market.instruments[at];
  if (!listed) throw new RangeError(`the market has no instrument ${at}`);
  const instrument: Instrument = { ...listed, id: at + 1 };
  const detectors = new Detectors();
  const signals: Signal[] = [];
  let entries = 0;
  let detectorNs = 0n;
  const decoders = new Map([KITE, DEPTH].map((feed) => [feed.id, new FeedDecoder(feed, newFrameDecoder(feed))]));
  const take = (feedId: number, stampUs: number, kind: RecordKind, payload: Buffer): void => {
    run.onRecord?.(feedId, stampUs, kind, payload);
    const bytes = (decoders.get(feedId) as FeedDecoder).take(stampUs, kind, payload);
    if (!bytes) return;
    entries += 1;
    const fromNs = process.hrtime.bigint();
    signals.push(...detectors.take(feedId, stampUs, bytes));
    detectorNs += process.hrtime.bigint() - fromNs;
  };
  for (const feed of [KITE, DEPTH]) {
    take(feed.id, MARKET_DAY_US, RECORD.event, encodeEvent({ type: 'instruments', instruments: [instrument] }));
  }
  let stampUs = MARKET_DAY_US;
  // Two things of one moment come one after the other.
  const stamp = (): number => {
    stampUs = Math.max(stampUs + 1, market.nowUs);
    return stampUs;
  };
  market.advance(MARKET_DAY_US + seconds * 1_000_000, {
    book(i) {
      if (i !== at) return;
      for (const side of [BID, ASK] as const) {
        const segment = DHAN_SEGMENT_CODES[listed.dhanSegment];
        take(
          DEPTH.id,
          stamp(),
          RECORD.frame,
          encodeDhanDepth(200, segment, listed.dhanSecurityId, side, market.levels(i, side)),
        );
      }
    },
    tick(i) {
      if (i !== at) return;
      const { packet } = encodeTick(
        'full',
        listed,
        market.quote(i),
        market.levels(i, BID),
        market.levels(i, ASK),
        market.nowUs,
      );
      take(KITE.id, stamp(), RECORD.frame, encodeKiteFrame([packet]));
    },
  });
  return { signals, labels: labels.filter((label) => label.instrument === listed.slug), entries, detectorNs };
}
