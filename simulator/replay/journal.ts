/**
 * Our own journal: the raw frames of one or more feeds, as a collector received them, merged by their stamps. Each
 * frame is decoded and takes its part of the instrument's state; packets are made anew from that state, field by field
 * the same.
 *
 * Of feeds that carry the same thing the best is taken: 200 levels before 20 before the five of a tick, Kite's ticks
 * before Dhan's.
 */
import { isPresent } from '../../lib/core/absent.ts';
import { DHAN_SEGMENT_CODES, EXCHANGES } from '../../lib/core/exchange.ts';
import { FEEDS, type Feed } from '../../lib/core/feeds.ts';
import { type Instrument, slugOf } from '../../lib/core/instrument.ts';
import { ASK, BID, type Side, SideLevels } from '../../lib/core/side.ts';
import { RECORD } from '../../lib/journal/format.ts';
import { JournalCursor, listSegments } from '../../lib/journal/reader.ts';
import type { Quote } from '../../lib/recordings/quote.ts';
import { type Recording, RecordingError, type ReplayState, type Step } from '../../lib/recordings/recording.ts';
import { DHAN_DEPTH_CODE, DhanDepthBatch, type DhanDepthLevels, decodeDhanDepth } from '../../lib/wire/dhan-depth.ts';
import { DHAN_LIVE_CODE, DhanLiveBatch, type DhanLivePacket, decodeDhanLive } from '../../lib/wire/dhan-live.ts';
import {
  decodeKiteFrame,
  KITE_BYTES,
  KITE_DEPTH_LEVELS,
  KITE_DEPTH_WORDS,
  KITE_FIELD,
  KITE_INDEX_FIELD,
  KITE_WORDS,
  KiteBatch,
} from '../../lib/wire/kite.ts';
import type { MarketInstrument } from '../market/market.ts';

const US_PER_SECOND = 1_000_000;

/** Feeds of which a journal folder holds anything. */
export const journalFeeds = (folder: string): Feed[] =>
  FEEDS.filter(({ name }) => listSegments(folder, name).length > 0);

/** @throws RecordingError where no instrument is named in the journal */
export async function openJournal(folder: string, feeds: readonly Feed[]): Promise<Recording> {
  const byFeed = new Map<Feed, Instrument[]>();
  for (const feed of feeds) byFeed.set(feed, await instrumentsOf(folder, feed));
  const instruments = marketInstruments([...byFeed.values()].flat());
  if (instruments.length === 0) throw new RecordingError(`${folder}: the journal names no instruments`);
  const bestFeeds = new BestFeeds(byFeed);
  return {
    name: `journal of ${feeds.map(({ name }) => name).join(', ')}`,
    instruments,
    unit: 'microseconds since the epoch',
    parseTime: (text) => (/^\d{16}$/.test(text) ? Number(text) : null),
    steps: () => merged(feeds.map((feed) => stepsOf(folder, feed, instruments, bestFeeds))),
  };
}

/** Everything that a feed was ever asked for, as the events at the beginning of its segments say. */
async function instrumentsOf(folder: string, { name }: Feed): Promise<Instrument[]> {
  const found = new Map<string, Instrument>();
  for (const { firstStampUs } of listSegments(folder, name)) {
    for (const { kind, payload } of await new JournalCursor(folder, name, firstStampUs - 1).next()) {
      if (kind !== RECORD.event) continue;
      const { instruments = [] } = JSON.parse(payload.toString('utf8')) as { instruments?: Instrument[] };
      for (const instrument of instruments) found.set(slugOf(instrument), instrument);
    }
  }
  return [...found.values()];
}

function marketInstruments(instruments: readonly Instrument[]): MarketInstrument[] {
  const bySlug = new Map(instruments.map((instrument) => [slugOf(instrument), instrument]));
  return [...bySlug].map(([slug, instrument]) => ({
    ...instrument,
    slug,
    kiteToken: instrument.kiteToken ?? 0,
    dhanSegment: instrument.dhanSegment ?? EXCHANGES[instrument.exchange].dhanSegment,
    dhanSecurityId: instrument.dhanSecurityId ?? 0,
    quantityScale: 1,
    scaling: '',
  }));
}

