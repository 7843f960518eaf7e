/** The job of the heatmap's tiles, once, as a program of its own, for a test that kills it. Its argument is the database's address. */
import { loadConfig } from '../../lib/config/config.ts';
import { createLog } from '../../lib/obs/log.ts';
import { keepTiles } from '../../workers/jobs/tiles.ts';

await keepTiles(loadConfig({ DATABASE_URL: process.argv[2] }), createLog('tiles-worker', 'info'), 'new');
