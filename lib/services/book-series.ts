/** What an instrument's stored books say over time: depth imbalance, the cost of trading, and order flow imbalance. */
import {
  countFrames,
  type FrameName,
  feedOfInterval,
  framesOfPage,
  lastFrameOfColumns,
  type StoredGap,
  type StoredSide,
} from '../../db/depth.ts';
import { INTERVALS } from '../api/intervals.ts';
import type { Answer, Query } from '../api/operations.ts';
import { ABSENT, isPresent } from '../core/absent.ts';
import { ASK, BID, MAX_LEVELS, type Side, SideLevels } from '../core/side.ts';
import { barStart } from '../orderflow/bars.ts';
import { imbalanceOf, imbalanceWithin, midOf, roundTripBps, spreadOf } from '../orderflow/book-metrics.ts';
import { alignedOfi, RankedOfi } from '../orderflow/order-flow-imbalance.ts';
import { FRESH_US } from '../signals/detector.ts';
import type { Caller } from './access.ts';
import { answerOf, heardOf, knownInstrument, mustBeAnInterval, roundedShare, shareHeard } from './asked-flow.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { inIst } from './times.ts';

const SAMPLES_MAX = 4000;
const FRAMES_MAX = 50_000;
/** Frames read at once: 200 levels take 5 kB each. */
const PAGE_FRAMES = 2000;
const BPS_IN_PERCENT = 100;

/** Both sides of a book as they were heard last. */
class TwoSides {
  readonly bids = new SideLevels();
  readonly asks = new SideLevels();
  /** When each side's frame came; 0: never. */
  private readonly stamps = [0, 0];

  constructor(private readonly gaps: readonly StoredGap[]) {}

  take(frame: StoredSide): void {
    frame.read(frame.side === BID ? this.bids : this.asks);
    this.stamps[frame.side] = frame.stampUs;
  }

  /** Age of the older side at an instant, µs; null where a side is not there, stale, or of before a gap. */
  ageAt(us: number): number | null {
    const oldestUs = Math.min(this.stampOf(BID), this.stampOf(ASK));
    if (oldestUs === 0 || us - oldestUs > FRESH_US) return null;
    // A gap begins with the last frame before it.
    if (this.gaps.some(({ fromUs }) => fromUs >= oldestUs && fromUs < us)) return null;
    return Math.max(0, us - oldestUs);
  }

  /** Stamp of the side that came last. */
  get newestUs(): number {
    return Math.max(this.stampOf(BID), this.stampOf(ASK));
  }

  private stampOf(side: Side): number {
    return this.stamps[side] as number;
  }
}

/** What every bucket counts of the times that the book was looked at. */
interface LookBucket {
  readonly fromUs: number;
  looks: number;
  samples: number;
  maxAgeUs: number;
}

type SampledQuery = Pick<Query<'/api/orderflow/imbalance'>, 'instrument' | 'from' | 'to' | 'interval' | 'sample_ms'>;

/**
 * Looks at an interval's books every `sample_ms`.
 *
 * @param see told of each look at which both sides were there and fresh
 * @returns buckets in which there was one
 * @throws RequestError 404, 422
 */
async function sampledBooks<Bucket extends LookBucket>(
  caller: Caller,
  query: SampledQuery,
  levels: number,
  make: (fromUs: number) => Bucket,
  see: (bucket: Bucket, bids: SideLevels, asks: SideLevels, lotSize: number) => void,
) {
  const { from, to, sample_ms: sampleMs } = query;
  const sampleUs = sampleMs * 1000;
  mustBeAnInterval(query);
  if ((to - from) / sampleUs > SAMPLES_MAX) {
    const seconds = Math.floor((SAMPLES_MAX * sampleMs) / 1000);
    throw new RequestError(
      422,
      'Too many samples',
      `At most ${SAMPLES_MAX} samples a request: ask for ${seconds} s or less, or for a larger \`sample_ms\`.`,
    );
  }
  const books = await askedBooks(caller, query);
  const frames =
    books.feedId === null
      ? []
      : await lastFrameOfColumns(services().db, {
          instrumentId: books.instrument.id,
          feedId: books.feedId,
          fromUs: from - FRESH_US,
          toUs: to,
          columnUs: sampleUs,
          levels,
        });
  const barUs = INTERVALS[query.interval];
  const sides = new TwoSides(books.gaps);
  const buckets = new Map<number, Bucket>();
  let at = 0;
  const endUs = Math.min(to, books.completeToUs);
  for (let us = (Math.floor(from / sampleUs) + 1) * sampleUs; us <= endUs; us += sampleUs) {
    for (let frame = frames[at]; frame && frame.bookTimeUs < us; frame = frames[at]) {
      sides.take(frame);
      at += 1;
    }
    const bucket = bucketOf(buckets, barStart(us - 1, barUs), make);
    bucket.looks += 1;
    const ageUs = sides.ageAt(us);
    if (ageUs === null) continue;
    bucket.samples += 1;
    bucket.maxAgeUs = Math.max(bucket.maxAgeUs, ageUs);
    see(bucket, sides.bids, sides.asks, books.instrument.lotSize);
  }
  return { answer: books.answer, buckets: [...buckets.values()].filter(({ samples }) => samples > 0) };
}