/** Which kind of feed is believed for an instrument's book, and which for its quote. */
class BestFeeds {
  private readonly book = new Map<string, Feed['kind']>();
  private readonly quote = new Map<string, Feed['kind']>();

  constructor(byFeed: ReadonlyMap<Feed, readonly Instrument[]>) {
    for (const [{ kind }, instruments] of byFeed) {
      for (const instrument of instruments) {
        const slug = slugOf(instrument);
        prefer(this.book, slug, kind, ['depth200', 'depth20', 'ticks', 'live']);
        prefer(this.quote, slug, kind, ['ticks', 'live']);
      }
    }
  }

  isForBook = (slug: string, kind: Feed['kind']): boolean => this.book.get(slug) === kind;
  isForQuote = (slug: string, kind: Feed['kind']): boolean => this.quote.get(slug) === kind;
}

function prefer(
  chosen: Map<string, Feed['kind']>,
  slug: string,
  kind: Feed['kind'],
  order: readonly Feed['kind'][],
): void {
  if (!order.includes(kind)) return;
  const standing = chosen.get(slug);
  if (standing === undefined || order.indexOf(kind) < order.indexOf(standing)) chosen.set(slug, kind);
}

/** One feed's frames as steps. */
async function* stepsOf(
  folder: string,
  feed: Feed,
  instruments: readonly MarketInstrument[],
  best: BestFeeds,
): AsyncGenerator<readonly Step[], void, undefined> {
  const decode = decoderOf(feed, instruments, best);
  const cursor = new JournalCursor(folder, feed.name, 0);
  for (let records = await cursor.next(); records.length > 0; records = await cursor.next()) {
    const steps: Step[] = [];
    for (const { kind, stampUs, payload } of records) {
      if (kind !== RECORD.frame) continue;
      for (const { instrument, apply } of decode(payload)) {
        steps.push({ at: stampUs, us: stampUs, instrument, apply: (state) => apply(state, stampUs) });
      }
    }
    if (steps.length > 0) yield steps;
  }
}

/** What a packet does to its instrument. */
interface Change {
  readonly instrument: number;
  apply(state: ReplayState, us: number): void;
}

type Decode = (frame: Buffer) => Change[];

function decoderOf(feed: Feed, instruments: readonly MarketInstrument[], best: BestFeeds): Decode {
  switch (feed.kind) {
    case 'ticks':
      return kiteDecoder(instruments, best);
    case 'live':
      return liveDecoder(instruments, best);
    case 'depth20':
      return depthDecoder(feed.kind, 20, instruments, best);
    case 'depth200':
      return depthDecoder(feed.kind, 200, instruments, best);
  }
}

function kiteDecoder(instruments: readonly MarketInstrument[], best: BestFeeds): Decode {
  const byToken = new Map(instruments.map(({ kiteToken }, i) => [kiteToken, i]));
  const batch = new KiteBatch();
  return (frame) => {
    const changes: Change[] = [];
    decodeKiteFrame(frame, batch);
    for (let i = 0; i < batch.count; i += 1) {
      const words = batch.words.slice(i * KITE_WORDS, (i + 1) * KITE_WORDS);
      const instrument = byToken.get(words[KITE_FIELD.token] as number);
      if (instrument === undefined) continue;
      const { slug } = instruments[instrument] as MarketInstrument;
      if (!best.isForQuote(slug, 'ticks')) continue;
      const length = batch.length[i] as number;
      const withBook = length === KITE_BYTES.full && best.isForBook(slug, 'ticks');
      changes.push({
        instrument,
        apply(state) {
          state.totalsFromBook = false;
          state.change((quote) => readKite(words, length, quote));
          if (!withBook) return;
          state.replaceSide(BID, kiteSide(words, KITE_FIELD.depth));
          state.replaceSide(ASK, kiteSide(words, KITE_FIELD.depth + KITE_DEPTH_LEVELS * KITE_DEPTH_WORDS));
        },
      });
    }
    return changes;
  };
}

