/** The book of an instrument as it stood at any instant, and what it says. Prices in price units, quantities in units. */
import { bookAsOf, feedOfInterval, gapsBetween, type StoredSide } from '../../db/depth.ts';
import type { Answer, Query } from '../api/operations.ts';
import { isPresent } from '../core/absent.ts';
import { feedName } from '../core/feeds.ts';
import { ASK, BID, type Side, SideLevels } from '../core/side.ts';
import { BOOK_METRICS, type BookMetric, BookMetrics } from '../orderflow/book-metrics.ts';
import { FRESH_US } from '../signals/detector.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { findInstrument } from './instruments.ts';
import { inIst } from './times.ts';

type BookAnswer = Answer<'/api/depth/book'>;
type SideAnswer = BookAnswer['bid'];

/** @throws RequestError 404 */
export async function bookAt(caller: Caller, query: Query<'/api/depth/book'>): Promise<BookAnswer> {
  const { instrument: slug, at, levels } = query;
  const instrument = await findInstrument(caller, slug);
  if (!instrument) throw new RequestError(404, 'Unknown instrument', `There is no instrument ${slug.toUpperCase()}.`);
  const { db } = services();
  const feedId = await feedOfInterval(db, instrument.id, at - FRESH_US, at + 1);
  const [frames, gaps] =
    feedId === null
      ? [[], []]
      : await Promise.all([
          bookAsOf(db, instrument.id, feedId, at),
          gapsBetween(db, instrument.id, feedId, at - FRESH_US, at + 1),
        ]);
  const [bids, asks] = [new SideLevels(), new SideLevels()];
  for (const frame of frames) frame.read(frame.side === BID ? bids : asks);
  const oldestUs = frames.length < 2 ? null : Math.min(...frames.map(({ stampUs }) => stampUs));
  const gap = gaps.find(({ toUs }) => toUs === null || toUs >= at);
  // Sides of before and after a gap are no book, however young both are.
  const isWhole =
    oldestUs !== null && at - oldestUs <= FRESH_US && !gaps.some(({ fromUs }) => fromUs >= oldestUs && fromUs < at);
  const state = frames.length === 0 ? 'none' : gap ? 'gap' : isWhole ? 'whole' : 'stale';
  return {
    instrument: instrument.slug,
    priceScale: instrument.priceScale,
    lotSize: instrument.lotSize,
    at: inIst(at),
    feed: feedId === null ? null : feedName(feedId),
    state,
    cause: gap?.cause ?? null,
    bid: sideAnswer(frames, BID, bids, at, levels),
    ask: sideAnswer(frames, ASK, asks, at, levels),
    metrics: state === 'whole' ? metricsOf(bids, asks, instrument.lotSize) : null,
  };
}

function sideAnswer(
  frames: readonly StoredSide[],
  side: Side,
  heard: SideLevels,
  atUs: number,
  levels: number,
): SideAnswer {
  const frame = frames.find((one) => one.side === side);
  return {
    received: frame ? inIst(frame.stampUs) : null,
    ageMs: frame ? Math.round((atUs - frame.stampUs) / 1000) : null,
    count: heard.count,
    levels: levelsOf(heard, levels),
  };
}

/** The first `most` levels as answers give them: price, quantity, orders. */
export function levelsOf({ count, prices, quantities, orders }: SideLevels, most: number): [number, number, number][] {
  return Array.from({ length: Math.min(count, most) }, (_, i) => [
    prices[i] as number,
    quantities[i] as number,
    orders[i] as number,
  ]);
}

function metricsOf(bids: SideLevels, asks: SideLevels, lotSize: number): Record<BookMetric, number | null> {
  const metrics = new BookMetrics();
  metrics.measure(bids, asks, lotSize);
  return Object.fromEntries(
    BOOK_METRICS.map((name, i) => {
      const value = metrics.values[i] as number;
      return [name, isPresent(value) ? value : null];
    }),
  ) as Record<BookMetric, number | null>;
}