const newLook = (fromUs: number): LookBucket => ({ fromUs, looks: 0, samples: 0, maxAgeUs: 0 });

/** As answers say how a bucket was looked at. */
const lookAnswer = ({ looks, samples, maxAgeUs }: LookBucket) => ({
  samples,
  maxAgeMs: Math.round(maxAgeUs / 1000),
  coverage: roundedShare(samples / looks),
});

/** @throws RequestError 404, 422 */
export async function imbalance(
  caller: Caller,
  query: Query<'/api/orderflow/imbalance'>,
): Promise<Answer<'/api/orderflow/imbalance'>> {
  const { levels, within } = query;
  const { answer, buckets } = await sampledBooks(
    caller,
    query,
    within === undefined ? levels : MAX_LEVELS,
    (fromUs) => ({
      ...newLook(fromUs),
      oneSided: 0,
      sum: 0,
      min: Number.POSITIVE_INFINITY,
      max: Number.NEGATIVE_INFINITY,
      last: 0,
    }),
    (bucket, bids, asks) => {
      const value =
        within === undefined ? imbalanceOf(bids, asks, levels) : imbalanceWithin(bids, asks, within * BPS_IN_PERCENT);
      if (midOf(bids, asks) === ABSENT) bucket.oneSided += 1;
      bucket.sum += value;
      bucket.min = Math.min(bucket.min, value);
      bucket.max = Math.max(bucket.max, value);
      bucket.last = value;
    },
  );
  return {
    ...answer,
    interval: query.interval,
    levels: within === undefined ? levels : null,
    within: within ?? null,
    sampleMs: query.sample_ms,
    buckets: buckets.map((bucket) => ({
      time: inIst(bucket.fromUs),
      mean: bucket.sum / bucket.samples,
      min: bucket.min,
      max: bucket.max,
      last: bucket.last,
      oneSided: bucket.oneSided,
      ...lookAnswer(bucket),
    })),
  };
}

/** @throws RequestError 404, 422 */
export async function tradingCost(
  caller: Caller,
  query: Query<'/api/orderflow/cost'>,
): Promise<Answer<'/api/orderflow/cost'>> {
  const { lots } = query;
  const { answer, buckets } = await sampledBooks(
    caller,
    query,
    MAX_LEVELS,
    (fromUs) => ({ ...newLook(fromUs), spread: 0, cost: 0, filled: 0 }),
    (bucket, bids, asks, lotSize) => {
      const spread = spreadOf(bids, asks);
      // A side that is empty has no price: as good as not there.
      if (!isPresent(spread)) {
        bucket.samples -= 1;
        return;
      }
      bucket.spread += spread;
      const cost = roundTripBps(bids, asks, lots * lotSize);
      if (!isPresent(cost)) return;
      bucket.cost += cost;
      bucket.filled += 1;
    },
  );
  return {
    ...answer,
    interval: query.interval,
    lots,
    sampleMs: query.sample_ms,
    buckets: buckets.map((bucket) => ({
      time: inIst(bucket.fromUs),
      spread: bucket.spread / bucket.samples,
      roundTripBps: bucket.filled === 0 ? null : bucket.cost / bucket.filled,
      filled: roundedShare(bucket.filled / bucket.samples),
      ...lookAnswer(bucket),
    })),
  };
}

interface OfiBucket {
  readonly fromUs: number;
  readonly byRank: number[];
  scalar: number;
  aligned: number;
  steps: number;
  maxAgeUs: number;
}

