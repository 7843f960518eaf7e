/** A trading day of depth out of the database, as a person asks for it: how much memory that takes, and how long. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { migrate } from '../db/migrate.ts';
import { foreignEnvironment } from '../lib/config/config.ts';
import { packageRoot } from '../lib/config/root.ts';
import type { ExportFormat, ExportKind } from '../lib/core/exports.ts';
import { createLog } from '../lib/obs/log.ts';
import { toSpawn } from '../scripts/supervise/environment.ts';
import { newDataFolder } from '../tests/support/data-folder.ts';
import { createDatabase, startTestPostgres } from '../tests/support/servers.ts';
import { OPEN_US, SLUG, storeMarket } from '../tests/support/stored-market.ts';
import type { Bench, Metrics, Variant } from './support/bench.ts';

/** 09:15 to 15:40, a book of 200 levels a side each 200 ms: what Dhan's deepest feed gives. */
const DAY_FRAMES = 6.42 * 3600 * 5;
const HOUR_FRAMES = 3600 * 5;
const FRAME_US = 200_000;
const LEVELS = 200;
/** The trades among the events. */
const TICKS = 20_000;
const LOOK_MS = 200;
const MB = 1e6;

async function exportOf(kind: ExportKind, format: ExportFormat, frames: number): Promise<Metrics> {
  const server = await startTestPostgres();
  const dir = newDataFolder();
  try {
    const { url } = await createDatabase(server.url);
    await migrate(url, createLog('bench', 'warn'));
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { toUs } = await storeMarket(client, {
      frames,
      frameUs: FRAME_US,
      levels: LEVELS,
      ticks: TICKS,
      tickUs: (frames * FRAME_US) / TICKS,
      withGap: true,
    });
    await client.end();
    const out = path.join(dir, `day.${format}`);
    const from = performance.now();
    const peakBytes = await runVerb(url, ['--what', kind, '--format', format, '--to', ms(toUs), '--out', out]);
    const seconds = (performance.now() - from) / 1000;
    const { rows } = JSON.parse(readFileSync(path.join(dir, 'day.about.json'), 'utf8')) as { rows: number };
    const { size } = statSync(out);
    return {
      'peak memory MB': peakBytes / MB,
      rows,
      'rows/s': rows / seconds,
      'file MB': size / MB,
      'bytes/row': size / rows,
    };
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

const ms = (us: number): string => String(Math.ceil(us / 1000));

/** @returns the most memory that the process had at any time */
async function runVerb(url: string, args: readonly string[]): Promise<number> {
  const cli = path.join(packageRoot, 'scripts/cli.ts');
  const all = ['--import', 'tsx', cli, 'export', '--instrument', SLUG, '--from', ms(OPEN_US), ...args];
  const child = spawn(process.execPath, all, {
    cwd: packageRoot,
    env: toSpawn({ ...foreignEnvironment(), DATABASE_URL: url }),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid as number));
  }, LOOK_MS);
  const [code] = await once(child, 'exit');
  clearInterval(timer);
  if (code !== 0) throw new Error(`the export ended with ${code}`);
  return peakBytes;
}

/** The kernel keeps it: what was between two looks is in it. 0 for a process that is ending. */
function peakOf(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib ?? 0) * 1024;
}

const day = (name: string, what: string, kind: ExportKind, format: ExportFormat): Variant => ({
  name,
  what,
  run: () => exportOf(kind, format, DAY_FRAMES),
});

export const benches: readonly Bench[] = [
  {
    name: 'export',
    what: 'A trading day of one instrument’s depth, 200 levels a side, 231,000 side frames, out of the database into a file, by ./gehra export',
    worse: 'An export that needs memory for a day ends the recording on a small machine.',
    roundsMax: 1,
    variants: [
      day('csv', 'a row per level, CSV', 'depth_levels', 'csv'),
      day('parquet', 'a row per level, Parquet', 'depth_levels', 'parquet'),
      day('hftbacktest', 'events for hftbacktest', 'hftbacktest', 'npy'),
      {
        name: 'csv-hour',
        what: 'a row per level, CSV, of an hour: memory must not depend on the length',
        run: () => exportOf('depth_levels', 'csv', HOUR_FRAMES),
      },
      {
        name: 'sides-parquet-hour',
        what: 'a row per side with its lists, Parquet, of an hour',
        run: () => exportOf('depth_sides', 'parquet', HOUR_FRAMES),
      },
    ],
    measures: [
      { goal: 'export-csv', metric: 'peak memory MB', variant: 'csv' },
      { goal: 'export-parquet', metric: 'peak memory MB', variant: 'parquet' },
      { goal: 'export-events', metric: 'peak memory MB', variant: 'hftbacktest' },
    ],
  },
];
