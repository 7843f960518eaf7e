/**
 * Exports that were asked for. Each is begun anew where its worker has died: its file has another name until it is whole, and only
 * the attempt that was begun last may give it its own, in the transaction that says it is done.
 */
import { connect } from '../../db/connect.ts';
import {
  beginExport,
  type ExportRow,
  endedExports,
  failExport,
  finishExport,
  noteProgress,
  putBackExport,
  removeOldExports,
  unendedExports,
} from '../../db/exports.ts';
import type { Config } from '../../lib/config/config.ts';
import { askOf, ExportError } from '../../lib/export/ask.ts';
import {
  bytesForExports,
  exportFile,
  idsInFolder,
  PartFile,
  removeFiles,
  removeParts,
} from '../../lib/export/files.ts';
import { type ExportProgress, writeExport } from '../../lib/export/write-export.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import type { Log } from '../../lib/obs/log.ts';
import { askForExports, startExportJobs } from '../../lib/queue/jobs.ts';

/** How often an export's progress is noted, and whether it is still wanted and has room is looked at. */
const NOTE_MS = 500;
/** How often exports that the queue has lost are asked for again, and old files are deleted. */
const SWEEP_MS = 60_000;

export type ExportParts = Pick<Config, 'dataDir' | 'databaseUrl' | 'redisUrl' | 'keepDays' | 'exports'>;

interface Timing {
  /** A worker silent for so long is taken for dead. */
  readonly lockMs?: number;
  readonly sweepMs?: number;
}

/** Works on exports. @returns a function that stops: what is under way goes back, for the next worker */
export function workOnExports(
  config: ExportParts,
  log: Log,
  { lockMs, sweepMs = SWEEP_MS }: Timing = {},
): () => Promise<void> {
  const aborter = new AbortController();
  const stop = startExportJobs(
    config.redisUrl,
    {
      concurrency: config.exports.atATime,
      run: (id, isLast) => runExport(config, log, id, isLast, aborter.signal),
      ...(lockMs === undefined ? {} : { lockMs }),
    },
    log,
  );
  const sweep = (): Promise<void> =>
    sweepExports(config, log).catch((error: Error) => log.warn({ event: 'exports_not_swept', reason: error.message }));
  let sweeping = sweep();
  const timer = setInterval(() => {
    sweeping = sweeping.then(sweep);
  }, sweepMs);
  return async () => {
    clearInterval(timer);
    aborter.abort();
    await sweeping;
    await stop();
  };
}

/** It was cancelled, or another attempt was begun: nothing is to be said of it. */
class NotWantedError extends Error {
  override readonly name = 'NotWantedError';
}

/** @throws whatever may be over by the next attempt */
export async function runExport(
  config: ExportParts,
  log: Log,
  id: number,
  isLast: boolean,
  signal: AbortSignal,
): Promise<void> {
  const control = await connect(config.databaseUrl, 'exports');
  try {
    const row = await beginExport(control, id);
    if (!row) return;
    log.info({ event: 'export_begun', id, attempt: row.attempt, kind: row.kind, format: row.format });
    try {
      await writeFiles(config, row, control, signal);
      log.info({ event: 'export_done', id });
    } catch (error) {
      const { name, message, code } = error as Error & { code?: string };
      if (name === 'NotWantedError') log.info({ event: 'export_given_up', id, attempt: row.attempt });
      else if (signal.aborted) await putBackExport(control, row);
      else if (name === 'ExportError' || code === 'ENOSPC' || isLast) {
        await failExport(control, row, code === 'ENOSPC' ? 'The disk is full.' : message);
        log.error({ event: 'export_failed', id, reason: message });
      } else throw error;
    }
  } finally {
    await control.end();
  }
}

async function writeFiles(
  config: ExportParts,
  row: ExportRow,
  control: Awaited<ReturnType<typeof connect>>,
  signal: AbortSignal,
): Promise<void> {
  const { dataDir } = config;
  await bytesForExports(dataDir);
  await removeParts(dataDir, row.id);
  const mark = `.${row.attempt}`;
  const data = await PartFile.create(exportFile(dataDir, row.id, row.format, 'data'), mark);
  const about = await PartFile.create(exportFile(dataDir, row.id, row.format, 'about'), mark);
  // One of its own: it is in the middle of a query all the time.
  const reader = await connect(config.databaseUrl, 'export-rows');
  let progress: ExportProgress = { share: 0, rows: 0, bytes: 0 };
  let failure: Error | null = null;
  /** Ends the query under way, and with it the export. */
  const end = (error: Error): void => {
    failure ??= error;
    void reader.end();
  };
  const onAbort = (): void => end(new Error('the worker is being stopped'));
  signal.addEventListener('abort', onAbort);
  const mustFit = (): void => {
    if (data.sink.bytes > config.exports.bytesMax) throw new ExportError(TOO_LARGE);
  };
  const look = async (): Promise<void> => {
    if (!(await noteProgress(control, row, progress))) end(new NotWantedError('nobody waits for it'));
    else if ((await bytesForExports(dataDir)) === 0) end(new ExportError(DISK_LOW));
    else mustFit();
  };
  const watching = repeat(NOTE_MS, () => look().catch(end));
  try {
    signal.throwIfAborted();
    const written = await writeExport(askOf(row), {
      client: reader,
      sink: data.sink,
      onProgress: (next) => {
        if (failure) throw failure;
        progress = next;
      },
      keepDays: config.keepDays,
      nowUs: wallClockUs,
    });
    await about.sink.write(Buffer.from(written.about));
    await data.sync();
    await about.sync();
    await watching.stop();
    if (failure) throw failure;
    // Whoever is quick is done before the first look.
    mustFit();
    const isOurs = await finishExport(control, row, written, async () => {
      await about.publish();
      await data.publish();
    });
    if (!isOurs) throw new NotWantedError('another attempt was begun');
  } catch (error) {
    await watching.stop();
    await data.discard();
    await about.discard();
    throw failure ?? error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    await reader.end();
  }
}

const TOO_LARGE = 'The file has become larger than EXPORT_BYTES_MAX: ask for a shorter interval.';
const DISK_LOW = 'The disk is nearly full: what is left is kept for the recording. Delete exports, or ask for less.';

/** Does something that never fails again and again, each time after the last one has ended. */
function repeat(everyMs: number, act: () => Promise<void>): { stop(): Promise<void> } {
  let acting: Promise<void> | null = null;
  const timer = setInterval(() => {
    acting ??= act().finally(() => {
      acting = null;
    });
  }, everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await acting;
    },
  };
}

/** Asks again for what the queue has lost, deletes what is old, and files that belong to nothing. */
export async function sweepExports(config: ExportParts, log: Log): Promise<void> {
  const { dataDir, exports } = config;
  const client = await connect(config.databaseUrl, 'exports-sweep');
  try {
    const waiting = await unendedExports(client);
    if (waiting.length > 0) await askForExports(config.redisUrl, waiting);
    const old = exports.keepDays > 0 ? await removeOldExports(client, exports.keepDays) : [];
    if (old.length > 0) log.info({ event: 'exports_deleted', ids: old });
    const ids = await idsInFolder(dataDir);
    const known = await endedExports(client, ids);
    await removeFiles(dataDir, new Set(ids.filter((id) => !known.has(id))));
    for (const [id, ended] of known) if (ended) await removeParts(dataDir, id);
  } finally {
    await client.end();
  }
}
