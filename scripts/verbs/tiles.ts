/** `./gehra tiles`: builds the heatmap's tiles that are missing, or not as their sources are; or all of them anew. */
import { buildTiles } from '../../db/build-tiles.ts';
import { createPool } from '../../db/connect.ts';
import { findInstruments } from '../../db/instruments.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { parseSlug } from '../../lib/core/instrument.ts';
import { addDays, formatIstDate, istMidnightUs } from '../../lib/core/ist.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { readRunningState } from '../instance/state.ts';
import { UserError } from '../user-error.ts';

interface TilesOptions {
  readonly dataDir: string;
  /** `EXCHANGE:SYMBOL`; default: every instrument. */
  readonly instrument?: string;
  /** First and last day in India, YYYY-MM-DD; default: today. */
  readonly from?: string;
  readonly to?: string;
  /** Also those that are as their sources are. */
  readonly rebuild?: boolean;
}

export async function tiles({ dataDir, instrument, from, to, rebuild = false }: TilesOptions): Promise<void> {
  const url = loadConfig().databaseUrl || readRunningState(dataDir)?.databaseUrl;
  if (!url) throw new UserError(`No instance is ready in ${dataDir}. Start one with: ./gehra up --data '${dataDir}'`);
  const nowUs = wallClockUs();
  const today = formatIstDate(nowUs);
  const [first, last] = [from ?? to ?? today, to ?? today];
  if (last < first) throw new UserError(`--to ${last} is before --from ${first}.`);
  const db = createPool(url, 'tiles', () => undefined);
  try {
    let failed = 0;
    const { built, unchanged } = await buildTiles(db, {
      instrumentIds: instrument === undefined ? null : [await instrumentId(db, instrument)],
      fromUs: istMidnightUs(first),
      toUs: Math.min(istMidnightUs(addDays(last, 1)), nowUs),
      nowUs,
      which: rebuild ? 'all' : 'changed',
      isTimeUp: () => false,
      onFailure: ({ columnMs, startUs }, { message }) => {
        failed += 1;
        process.stderr.write(`the tile of ${columnMs} ms at ${new Date(startUs / 1000).toISOString()}: ${message}\n`);
      },
    });
    process.stdout.write(`${first} to ${last}: ${built} built, ${unchanged} as they should be, ${failed} failed\n`);
    if (failed > 0) throw new UserError('Not every tile could be built.');
  } finally {
    await db.end();
  }
}

async function instrumentId(db: Parameters<typeof findInstruments>[0], slug: string): Promise<number> {
  const name = parseSlug(slug);
  const [found] = name ? await findInstruments(db, [name]) : [];
  if (!found) throw new UserError(`There is no instrument ${slug}. They are named like NFO:NIFTY26DECFUT.`);
  return found.id;
}