function readKite(words: Uint32Array, length: number, quote: Quote): void {
  const word = (field: number): number => words[field] as number;
  quote.lastPrice = word(KITE_FIELD.lastPrice);
  if (length === KITE_BYTES.ltp) return;
  if (length === KITE_BYTES.indexQuote || length === KITE_BYTES.indexFull) {
    quote.high = word(KITE_INDEX_FIELD.high);
    quote.low = word(KITE_INDEX_FIELD.low);
    quote.open = word(KITE_INDEX_FIELD.open);
    quote.previousClose = word(KITE_INDEX_FIELD.close);
    return;
  }
  quote.lastQuantity = word(KITE_FIELD.lastQuantity);
  quote.volume = word(KITE_FIELD.volume);
  quote.turnover = word(KITE_FIELD.averagePrice) * quote.volume;
  quote.buyQuantity = word(KITE_FIELD.buyQuantity);
  quote.sellQuantity = word(KITE_FIELD.sellQuantity);
  quote.open = word(KITE_FIELD.open);
  quote.high = word(KITE_FIELD.high);
  quote.low = word(KITE_FIELD.low);
  quote.previousClose = word(KITE_FIELD.close);
  if (length === KITE_BYTES.quote) return;
  quote.lastTradeUs = word(KITE_FIELD.lastTradeTime) * US_PER_SECOND;
  quote.oi = word(KITE_FIELD.oi);
  quote.oiDayHigh = word(KITE_FIELD.oiDayHigh);
  quote.oiDayLow = word(KITE_FIELD.oiDayLow);
}

function kiteSide(words: Uint32Array, from: number): SideLevels {
  const side = new SideLevels(KITE_DEPTH_LEVELS);
  for (let level = 0; level < KITE_DEPTH_LEVELS; level += 1) {
    const at = from + level * KITE_DEPTH_WORDS;
    if (words[at + 1] === 0) continue;
    side.quantities[side.count] = words[at] as number;
    side.prices[side.count] = words[at + 1] as number;
    side.orders[side.count] = (words[at + 2] as number) >>> 16;
    side.count += 1;
  }
  return side;
}

/** Instruments by segment and id as packets carry them. */
const bySecurity = (instruments: readonly MarketInstrument[]): Map<string, number> =>
  new Map(
    instruments.map(({ dhanSegment, dhanSecurityId }, i) => [
      `${DHAN_SEGMENT_CODES[dhanSegment]} ${dhanSecurityId}`,
      i,
    ]),
  );

function depthDecoder(
  kind: Feed['kind'],
  levels: DhanDepthLevels,
  instruments: readonly MarketInstrument[],
  best: BestFeeds,
): Decode {
  const byId = bySecurity(instruments);
  const batch = new DhanDepthBatch();
  return (frame) => {
    const changes: Change[] = [];
    decodeDhanDepth(frame, levels, batch);
    for (const packet of batch.packets.slice(0, batch.count)) {
      const instrument = byId.get(`${packet.segment} ${packet.securityId}`);
      if (instrument === undefined || packet.code === DHAN_DEPTH_CODE.disconnect) continue;
      if (!best.isForBook((instruments[instrument] as MarketInstrument).slug, kind)) continue;
      const side: Side = packet.side;
      const copy = new SideLevels();
      copy.copyFrom(packet.levels);
      changes.push({ instrument, apply: (state) => state.replaceSide(side, copy) });
    }
    return changes;
  };
}

