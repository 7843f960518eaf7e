/** Exports: asking for one, what became of each, stopping, deleting. Their files are lib/services/export-files.ts. */
import path from 'node:path';
import type { z } from 'zod';
import {
  addExport,
  cancelExport,
  type ExportRow,
  findExport,
  listExports as listRows,
  removeExport,
} from '../../db/exports.ts';
import type { ExportAsked, ExportBegun, ExportId, ExportsAnswer } from '../api/exports.ts';
import type { Frozen } from '../api/parts.ts';
import { EXPORT_DAYS_MAX, type ExportEstimate, type ExportSummary, isEnded, isFormatOf } from '../core/exports.ts';
import { FEEDS } from '../core/feeds.ts';
import { slugOf } from '../core/instrument.ts';
import type { ExportAsk } from '../export/ask.ts';
import { estimateExport as estimate } from '../export/estimate.ts';
import { bytesForExports, removeFiles } from '../export/files.ts';
import { askForExports } from '../queue/jobs.ts';
import type { Caller } from './access.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { findInstrument } from './instruments.ts';

const US_PER_DAY = 86_400_000_000;
const MS_PER_DAY = 86_400_000;
/** So many may wait or run at a time. */
const UNENDED_MAX = 20;
const LIST_MAX = 100;

type Asked = z.output<typeof ExportAsked>;
type Named = z.output<typeof ExportId>;

export async function listExports(_caller: Caller): Promise<Frozen<z.output<typeof ExportsAnswer>>> {
  const { db, config } = services();
  const { keepDays } = config.exports;
  return { exports: (await listRows(db, LIST_MAX)).map((row) => summaryOf(row, keepDays)), keepDays };
}

const summaryOf = (row: ExportRow, keepDays: number): ExportSummary => ({
  id: row.id,
  who: row.who,
  kind: row.kind,
  format: row.format,
  instrument: slugOf(row),
  interval: row.bar,
  fromUs: row.fromUs,
  toUs: row.toUs,
  state: row.state,
  progress: row.progress,
  rows: row.rows,
  bytes: row.bytes,
  gaps: row.gaps,
  error: row.error,
  createdMs: row.createdMs,
  finishedMs: row.finishedMs,
  deletedAtMs: row.finishedMs === null || keepDays === 0 ? null : row.finishedMs + keepDays * MS_PER_DAY,
});

/** How large it would be, or why it cannot be: while a form is filled in, that is an answer like another. @throws RequestError 404 */
export async function estimateExport(caller: Caller, query: Asked): Promise<ExportEstimate> {
  const { config } = services();
  try {
    return await estimated(await askedFor(caller, query));
  } catch (error) {
    if (!(error instanceof RequestError) || error.status !== 422) throw error;
    const bytesFree = await bytesForExports(config.dataDir);
    return { rows: 0, bytes: 0, bytesFree, bytesMax: config.exports.bytesMax, refusal: error.message };
  }
}

/** Begins an export. @throws RequestError 404, 413, 422, 429, 503 */
export async function createExport(caller: Caller, query: Asked): Promise<z.output<typeof ExportBegun>> {
  const { config, db, log } = services();
  const ask = await askedFor(caller, query);
  const { refusal, bytes, bytesMax } = await estimated(ask);
  if (refusal !== null) throw new RequestError(bytes > bytesMax ? 413 : 422, 'Cannot be exported', refusal);
  const id = await addExport(
    db,
    {
      who: caller.name,
      kind: ask.kind,
      format: ask.format,
      instrumentId: ask.instrument.id,
      bar: ask.interval,
      feedId: ask.feedId,
      fromUs: ask.fromUs,
      toUs: ask.toUs,
    },
    UNENDED_MAX,
  );
  if (id === null) {
    throw new RequestError(
      429,
      'Too many exports',
      `${UNENDED_MAX} exports wait or run already. Cancel one, or wait until one has ended.`,
    );
  }
  await audit(caller, 'export_asked', `${id}: ${ask.kind} of ${query.instrument.toUpperCase()} as ${ask.format}`);
  // It is in the database: where the queue cannot be reached now, the jobs worker asks for it within a minute.
  await askForExports(config.redisUrl, [id]).catch((error: Error) =>
    log.warn({ event: 'export_not_queued', id, reason: error.message }),
  );
  return { id };
}

