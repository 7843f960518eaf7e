/** A backup and back again: equal to the last row and byte, without a secret, and refused where it would mix or lose something. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type pg from 'pg';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { connect } from '../../db/connect.ts';
import { dumpedTables, storedDays } from '../../db/dump.ts';
import { knownMigrations, migrate } from '../../db/migrate.ts';
import { ARCHIVE_LOCK, lockFolder } from '../../lib/journal/lock.ts';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { readSettings } from '../instance/folder.ts';
import { makeBackup } from './backup.ts';
import { MANIFEST } from './manifest.ts';
import { restoreBackup } from './restore.ts';

const log = pino({ level: 'silent' });
const SECRET = 'argon2id-of-somebody';
/** Rows of every kind of table, as people and feeds leave them. */
const ROWS = `
  INSERT INTO gehra.instruments (exchange, symbol, name, type, expiry, price_scale, tick_size, lot_size, kite_token)
  VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', '2026-12-29', 100, 10, 65, 13368834), ('NSE', 'SBIN', E'State\\tBank \\\\ of\\nIndia', 'EQ', NULL, 100, 5, 1, 779521);
  INSERT INTO gehra.watchlists (name, place) VALUES ('Mine', 1);
  INSERT INTO gehra.watchlist_entries (watchlist_id, place, instrument_id) VALUES (1, 1, 1);
  INSERT INTO gehra.people (name, role, password_hash, recovery_hashes) VALUES ('Asha', 'owner', '${SECRET}', ARRAY['\\x01'::bytea]);
  INSERT INTO gehra.sessions VALUES ('\\x02', 1, now(), now(), now(), '127.0.0.1', 'test');
  INSERT INTO gehra.api_keys (name, prefix, key_hash, scope, person_id, made) VALUES ('script', 'gk_', '\\x03', 'read', 1, now());
  INSERT INTO gehra.notification_channels (channel, sealed) VALUES ('slack', '${SECRET}');
  INSERT INTO gehra.feed_positions (feed_id, position) VALUES (1, 1700000000000000);
  INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence, last_price, imbalance, bid_prices)
  SELECT '2026-10-01 03:50+00'::timestamptz + i * interval '1 hour', 1, 1, 0, 3, 1, 3, 2604000 + i, i / 7.0, ARRAY[2604000, i] FROM generate_series(0, 99) AS i;
  INSERT INTO gehra.depth_snapshots (book_time, time, instrument_id, feed_id, side, n, flags, prices, quantities, orders)
  SELECT t, t, 1, 31, i % 2, 0, 0, ARRAY[i, 2], ARRAY[650, 65], ARRAY[3, 1] FROM generate_series(0, 99) AS i,
    LATERAL (SELECT '2026-10-01 03:50+00'::timestamptz + i * interval '1 hour' AS t) AS times;
  INSERT INTO gehra.signals (signal_id, kind, detector, parameters, instrument_id, feed_id, time, from_time, to_time, found_time, low_price, high_price,
    size, severity, confidence, cause, evidence, quality, state)
  VALUES ('s1', 'wall', 'wall-1', 'x', 1, 31, now(), now(), now(), now(), 1, 2, 3, 1, 0.1, '{"a": 1}', '{}', '{}', 'open');
  INSERT INTO gehra.signal_outcomes VALUES ('s1', 0, now(), 1, 1.5, 0.1, '{1,NULL}', '{}', '{}', '{}');`;

let from: { url: string; drop: () => Promise<void> };
let to: { url: string; drop: () => Promise<void> };
let source: pg.Client;
let folder: string;
let into: string;
let backupDir: string;

