/** Downloads of exports, whole or in part, after RFC 9110: ranges, If-Range, HEAD. */
import { open } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import { findExport, noteReading } from '../../db/exports.ts';
import type { ExportFileQuery } from '../api/exports.ts';
import type { ExportFormat } from '../core/exports.ts';
import { askOf, fileNameOf } from '../export/ask.ts';
import { exportFile } from '../export/files.ts';
import type { Caller } from './access.ts';
import { services } from './context.ts';
import { problemOf, RequestError } from './errors.ts';

const TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson',
  parquet: 'application/vnd.apache.parquet',
  npy: 'application/octet-stream',
};
/** Says how long the body is, on the way from a route to app/server.ts. */
export const LENGTH_HEADER = 'x-gehra-length';
/** A file that is being read is not deleted for so long, s; said anew well before that. */
const READING_S = 20;
const READING_AGAIN_MS = 8000;

/** The file, or the range of it that is asked for. @throws RequestError 404, 409 */
export async function exportDownload(
  _caller: Caller,
  { id, part }: z.output<typeof ExportFileQuery>,
  { headers, method, signal }: Pick<Request, 'headers' | 'method' | 'signal'>,
): Promise<Response> {
  const { config, db, log } = services();
  const row = await findExport(db, id);
  if (!row) throw new RequestError(404, 'Unknown export', `There is no export ${id}; it may have been deleted.`);
  // From here on retention leaves it alone.
  if (!(await noteReading(db, id, READING_S))) {
    throw new RequestError(409, 'Not ready', `Export ${id} has no file: it is ${row.state}.`);
  }
  const file = await open(exportFile(config.dataDir, id, row.format, part)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new RequestError(404, 'File is gone', `The file of export ${id} is not in the data folder any more.`);
  });
  try {
    const { size, mtime } = await file.stat();
    const name = fileNameOf(askOf(row));
    const etag = `"${id}-${part}-${size}-${mtime.getTime()}"`;
    const about = {
      'accept-ranges': 'bytes',
      // Compressed on the way, its ranges would be those of another file.
      'cache-control': 'private, no-cache, no-transform',
      'content-disposition': `attachment; filename="${part === 'data' ? name : `${path.parse(name).name}.about.json`}"`,
      'content-type': part === 'data' ? TYPES[row.format] : 'application/json',
      etag,
      'last-modified': mtime.toUTCString(),
    };
    const range = rangeOf(headers, size, etag, mtime);
    if (range === 'unsatisfiable') {
      await file.close();
      const error = new RequestError(416, 'Range not satisfiable', `The file has ${size} bytes.`);
      return new Response(JSON.stringify(problemOf(error)), {
        status: 416,
        headers: {
          'content-type': 'application/problem+json',
          'content-range': `bytes */${size}`,
          'cache-control': 'no-store',
        },
      });
    }
    const { from, to } = range ?? { from: 0, to: size - 1 };
    const answerHeaders = {
      ...about,
      'content-length': String(to - from + 1),
      // Next.js takes the other away, and without a length no download can say how far it has come: app/server.ts puts it back.
      [LENGTH_HEADER]: String(to - from + 1),
      ...(range ? { 'content-range': `bytes ${from}-${to}/${size}` } : {}),
    };
    const status = range ? 206 : 200;
    if (method === 'HEAD' || size === 0) {
      await file.close();
      return new Response(null, { status, headers: answerHeaders });
    }
    const stream = file.createReadStream({ start: from, end: to });
    const reading = setInterval(() => {
      noteReading(db, id, READING_S).catch((error: Error) =>
        log.warn({ event: 'export_reading_not_noted', id, reason: error.message }),
      );
    }, READING_AGAIN_MS);
    stream.once('close', () => clearInterval(reading));
    signal.addEventListener('abort', () => stream.destroy());
    return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, { status, headers: answerHeaders });
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Range {
  readonly from: number;
  /** Inclusive. */
  readonly to: number;
}

/** The one range that is asked for; null: the whole file, also where several ranges are asked for, or what is no range. */
function rangeOf(headers: Headers, size: number, etag: string, mtime: Date): Range | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(headers.get('range') ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return null;
  if (!isSame(headers.get('if-range'), etag, mtime)) return null;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < Number(first)) return null;
  return from <= to ? { from, to } : 'unsatisfiable';
}

/** Whether the rest of a file belongs to the part that somebody has of it. */
function isSame(ifRange: string | null, etag: string, mtime: Date): boolean {
  if (ifRange === null) return true;
  return ifRange.includes('"') ? ifRange === etag : ifRange === mtime.toUTCString();
}