function liveDecoder(instruments: readonly MarketInstrument[], best: BestFeeds): Decode {
  const byId = bySecurity(instruments);
  const batch = new DhanLiveBatch();
  const find = (segment: number, id: number): number | undefined => byId.get(`${segment} ${id}`);
  const tickOf = (segment: number, id: number): number => instruments[find(segment, id) ?? -1]?.tickSize ?? 1;
  return (frame) => {
    const changes: Change[] = [];
    decodeDhanLive(frame, tickOf, batch);
    for (const packet of batch.packets.slice(0, batch.count)) {
      const instrument = find(packet.segment, packet.securityId);
      if (instrument === undefined || packet.code === DHAN_LIVE_CODE.disconnect) continue;
      const { slug } = instruments[instrument] as MarketInstrument;
      if (!best.isForQuote(slug, 'live')) continue;
      const { bids, asks, code, ...fields } = packet;
      const sides = [copyOf(bids), copyOf(asks)] as const;
      const withBook = code === DHAN_LIVE_CODE.full && best.isForBook(slug, 'live');
      changes.push({
        instrument,
        apply(state) {
          state.totalsFromBook = false;
          state.change((quote) => readLive(fields, quote));
          if (!withBook) return;
          state.replaceSide(BID, sides[BID]);
          state.replaceSide(ASK, sides[ASK]);
        },
      });
    }
    return changes;
  };
}

function copyOf(side: SideLevels): SideLevels {
  const copy = new SideLevels();
  copy.copyFrom(side);
  return copy;
}

/** Takes over what the packet has; the rest stays as it was. */
function readLive(packet: Pick<DhanLivePacket, LiveField>, quote: Quote): void {
  const or = (value: number, standing: number): number => (isPresent(value) ? value : standing);
  quote.lastPrice = or(packet.lastPrice, quote.lastPrice);
  quote.lastQuantity = or(packet.lastQuantity, quote.lastQuantity);
  if (isPresent(packet.lastTradeTime)) quote.lastTradeUs = packet.lastTradeTime * US_PER_SECOND;
  quote.volume = or(packet.volume, quote.volume);
  if (isPresent(packet.averagePrice)) quote.turnover = packet.averagePrice * quote.volume;
  quote.buyQuantity = or(packet.buyQuantity, quote.buyQuantity);
  quote.sellQuantity = or(packet.sellQuantity, quote.sellQuantity);
  quote.open = or(packet.open, quote.open);
  quote.high = or(packet.high, quote.high);
  quote.low = or(packet.low, quote.low);
  quote.previousClose = or(packet.close, quote.previousClose);
  quote.oi = or(packet.oi, quote.oi);
  quote.oiDayHigh = or(packet.oiDayHigh, quote.oiDayHigh);
  quote.oiDayLow = or(packet.oiDayLow, quote.oiDayLow);
}

type LiveField =
  | 'lastPrice'
  | 'lastQuantity'
  | 'lastTradeTime'
  | 'volume'
  | 'averagePrice'
  | 'buyQuantity'
  | 'sellQuantity'
  | 'open'
  | 'high'
  | 'low'
  | 'close'
  | 'oi'
  | 'oiDayHigh'
  | 'oiDayLow';

/** Several sources, each in order, as one in order. */
async function* merged(
  sources: readonly AsyncGenerator<readonly Step[], void, undefined>[],
): AsyncGenerator<readonly Step[], void, undefined> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, steps: await nextBatch(source), at: 0 })));
  for (;;) {
    const open = heads.filter(({ steps }) => steps.length > 0);
    if (open.length === 0) return;
    // Up to the earliest end of a batch nothing earlier can come from anywhere.
    const limit = Math.min(...open.map(({ steps }) => (steps.at(-1) as Step).at));
    const ready: Step[] = [];
    for (const head of open) {
      for (; head.at < head.steps.length; head.at += 1) {
        const step = head.steps[head.at] as Step;
        if (step.at > limit) break;
        ready.push(step);
      }
      if (head.at === head.steps.length) {
        head.steps = await nextBatch(head.source);
        head.at = 0;
      }
    }
    yield ready.sort((a, b) => a.at - b.at);
  }
}

async function nextBatch(source: AsyncGenerator<readonly Step[], void, undefined>): Promise<readonly Step[]> {
  const { value } = await source.next();
  return value ?? [];
}
