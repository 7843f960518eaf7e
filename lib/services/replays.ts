/** Replays of what was recorded, as pages and scripts ask for them. docs/STREAM.md describes the stream of one. */
import path from 'node:path';
import type { z } from 'zod';
import type { Frozen } from '../api/parts.ts';
import type { ChangedReplay, NewReplay, OneReplay, ReplayAnswer, ReplaysQuery } from '../api/replays.ts';
import { JournalDamageError } from '../journal/sealed-file.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { summariesOf } from './instruments.ts';
import { type ReplaySession, replaySessions } from './replay-sessions.ts';
import { findReplay } from './replay-source.ts';
import { inIst } from './times.ts';

export const REPLAY_STREAM_PATH = '/api/replay/stream';

const HOUR_US = 3_600_000_000;
const LENGTH_US_DEFAULT = HOUR_US;
const LENGTH_US_MAX = 24 * HOUR_US;
const SECOND_US = 1_000_000;

type Answered = Frozen<z.output<typeof ReplayAnswer>>;

/** @throws RequestError 404, 422, 429 */
export async function createReplay(caller: Caller, body: z.output<typeof NewReplay>): Promise<Answered> {
  const { db, config, nowMs } = services();
  const nowUs = nowMs() * 1000;
  const fromUs = body.from;
  const toUs = Math.min(body.to ?? fromUs + LENGTH_US_DEFAULT, nowUs);
  if (fromUs >= nowUs) throw new RequestError(422, 'Not yet', `\`from\` lies in the future: it is ${inIst(nowUs)}.`);
  if (toUs <= fromUs) throw new RequestError(422, 'Empty interval', '`to` must be later than `from`.');
  if (toUs - fromUs > LENGTH_US_MAX) {
    throw new RequestError(422, 'Too long', `A replay has ${LENGTH_US_MAX / HOUR_US} hours at most: ask for a part.`);
  }
  const instruments = await summariesOf(caller, body.instruments);
  const unknown = body.instruments.filter((id) => !instruments.some((summary) => summary.id === id));
  if (unknown.length > 0) {
    throw new RequestError(404, 'Unknown instrument', `No instrument has the id ${unknown.join(', ')}.`);
  }
  const interval = { fromUs, toUs, instrumentIds: new Set(body.instruments) };
  const found = await findReplay({ db, journalDir: path.join(config.dataDir, 'journal') }, interval, body.source);
  if (!found) {
    const where = body.source === 'auto' ? '' : ` in the ${body.source}`;
    throw new RequestError(
      404,
      'Nothing recorded',
      `Nothing was recorded${where} from ${inIst(fromUs)} to ${inIst(toUs)}.`,
    );
  }
  const sessions = replaySessions();
  const owner = ownerOf(caller);
  // At the last moment: whoever asks many times at once is counted each time.
  const full = sessions.fullFor(owner);
  if (full) throw new RequestError(429, 'Too many replays', full, 5);
  const session = await readable(sessions.open({ owner, instruments, fromUs, toUs, found }));
  if (body.speed !== 1) await session.player.setSpeed(body.speed);
  if (body.playing) await session.play(true);
  return answerOf(session);
}

/** All of the caller's, or the one asked for. @throws RequestError 404 */
export async function replays(
  caller: Caller,
  { id }: z.output<typeof ReplaysQuery>,
): Promise<{ readonly replays: readonly Answered[] }> {
  const found = id === undefined ? replaySessions().of(ownerOf(caller)) : [sessionOf(caller, id)];
  return { replays: found.map(answerOf) };
}

/** Seek, speed, playing and step, in this order. @throws RequestError 404, 422 */
export async function changeReplay(caller: Caller, body: z.output<typeof ChangedReplay>): Promise<Answered> {
  const session = sessionOf(caller, body.id);
  const { fromUs, toUs } = session.clock;
  if (body.seek !== undefined) {
    // Whoever types a time gives no fractions: the first second begins before the interval does.
    if (body.seek < fromUs - SECOND_US || body.seek > toUs) {
      throw new RequestError(422, 'Outside', `The replay goes from ${inIst(fromUs)} to ${inIst(toUs)}.`);
    }
    await readable(session.player.seek(body.seek));
  }
  if (body.speed !== undefined) await session.player.setSpeed(body.speed);
  if (body.playing !== undefined) await session.play(body.playing);
  if (body.step === 'frame') await readable(session.player.stepFrame());
  if (body.step === 'second') await readable(session.player.stepTime(SECOND_US));
  return answerOf(session);
}

/** @throws RequestError 422 where the journal is damaged there */
const readable = <T>(reading: Promise<T>): Promise<T> =>
  reading.catch((error: unknown) => {
    if (!(error instanceof JournalDamageError)) throw error;
    throw new RequestError(
      422,
      'Journal damaged',
      'A stretch of the journal that leads up to there cannot be read: ask with `source` `database`.',
    );
  });

/** @throws RequestError 404 */
export async function endReplay(caller: Caller, { id }: z.output<typeof OneReplay>): Promise<void> {
  await replaySessions().end(sessionOf(caller, id));
}

/** @throws RequestError 404 also for somebody else's */
export function sessionOf(caller: Caller, id: string): ReplaySession {
  const session = replaySessions().find(id, ownerOf(caller));
  if (!session)
    throw new RequestError(404, 'Unknown replay', 'There is no such replay: it has ended, or is not yours.');
  return session;
}

function ownerOf({ personId, keyId }: Caller): string {
  if (personId !== null) return `person ${personId}`;
  return keyId !== null ? `key ${keyId}` : 'demo';
}

function answerOf(session: ReplaySession): Answered {
  const { id, instruments, clock } = session;
  return {
    id,
    stream: `${REPLAY_STREAM_PATH}?id=${id}`,
    instruments,
    from: inIst(clock.fromUs),
    to: inIst(clock.toUs),
    clock,
  };
}
