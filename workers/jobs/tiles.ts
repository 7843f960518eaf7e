/** The heatmap's tiles, built as time passes, and held against what they were made of. */
import { buildTiles, type TilesToBuild } from '../../db/build-tiles.ts';
import { createPool } from '../../db/connect.ts';
import type { Config } from '../../lib/config/config.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import type { Log } from '../../lib/obs/log.ts';

const US_PER_DAY = 86_400_000_000;
/** How far back the newest tiles are looked for: a worker that stood still for longer is made up for at night. */
const NEW_DAYS = 2;
/** How far back tiles are held against their sources each night. */
const CHANGED_DAYS = 7;
/** Other jobs wait meanwhile: what is not done then is done by the next run. */
const RUN_MS = { new: 20_000, changed: 900_000 } as const;

/** Builds what is final by now (`new`), or what is not as its frames, trades and gaps are (`changed`). */
export async function keepTiles(config: Config, log: Log, which: 'new' | 'changed'): Promise<void> {
  const nowUs = wallClockUs();
  const untilMs = Date.now() + RUN_MS[which];
  const db = createPool(config.databaseUrl, 'tiles', (error) =>
    log.warn({ event: 'database_connection_lost', reason: error.message }),
  );
  try {
    const days = which === 'new' ? NEW_DAYS : CHANGED_DAYS;
    const onFailure: TilesToBuild['onFailure'] = (place, error) =>
      log.error({ event: 'tile_not_built', ...place, reason: error.message });
    const built = await buildTiles(db, {
      instrumentIds: null,
      fromUs: nowUs - days * US_PER_DAY,
      toUs: nowUs,
      nowUs,
      which,
      isTimeUp: () => Date.now() > untilMs,
      onFailure,
    });
    if (built.built > 0) log.info({ event: 'tiles_built', which, ...built });
  } finally {
    await db.end();
  }
}
