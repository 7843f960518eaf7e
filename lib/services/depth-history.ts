/** Stored depth of one instrument in the form of the live stream's messages. docs/STREAM.md describes the answer. */
import { setTimeout as delay } from 'node:timers/promises';
import {
  feedOfInterval,
  gapsBetween,
  lastFrameOfColumns,
  positionOf,
  type StoredGap,
  type StoredTrade,
  tradesBetween,
} from '../../db/depth.ts';
import { flowFeedOf } from '../../db/flow.ts';
import type { Query } from '../api/operations.ts';
import { encodeTick, SideEncoder } from '../book/messages.ts';
import { feedName } from '../core/feeds.ts';
import { ASK, BID, SideLevels } from '../core/side.ts';
import { monotonicMs } from '../obs/clock.ts';
import { readAllStatuses } from '../queue/status.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { summariesOf } from './instruments.ts';

const COLUMNS_MAX = 4000;
const TRADES_MAX = 50_000;
/** The recorder commits within 250 ms: an interval that reaches up to now is waited for this long to be complete. */
const COMPLETE_WAIT_MS = 1000;
const COMPLETE_LOOK_MS = 25;
/** So long after the close everything of the session is written, or its writer has other troubles. */
const DRAINED_AFTER_US = 60_000_000;

/** @throws RequestError for an unknown instrument, a reversed interval, too many columns */
export async function depthHistory(
  caller: Caller,
  query: Query<'/api/depth/history'>,
): Promise<Uint8Array<ArrayBuffer>> {
  const { instrument: instrumentId, from: fromUs, to: toUs, column_ms: columnMs } = query;
  const columnUs = columnMs * 1000;
  if (toUs <= fromUs) throw new RequestError(422, 'Empty interval', '`to` must be later than `from`.');
  if ((toUs - fromUs) / columnUs > COLUMNS_MAX) {
    const seconds = Math.floor((COLUMNS_MAX * columnMs) / 1000);
    throw new RequestError(
      422,
      'Too many columns',
      `At most ${COLUMNS_MAX} columns a request: ask for ${seconds} s or less at ${columnMs} ms, or for wider columns.`,
    );
  }
  const [summary] = await summariesOf(caller, [instrumentId]);
  if (!summary) throw new RequestError(404, 'Unknown instrument', `No instrument has the id ${instrumentId}.`);

  const { db } = services();
  const feedId = await feedOfInterval(db, instrumentId, fromUs, toUs);
  const positionUs = feedId === null ? toUs : await waitForPosition(feedId, toUs);
  // A feed that rests has no position that moves on: what comes after its last one is a market that is closed.
  const rests = feedId !== null && positionUs < toUs && (await restsSinceLong(feedId));
  const [frames, traded, recorded] = await Promise.all([
    feedId === null || query.only === 'trades'
      ? []
      : lastFrameOfColumns(db, { instrumentId, feedId, fromUs, toUs, columnUs }),
    tradesOfFlow(instrumentId, fromUs, toUs),
    feedId === null ? [] : gapsBetween(db, instrumentId, feedId, fromUs, toUs),
  ]);
  const trades = traded.slice(0, TRADES_MAX);
  // Of what is left out the first stamp is known: before it nothing is missing.
  const leftOutUs = traded[TRADES_MAX]?.stampUs;
  const completeToUs = Math.min(toUs, rests ? toUs : positionUs, leftOutUs ?? toUs);
  const isOpen = recorded.some((gap) => gap.toUs === null);
  const rest = { fromUs: Math.max(fromUs, positionUs), toUs, cause: 'market_closed' } as const;
  const gaps: readonly StoredGap[] = rests && !isOpen ? [...recorded, rest] : recorded;

  const sides = [new SideEncoder(instrumentId, BID), new SideEncoder(instrumentId, ASK)] as const;
  const levels = new SideLevels();
  const messages: Uint8Array[] = [];
  let trade = 0;
  const tradesUntil = (untilUs: number): void => {
    for (let next = trades[trade]; next && next.stampUs < untilUs; next = trades[trade]) {
      messages.push(encodeTick({ instrumentId, ...next }));
      trade += 1;
    }
  };
  for (const frame of frames) {
    tradesUntil(frame.bookTimeUs);
    frame.read(levels);
    messages.push(sides[frame.side].next(levels, frame.bookTimeUs, frame.stampUs));
  }
  tradesUntil(Number.POSITIVE_INFINITY);

  const header = Buffer.from(
    JSON.stringify({ instrumentId, columnMs, fromUs, toUs, completeToUs, more: leftOutUs !== undefined, gaps }),
  );
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  return new Uint8Array(Buffer.concat([length, header, ...messages]));
}

/** Of the one feed that bars are read from: two feeds tell of the same trades. One more than are given says that there are more. */
async function tradesOfFlow(instrumentId: number, fromUs: number, toUs: number): Promise<StoredTrade[]> {
  const { db } = services();
  const feedId = await flowFeedOf(db, instrumentId, fromUs, toUs);
  return feedId === null ? [] : tradesBetween(db, instrumentId, feedId, fromUs, toUs, TRADES_MAX + 1);
}

/** Whether a feed has been out of its hours long enough that nothing of it is on its way any more. */
async function restsSinceLong(feedId: number): Promise<boolean> {
  const { redis, nowMs } = services();
  const statuses = await readAllStatuses(redis);
  const name = feedName(feedId);
  const status = [...statuses.values()].flatMap((one) => (one.kind === 'collector' ? (one.feeds[name] ?? []) : []))[0];
  return status?.state === 'market_closed' && nowMs() * 1000 - status.sinceUs > DRAINED_AFTER_US;
}

/** Position of the feed, waiting a moment for it to pass `toUs`. */
async function waitForPosition(feedId: number, toUs: number): Promise<number> {
  const { db } = services();
  const until = monotonicMs() + COMPLETE_WAIT_MS;
  for (;;) {
    const position = await positionOf(db, feedId);
    if (position >= toUs || monotonicMs() >= until) return position;
    await delay(COMPLETE_LOOK_MS);
  }
}