/** @throws RequestError 404, 413, 422 */
export async function orderFlowImbalance(
  caller: Caller,
  query: Query<'/api/orderflow/ofi'>,
): Promise<Answer<'/api/orderflow/ofi'>> {
  const { from, levels, within, decay } = query;
  mustBeAnInterval(query);
  const books = await askedBooks(caller, query);
  const barUs = INTERVALS[query.interval];
  const sides = new TwoSides(books.gaps);
  const before = { bids: new SideLevels(), asks: new SideLevels() };
  const ranks = new RankedOfi(levels);
  const buckets = new Map<number, OfiBucket>();
  const step = (bookTimeUs: number): void => {
    const { bids, asks } = sides;
    const ageUs = sides.ageAt(sides.newestUs);
    if (ageUs === null) {
      ranks.reset();
      return;
    }
    if (ranks.push(bids, asks) && bookTimeUs >= from) {
      const bucket = bucketOf(buckets, barStart(bookTimeUs, barUs), (fromUs) => newOfiBucket(fromUs, levels));
      ranks.byRank.forEach((value, rank) => {
        bucket.byRank[rank] = (bucket.byRank[rank] as number) + value;
      });
      bucket.scalar += ranks.scalar(decay);
      if (within !== undefined) {
        const reach = (midOf(bids, asks) * within) / 100;
        bucket.aligned += alignedOfi(before.bids, before.asks, bids, asks, reach);
      }
      bucket.steps += 1;
      bucket.maxAgeUs = Math.max(bucket.maxAgeUs, ageUs);
    }
    before.bids.copyFrom(bids);
    before.asks.copyFrom(asks);
  };

  let bookTimeUs = 0;
  for await (const frame of books.frames(within === undefined ? levels : MAX_LEVELS)) {
    // Both sides of a book share its time: a step is made once they are both there.
    if (bookTimeUs !== 0 && frame.bookTimeUs !== bookTimeUs) step(bookTimeUs);
    bookTimeUs = frame.bookTimeUs;
    if (books.gaps.some((gap) => gap.fromUs >= sides.newestUs && gap.fromUs < frame.stampUs)) ranks.reset();
    sides.take(frame);
  }
  if (bookTimeUs !== 0) step(bookTimeUs);
  return {
    ...books.answer,
    interval: query.interval,
    levels,
    within: within ?? null,
    decay,
    buckets: [...buckets.values()].map(({ fromUs, byRank, scalar, aligned, steps, maxAgeUs }) => ({
      time: inIst(fromUs),
      best: byRank[0] as number,
      byRank,
      scalar,
      aligned: within === undefined ? null : aligned,
      steps,
      maxAgeMs: Math.round(maxAgeUs / 1000),
      coverage: shareHeard(fromUs, fromUs + barUs, books),
    })),
  };
}

const newOfiBucket = (fromUs: number, levels: number): OfiBucket => ({
  fromUs,
  byRank: Array.from({ length: levels }, () => 0),
  scalar: 0,
  aligned: 0,
  steps: 0,
  maxAgeUs: 0,
});

function bucketOf<Bucket>(buckets: Map<number, Bucket>, fromUs: number, make: (fromUs: number) => Bucket): Bucket {
  let bucket = buckets.get(fromUs);
  if (!bucket) {
    bucket = make(fromUs);
    buckets.set(fromUs, bucket);
  }
  return bucket;
}

/** The stored books of an interval. Those of the moment before it belong to it: they are what its first one is held against. */
async function askedBooks(
  caller: Caller,
  { instrument: slug, from, to }: { readonly instrument: string; readonly from: number; readonly to: number },
) {
  const instrument = await knownInstrument(caller, slug);
  const feedId = await feedOfInterval(services().db, instrument.id, from, to);
  const heard = await heardOf(instrument.id, feedId, from - FRESH_US, to);
  return {
    ...heard,
    instrument,
    feedId,
    answer: answerOf(instrument, feedId, from, to, heard),
    frames: (levels: number): AsyncIterable<StoredSide> | readonly StoredSide[] =>
      feedId === null
        ? []
        : framesOf({ instrumentId: instrument.id, feedId, fromUs: from - FRESH_US, toUs: to, levels }),
  };
}

/** @throws RequestError 413 */
async function* framesOf(interval: {
  readonly instrumentId: number;
  readonly feedId: number;
  readonly fromUs: number;
  readonly toUs: number;
  readonly levels: number;
}): AsyncGenerator<StoredSide> {
  const { db } = services();
  if ((await countFrames(db, interval, FRAMES_MAX + 1)) > FRAMES_MAX) {
    throw new RequestError(
      413,
      'Too many frames',
      `The interval holds more than ${FRAMES_MAX} frames of depth: ask for a shorter one.`,
    );
  }
  let after: FrameName | null = null;
  for (;;) {
    const page: (StoredSide & FrameName)[] = await framesOfPage(db, { ...interval, after, limit: PAGE_FRAMES });
    yield* page;
    after = page.at(-1) ?? null;
    if (page.length < PAGE_FRAMES) return;
  }
}
