import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { freePort } from '../instance/ports.ts';
import { Supervised } from '../supervise/supervised.ts';
import { checkDatabase } from './given-servers.ts';
import { prepareTimescale } from './timescale.ts';

const isRoot = process.getuid?.() === 0;
/** The packages are fetched the first time. */
const TIMEOUT_MS = 300_000;

async function runsTimescale(): Promise<void> {
  const logDir = mkdtempSync(path.join(tmpdir(), 'gehra-timescale-'));
  const server = await prepareTimescale(await freePort());
  const child = new Supervised(server.spec, path.join(logDir, 'timescaledb.log'), {
    onNote: () => undefined,
    onChange: () => undefined,
  });
  const client = new Client({ connectionString: server.url });
  try {
    await child.start();
    expect((await checkDatabase(server.url, 'DATABASE_URL')).timescale).toMatch(/^2\.\d+\.\d+$/);
    await client.connect();
    await client.query('CREATE EXTENSION timescaledb');
    expect((await checkDatabase(server.url, 'DATABASE_URL')).timescale).toMatch(/^2\.\d+\.\d+ \(apache\)$/);
    await client.query('CREATE TABLE t (time timestamptz NOT NULL)');
    await client.query("SELECT create_hypertable('t', 'time')");
    const { rows } = await client.query('SELECT hypertable_name FROM timescaledb_information.hypertables');
    expect(rows).toEqual([{ hypertable_name: 't' }]);
  } finally {
    await client.end();
    await child.stop();
    server.remove();
    rmSync(logDir, { recursive: true });
  }
}

// For an ordinary user the other half is what can be shown.
if (isRoot) it('runs a TimescaleDB of the Apache edition', { timeout: TIMEOUT_MS }, runsTimescale);
else {
  it('says that it needs root', async () => {
    await expect(prepareTimescale(0)).rejects.toThrow('needs root');
  });
}
