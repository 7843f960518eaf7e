/**
 * A backup into an empty database and a data folder without a journal. Every file is checked before anything is changed; the rows come
 * in one transaction. A backup of an older version is brought to this version's schema afterwards.
 */
import { createReadStream, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { connect } from '../../db/connect.ts';
import { emptyTables, fillTable, firstInUse, ledgerOf, settleNumbers } from '../../db/dump.ts';
import { knownMigrations, migrate } from '../../db/migrate.ts';
import { calendarFile } from '../../lib/net/calendar-file.ts';
import type { Log } from '../../lib/obs/log.ts';
import { readSettings, writeSettings } from '../instance/folder.ts';
import { BackupError, checkFiles, fullDisk, type Manifest, readManifest } from './manifest.ts';

export interface RestoreOptions {
  /** The backup. */
  readonly from: string;
  readonly dataDir: string;
  /** Without a pooler. */
  readonly databaseUrl: string;
  /** Which market the data folder records; null where that is open. */
  readonly market: Manifest['market'];
  readonly log: Log;
  readonly onTable: (name: string, rows: number) => void;
}

const RESTORING = 'journal.restoring';

/** @throws BackupError where the backup is damaged or of a newer version, or where something is there already */
export async function restoreBackup(options: RestoreOptions): Promise<Manifest> {
  const { from, dataDir, databaseUrl, log } = options;
  const manifest = await readManifest(from);
  const known = knownMigrations();
  const unknown = manifest.migrations.filter((name, i) => known[i] !== name);
  if (unknown.length > 0) {
    throw new BackupError(
      `This backup is of another version of Gehra (${manifest.version}), whose schema has ${unknown.join(', ')}. Restore it with that version or a newer one.`,
    );
  }
  if (manifest.market !== null && options.market !== null && manifest.market !== options.market) {
    throw new BackupError(
      `This backup is of the ${manifest.market} market, and ${dataDir} of the ${options.market} one: they never share a folder.`,
    );
  }
  const journal = path.join(dataDir, 'journal');
  if (existsSync(journal))
    throw new BackupError(`There is a journal in ${dataDir} already. Restore into another folder, with --data.`);
  await checkFiles(from, manifest);
  // The files first, beside their place: a disk that is too small for them is found while nothing has changed.
  const files = await copyJournal(from, dataDir, manifest);
  try {
    await migrate(databaseUrl, log, manifest.migrations.length);
    await restoreRows(options, manifest);
    await migrate(databaseUrl, log);
  } catch (error) {
    rmSync(path.join(dataDir, RESTORING), { recursive: true, force: true });
    throw error;
  }
  if (manifest.market !== null) writeSettings(dataDir, { ...readSettings(dataDir), market: manifest.market });
  if (files > 0) renameSync(path.join(dataDir, RESTORING), journal);
  const calendar = path.join(from, 'files/calendar.json');
  if (existsSync(calendar) && !existsSync(calendarFile(dataDir))) await copyFile(calendar, calendarFile(dataDir));
  return manifest;
}

async function restoreRows({ from, databaseUrl, onTable }: RestoreOptions, manifest: Manifest): Promise<void> {
  const client = await connect(databaseUrl, 'restore');
  try {
    const used = await firstInUse(client);
    if (used !== null) {
      throw new BackupError(
        `That database is in use: gehra.${used} has rows. Restore into an empty one (createdb NAME).`,
      );
    }
    if ((await ledgerOf(client)).length !== manifest.migrations.length) {
      throw new BackupError(
        `That database has a newer schema than the backup, whose rows would not be brought up to it. Restore into a new one (createdb NAME).`,
      );
    }
    await client.query('BEGIN');
    await emptyTables(
      client,
      manifest.tables.map(({ name }) => name),
      manifest.days,
    );
    for (const table of manifest.tables) {
      const file = createReadStream(path.join(from, 'tables', `${table.name}.copy.gz`));
      const unpacked = file.pipe(createGunzip());
      file.on('error', (error) => unpacked.destroy(error));
      const rows = await fillTable(client, table, unpacked);
      if (rows !== table.rows)
        throw new BackupError(`gehra.${table.name}: ${rows} rows came of ${table.rows}. Nothing was changed.`);
      onTable(table.name, rows);
    }
    await settleNumbers(client);
    await client.query('COMMIT');
  } finally {
    // A transaction that stands still goes with the connection.
    await client.end();
  }
}

/** Copies the journal to where it takes its name when everything else is there. @returns how many files it has */
async function copyJournal(from: string, dataDir: string, { files }: Manifest): Promise<number> {
  const next = path.join(dataDir, RESTORING);
  rmSync(next, { recursive: true, force: true });
  let count = 0;
  try {
    for (const { path: name } of files) {
      if (!name.startsWith('journal/')) continue;
      const to = path.join(next, name.slice('journal/'.length));
      mkdirSync(path.dirname(to), { recursive: true, mode: 0o700 });
      await copyFile(path.join(from, name), to);
      count += 1;
    }
  } catch (error) {
    rmSync(next, { recursive: true, force: true });
    throw fullDisk(error, dataDir);
  }
  return count;
}
