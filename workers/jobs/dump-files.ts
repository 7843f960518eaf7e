/**
 * The brokers' instrument dumps as files: downloaded and kept a few days, so that a day whose download fails goes on with the
 * one before. Whatever a server sends, memory, disk and time are bounded.
 */
import { createReadStream, createWriteStream, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { parse } from 'csv-parse';
import type { Broker } from '../../lib/core/feeds.ts';
import { MasterError } from './master-error.ts';

export interface DumpLimits {
  /** Of the text, whatever it was compressed to. */
  readonly bytes: number;
  readonly rows: number;
  /** Of one row. */
  readonly rowBytes: number;
  /** For the whole download. */
  readonly downloadMs: number;
}

/** Real dumps: about 10 MB and 100,000 rows of Kite, 30 MB and 220,000 rows of Dhan, none over 400 bytes. */
export const DUMP_LIMITS: DumpLimits = {
  bytes: 256 * 1024 * 1024,
  rows: 1_000_000,
  rowBytes: 16 * 1024,
  downloadMs: 120_000,
};

const KEPT_DAYS = 7;

/** Loads a dump into a compressed file. @throws MasterError naming the host, never a token */
export async function downloadDump(
  url: string,
  headers: Record<string, string>,
  file: string,
  limits: DumpLimits,
): Promise<void> {
  const { host } = new URL(url);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  try {
    const signal = AbortSignal.timeout(limits.downloadMs);
    const response = await fetch(url, { headers, redirect: 'error', signal });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    await pipeline(
      Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
      bounded(limits.bytes),
      createGzip({ level: 1 }),
      createWriteStream(file, { mode: 0o600 }),
      { signal },
    );
  } catch (error) {
    rmSync(file, { force: true });
    throw new MasterError(`the instrument dump of ${host} cannot be had: ${reasonOf(error)}`);
  }
}

/**
 * Reads a kept dump row by row, by column name.
 *
 * @param needed columns without which it is none
 * @throws MasterError where it is no CSV, too large, or has not these columns
 */
export async function readDump(
  file: string,
  needed: readonly string[],
  limits: DumpLimits,
  onRow: (row: Readonly<Record<string, string>>) => void,
): Promise<void> {
  const parser = parse({
    columns: true,
    // The real dumps end rows with a comma that their header does not have.
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    bom: true,
    max_record_size: limits.rowBytes,
  });
  let rows = 0;
  try {
    await pipeline(createReadStream(file), createGunzip(), bounded(limits.bytes), parser, async (source) => {
      for await (const row of source as AsyncIterable<Record<string, string>>) {
        rows += 1;
        if (rows > limits.rows) throw new Error(`it has more than ${limits.rows} rows`);
        if (rows === 1) mustHave(row, needed);
        onRow(row);
      }
    });
  } catch (error) {
    throw new MasterError(`the instrument dump cannot be read: ${reasonOf(error)}`);
  }
  if (rows === 0) throw new MasterError('the instrument dump has no rows');
}

function mustHave(row: Readonly<Record<string, string>>, needed: readonly string[]): void {
  const missing = needed.filter((column) => row[column] === undefined);
  if (missing.length > 0) throw new Error(`it has no column ${missing.join(', ')}`);
}

/** Passes bytes on up to a limit, then fails: a bomb is defused before it is unpacked. */
function bounded(bytesMax: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > bytesMax) done(new Error(`it is larger than ${Math.round(bytesMax / 1024 / 1024)} MiB`));
      else done(null, chunk);
    },
  });
}

/** What an error says; of a failed fetch the cause, which is what is of use. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return 'it took too long';
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** The kept dumps of one broker. */
export class KeptDumps {
  private readonly dir: string;

  constructor(
    dataDir: string,
    private readonly broker: Broker,
  ) {
    this.dir = path.join(dataDir, 'masters');
  }

  /** Where a dump is put until it is known to be good. */
  get incoming(): string {
    return path.join(this.dir, `${this.broker}-incoming.csv.gz`);
  }

  file(day: string): string {
    return path.join(this.dir, `${this.broker}-${day}.csv.gz`);
  }

  /** Days of which one is kept, newest first. */
  days(): string[] {
    mkdirSync(this.dir, { recursive: true, mode: 0o700 });
    return readdirSync(this.dir)
      .flatMap((name) => new RegExp(`^${this.broker}-(\\d{4}-\\d{2}-\\d{2})\\.csv\\.gz$`).exec(name)?.[1] ?? [])
      .sort()
      .reverse();
  }

  /** Makes the incoming dump that of `day`; the oldest ones go. */
  accept(day: string): void {
    renameSync(this.incoming, this.file(day));
    for (const old of this.days().slice(KEPT_DAYS)) rmSync(this.file(old), { force: true });
  }

  /** Throws the incoming dump away. */
  refuse(): void {
    rmSync(this.incoming, { force: true });
  }
}