beforeEach(async () => {
  from = await createDatabase(inject('postgresUrl'));
  to = await createDatabase(inject('postgresUrl'));
  folder = newDataFolder();
  into = newDataFolder();
  backupDir = path.join(newDataFolder(), 'backup');
  source = await connect(from.url, 'test');
  const journal = path.join(folder, 'journal/kite-ticks-1/2026-10-01');
  mkdirSync(journal, { recursive: true });
  writeFileSync(path.join(journal, '0001790826600000.gj.sealed'), 'sealed bytes');
  writeFileSync(path.join(journal, '0001790830200000.gj'), 'open segment');
  writeFileSync(path.join(folder, 'journal/kite.lock'), '');
  writeFileSync(path.join(folder, 'access_token.txt'), 'a token of Kite');
  writeFileSync(path.join(folder, 'secrets.json'), '{}');
  writeFileSync(path.join(folder, 'calendar.json'), '{"days": []}');
});
afterEach(async () => {
  await source.end();
  await from.drop();
  await to.drop();
  for (const dir of [folder, into, path.dirname(backupDir)]) rmSync(dir, { recursive: true, force: true });
});

const backup = (onFile: () => void = () => undefined) =>
  makeBackup({
    dataDir: folder,
    databaseUrl: from.url,
    to: backupDir,
    version: '0.1.0',
    market: 'real',
    nowMs: Date.UTC(2026, 10, 27),
    onFile,
  });
const restore = (market: 'real' | 'simulated' | null = null) =>
  restoreBackup({ from: backupDir, dataDir: into, databaseUrl: to.url, market, log, onTable: () => undefined });

/** Hash of every table that a backup has. */
async function hashes(client: pg.Client): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const { name, columns } of await dumpedTables(client)) {
    const { rows } = await client.query(
      `SELECT count(*)::integer AS count, md5(string_agg(t::text, '|' ORDER BY t::text)) AS hash FROM (SELECT ${columns.join(', ')} FROM gehra.${name}) AS t`,
    );
    found[name] = rows[0];
  }
  return found;
}

const filesBelow = (dir: string): string[] =>
  (
    readdirSync(dir, { recursive: true, withFileTypes: true }) as {
      name: string;
      parentPath: string;
      isFile(): boolean;
    }[]
  )
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(dir, path.join(entry.parentPath, entry.name)))
    .sort();

describe('a backup', () => {
  it('comes back equal, table by table and file by file, and numbers go on', async () => {
    await migrate(from.url, log);
    await source.query(ROWS);
    const expected = await hashes(source);
    await backup();
    // What comes after it is not of it.
    await source.query(`UPDATE gehra.watchlists SET name = 'Later'`);
    await restore();
    const target = await connect(to.url, 'test');
    try {
      expect(await hashes(target)).toEqual(expected);
      expect((expected.ticks as { count: number }).count).toBe(100);
      const { rows } = await target.query(
        `INSERT INTO gehra.watchlists (name, place) VALUES ('Next', 2) RETURNING watchlist_id AS id`,
      );
      expect(rows).toEqual([{ id: 2 }]);
      // Days lie where retention finds them.
      expect(await storedDays(target)).toEqual(expect.arrayContaining(['2026-10-01', '2026-10-05']));
      const dropped = await target.query(
        `SELECT gehra.drop_before('gehra.ticks', now() - '2026-10-03 00:00+00'::timestamptz) AS days`,
      );
      expect(dropped.rows[0].days).toBe(2);
      expect((await target.query(`SELECT name, role, password_hash FROM gehra.people`)).rows).toEqual([
        { name: 'Asha', role: 'owner', password_hash: null },
      ]);
      for (const table of ['sessions', 'api_keys', 'notification_channels']) {
        expect((await target.query(`SELECT count(*)::integer AS count FROM gehra.${table}`)).rows).toEqual([
          { count: 0 },
        ]);
      }
    } finally {
      await target.end();
    }
    expect(filesBelow(into)).toEqual([
      'calendar.json',
      'instance.json',
      'journal/kite-ticks-1/2026-10-01/0001790826600000.gj.sealed',
      'journal/kite-ticks-1/2026-10-01/0001790830200000.gj',
    ]);
    for (const name of filesBelow(into).filter((each) => each !== 'instance.json')) {
      expect(readFileSync(path.join(into, name))).toEqual(readFileSync(path.join(folder, name)));
    }
  });

  it('holds no secret', async () => {
    await migrate(from.url, log);
    await source.query(ROWS);
    await backup();
    const files = filesBelow(backupDir);
    expect(files).toContain('tables/people.copy.gz');
    for (const name of files) {
      expect(name).not.toMatch(/\/sessions|api_key|one_time|channel|token|secret|\.lock/);
      const bytes = readFileSync(path.join(backupDir, name));
      const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain('a token of Kite');
    }
  });

  it('that fails leaves nothing behind, and says what of', async () => {
    await migrate(from.url, log);
    await source.query(ROWS);
    const failing = backup(() => {
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    });
    await expect(failing).rejects.toThrow(/The disk of .* is full/);
    expect(existsSync(backupDir)).toBe(false);
    const letGo = await lockFolder(path.join(folder, 'journal'), ARCHIVE_LOCK, 1);
    await expect(backup()).rejects.toThrow('being sealed or compressed');
    letGo();
    await backup();
  });

  it('of an older version comes back, and is brought up to date', async () => {
    const older = knownMigrations().length - 2;
    await migrate(from.url, log, older);
    await source.query(ROWS);
    const expected = (await hashes(source)).ticks;
    const manifest = await backup();
    expect(manifest.migrations).toHaveLength(older);
    await restore();
    expect(readSettings(into).market, 'the market that the folder is held to').toBe('real');
    const target = await connect(to.url, 'test');
    try {
      expect((await hashes(target)).ticks).toEqual(expected);
      expect((await target.query('SELECT count(*)::integer AS count FROM gehra.migrations')).rows).toEqual([
        { count: knownMigrations().length },
      ]);
    } finally {
      await target.end();
    }
  });
});

