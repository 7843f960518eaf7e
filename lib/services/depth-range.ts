/** Stored depth frame by frame, page by page. */
import { feedOfInterval, framesOfPage } from '../../db/depth.ts';
import { writeCursor } from '../api/cursor.ts';
import type { Answer, Query } from '../api/operations.ts';
import { ASK, BID, MAX_LEVELS, SideLevels } from '../core/side.ts';
import type { Caller } from './access.ts';
import { answerOf, heardOf, knownInstrument, mustBeAnInterval } from './asked-flow.ts';
import { levelsOf } from './book.ts';
import { services } from './context.ts';
import { inIst } from './times.ts';

/** @throws RequestError 404, 422 */
export async function depthRange(
  caller: Caller,
  query: Query<'/api/depth/range'>,
): Promise<Answer<'/api/depth/range'>> {
  const { from, to, limit, cursor, levels } = query;
  mustBeAnInterval(query);
  const instrument = await knownInstrument(caller, query.instrument);
  const { db } = services();
  const feedId = cursor?.feedId ?? (await feedOfInterval(db, instrument.id, from, to));
  const heard = await heardOf(instrument.id, feedId, from, to);
  const answer = answerOf(instrument, feedId, from, to, heard);
  if (feedId === null) return { ...answer, frames: [], next: null };
  const [side = 0, stampUs = 0, n = 0] = cursor?.rest ?? [];
  const rows = await framesOfPage(db, {
    instrumentId: instrument.id,
    feedId,
    fromUs: from,
    toUs: to,
    levels: MAX_LEVELS,
    after: cursor ? { bookTimeUs: cursor.timeUs, side: side === ASK ? ASK : BID, stampUs, n } : null,
    // One more says whether there is a page after this one.
    limit: limit + 1,
  });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const into = new SideLevels();
  return {
    ...answer,
    frames: shown.map((frame) => {
      frame.read(into);
      return {
        bookTime: inIst(frame.bookTimeUs),
        received: inIst(frame.stampUs),
        stampUs: frame.stampUs,
        n: frame.n,
        side: frame.side === BID ? 'bid' : 'ask',
        count: into.count,
        levels: levelsOf(into, levels),
      };
    }),
    next:
      rows.length > limit && last
        ? writeCursor({ feedId, timeUs: last.bookTimeUs, rest: [last.side, last.stampUs, last.n] })
        : null,
  };
}