/** @throws RequestError 404, 409 */
export async function stopExport(caller: Caller, { id }: Named): Promise<void> {
  const { db } = services();
  if (await cancelExport(db, id)) {
    await audit(caller, 'export_cancelled', String(id));
    return;
  }
  await mustExist(id);
  throw new RequestError(409, 'Has ended', 'This export has ended already.');
}

/** Deletes an ended export with its files. @throws RequestError 404, 409 */
export async function deleteExport(caller: Caller, { id }: Named): Promise<void> {
  const { db, config } = services();
  if (await removeExport(db, id)) {
    await removeFiles(path.resolve(config.dataDir), new Set([id]));
    await audit(caller, 'export_deleted', String(id));
    return;
  }
  const row = await mustExist(id);
  throw new RequestError(
    409,
    'In use',
    isEnded(row.state)
      ? 'Somebody is downloading this export. Try again in half a minute.'
      : 'This export has not ended. Cancel it first.',
  );
}

async function mustExist(id: number): Promise<ExportRow> {
  const row = await findExport(services().db, id);
  if (!row) throw new RequestError(404, 'Unknown export', `There is no export ${id}; it may have been deleted.`);
  return row;
}

async function estimated(ask: ExportAsk): Promise<ExportEstimate> {
  const { config, db } = services();
  const [{ rows, bytes, feedId }, bytesFree] = await Promise.all([estimate(db, ask), bytesForExports(config.dataDir)]);
  const { bytesMax } = config.exports;
  return { rows, bytes, bytesFree, bytesMax, refusal: refusalOf({ feedId, bytes, bytesFree, bytesMax }) };
}

function refusalOf({
  feedId,
  bytes,
  bytesFree,
  bytesMax,
}: {
  readonly feedId: number | null;
  readonly bytes: number;
  readonly bytesFree: number;
  readonly bytesMax: number;
}): string | null {
  if (feedId === null) return 'Nothing is stored of this instrument in this interval.';
  if (bytes > bytesMax) {
    return `It would have about ${gigabytes(bytes)}, and one file may have ${gigabytes(bytesMax)} (EXPORT_BYTES_MAX). Ask for a shorter interval, or for Parquet.`;
  }
  if (bytes > bytesFree) {
    return `It would have about ${gigabytes(bytes)}, and the disk has ${gigabytes(bytesFree)} beyond what is kept for the recording. Delete exports, or ask for a shorter interval.`;
  }
  return null;
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(bytes < 1e10 ? 2 : 0)} GB`;

/** What of the request can be exported at all. @throws RequestError 404, 422 */
async function askedFor(caller: Caller, query: Asked): Promise<ExportAsk> {
  const { kind, format, from, to, feed, interval } = query;
  if (to <= from) throw new RequestError(422, 'Empty interval', '`to` must be later than `from`.');
  if (to - from > EXPORT_DAYS_MAX * US_PER_DAY) {
    throw new RequestError(422, 'Too long', `An export reaches over ${EXPORT_DAYS_MAX} days at most: ask for several.`);
  }
  if (from > services().nowMs() * 1000) throw new RequestError(422, 'In the future', '`from` is in the future.');
  if (!isFormatOf(kind, format)) {
    throw new RequestError(422, 'No such format', `${kind} cannot be had as ${format}.`);
  }
  if ((kind === 'bars') !== (interval !== undefined)) {
    throw new RequestError(422, 'Wrong interval', '`interval` is the length of bars: bars need one, others have none.');
  }
  const instrument = await findInstrument(caller, query.instrument);
  if (!instrument) {
    throw new RequestError(404, 'Unknown instrument', `There is no instrument ${query.instrument.toUpperCase()}.`);
  }
  return {
    kind,
    format,
    instrument,
    interval: interval ?? null,
    fromUs: from,
    toUs: to,
    feedId: FEEDS.find(({ name }) => name === feed)?.id ?? null,
  };
}