describe('a restore', () => {
  beforeEach(async () => {
    await migrate(from.url, log);
    await source.query(ROWS);
    await backup();
  });
  const untouched = async (): Promise<void> => {
    const target = await connect(to.url, 'test');
    const { rows } = await target.query(`SELECT to_regclass('gehra.ticks') IS NULL AS untouched`);
    await target.end();
    expect(rows).toEqual([{ untouched: true }]);
    expect(filesBelow(into)).toEqual([]);
  };

  it.each(['tables/ticks.copy.gz', 'journal/kite-ticks-1/2026-10-01/0001790826600000.gj.sealed'])(
    'is refused where %s is damaged, or missing, and changes nothing',
    async (name) => {
      appendFileSync(path.join(backupDir, name), 'x');
      await expect(restore()).rejects.toThrow(`${name} is damaged`);
      rmSync(path.join(backupDir, name));
      await expect(restore()).rejects.toThrow(`${name} is missing`);
      await untouched();
    },
  );

  it('is refused of what is not whole, of a newer version, and of the other market', async () => {
    await expect(restore('simulated')).rejects.toThrow(/of the real market/);
    const manifest = JSON.parse(readFileSync(path.join(backupDir, MANIFEST), 'utf8'));
    writeFileSync(
      path.join(backupDir, MANIFEST),
      JSON.stringify({ ...manifest, migrations: [...manifest.migrations, '999_from_the_future'] }),
    );
    await expect(restore()).rejects.toThrow(/another version of Gehra.*999_from_the_future/);
    writeFileSync(
      path.join(backupDir, MANIFEST),
      JSON.stringify({ ...manifest, files: [{ path: '../x', bytes: 1, sha256: '' }] }),
    );
    await expect(restore()).rejects.toThrow(/is damaged/);
    rmSync(path.join(backupDir, MANIFEST));
    await expect(restore()).rejects.toThrow(/no whole backup/);
    await untouched();
  });

  it('is refused into what is in use', async () => {
    await migrate(to.url, log);
    const target = await connect(to.url, 'test');
    await target.query(`INSERT INTO gehra.watchlists (name, place) VALUES ('Theirs', 1)`);
    await expect(restore()).rejects.toThrow(/in use: gehra.watchlists has rows/);
    expect((await target.query('SELECT name FROM gehra.watchlists')).rows).toEqual([{ name: 'Theirs' }]);
    expect(filesBelow(into)).toEqual([]);
    await target.end();
    mkdirSync(path.join(into, 'journal'));
    await expect(restore()).rejects.toThrow(/a journal in .* already/);
  });

  it('is not written over: a backup wants a folder of its own', async () => {
    await expect(backup()).rejects.toThrow(/is not empty/);
  });
});
