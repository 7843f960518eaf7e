/**
 * A backup of a data folder, while its instance runs: the rows of one moment, then the journal, which has all of them and more. Left
 * out are the brokers' tokens, passwords, keys, sessions and channels: whoever finds a backup gets no way in.
 */
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { connect } from '../../db/connect.ts';
import { atOneMoment, dumpedTables, dumpTable, ledgerOf, storedDays } from '../../db/dump.ts';
import { ARCHIVE_LOCK, ARCHIVE_WAIT_S, LockHeldError, lockFolder } from '../../lib/journal/lock.ts';
import { calendarFile } from '../../lib/net/calendar-file.ts';
import { BackupError, type BackupFile, fullDisk, MANIFEST, type Manifest, newManifest } from './manifest.ts';

export interface BackupOptions {
  readonly dataDir: string;
  /** Without a pooler. */
  readonly databaseUrl: string;
  /** Must not be there yet, or be empty. */
  readonly to: string;
  /** Of Gehra. */
  readonly version: string;
  readonly market: Manifest['market'];
  readonly nowMs: number;
  readonly onFile: (path: string) => void;
}

/** Segments and what stands beside them; not locks, and not what is being made. */
const JOURNAL_FILE = /\.gj(\.br|\.sealed)?$/;

/** @throws BackupError where the folder is not empty, the journal is being rewritten, or the database is none of ours */
export async function makeBackup(options: BackupOptions): Promise<Manifest> {
  const { to, dataDir } = options;
  if (existsSync(to) && readdirSync(to).length > 0)
    throw new BackupError(`${to} is not empty. Name a folder that is not there yet.`);
  const wasThere = existsSync(to);
  const letGo = await holdJournal(path.join(dataDir, 'journal'));
  try {
    return await writeBackup(options);
  } catch (error) {
    // What is half there would be refused as a place for the next one.
    for (const name of existsSync(to) ? readdirSync(to) : []) rmSync(path.join(to, name), { recursive: true });
    if (!wasThere) rmSync(to, { recursive: true, force: true });
    throw fullDisk(error, to);
  } finally {
    letGo();
  }
}

/** Segments keep their names and forms, and stay, until it is let go; collectors go on. @throws BackupError */
async function holdJournal(dir: string): Promise<() => void> {
  if (!existsSync(dir)) return () => undefined;
  try {
    return await lockFolder(dir, ARCHIVE_LOCK, ARCHIVE_WAIT_S);
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    throw new BackupError('The journal is being sealed or compressed. Try again in some minutes.');
  }
}

async function writeBackup(options: BackupOptions): Promise<Manifest> {
  const { to, dataDir } = options;
  mkdirSync(path.join(to, 'tables'), { recursive: true, mode: 0o700 });
  const files: BackupFile[] = [];
  const keep = async (
    name: string,
    from: NodeJS.ReadableStream,
    through: NodeJS.ReadWriteStream[] = [],
  ): Promise<void> => {
    const file = path.join(to, name);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const meter = new Meter();
    await pipeline([from, ...through, meter, createWriteStream(file, { mode: 0o600, flags: 'wx', flush: true })]);
    files.push({ path: name, bytes: meter.bytes, sha256: meter.sha256 });
    options.onFile(name);
  };
  const facts = await backupRows(options, keep);
  if (existsSync(calendarFile(dataDir))) await keep('files/calendar.json', createReadStream(calendarFile(dataDir)));
  await backupJournal(path.join(dataDir, 'journal'), keep);
  const { version, market, nowMs } = options;
  const manifest = newManifest({ version, market, madeAt: new Date(nowMs).toISOString(), ...facts, files });
  writeFileSync(path.join(to, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600, flush: true });
  return manifest;
}

type Keep = (name: string, from: NodeJS.ReadableStream, through?: NodeJS.ReadWriteStream[]) => Promise<void>;

async function backupRows(
  { databaseUrl }: BackupOptions,
  keep: Keep,
): Promise<Pick<Manifest, 'migrations' | 'tables' | 'days'>> {
  const client = await connect(databaseUrl, 'backup');
  try {
    const migrations = await ledgerOf(client);
    if (migrations.length === 0) throw new BackupError('There is nothing of Gehra in that database.');
    return await atOneMoment(client, async () => {
      const tables: { name: string; columns: string[]; rows: number }[] = [];
      for (const table of await dumpedTables(client)) {
        const gzip = createGzip({ level: 1 });
        const [rows] = await Promise.all([dumpTable(client, table, gzip), keep(`tables/${table.name}.copy.gz`, gzip)]);
        tables.push({ name: table.name, columns: [...table.columns], rows });
      }
      return { migrations, tables, days: await storedDays(client) };
    });
  } finally {
    await client.end();
  }
}

async function backupJournal(dir: string, keep: Keep): Promise<void> {
  if (!existsSync(dir)) return;
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => JOURNAL_FILE.test(name));
  for (const name of names.sort()) {
    const file = path.join(dir, name);
    const { size } = statSync(file);
    // What is appended meanwhile is of after the backup.
    if (size > 0) await keep(`journal/${name}`, createReadStream(file, { end: size - 1 }));
  }
}

/** Counts what goes through, and its hash. */
class Meter extends Transform {
  bytes = 0;
  private readonly hash = createHash('sha256');

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.bytes += chunk.length;
    this.hash.update(chunk);
    done(null, chunk);
  }

  get sha256(): string {
    return this.hash.digest('hex');
  }
}
