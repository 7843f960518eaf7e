/** What the services of a web process share. On globalThis, because each bundle of the server has its own module state. */
import type pg from 'pg';
import { createPool } from '../../db/connect.ts';
import { type Config, loadConfig } from '../config/config.ts';
import { createLog, type Log } from '../obs/log.ts';

export interface ServiceContext {
  readonly config: Config;
  readonly log: Log;
  readonly db: pg.Pool;
}

const KEY = Symbol.for('gehra.services');

/** The context of this process, made at its first use. */
export function services(): ServiceContext {
  const holder = globalThis as { [KEY]?: ServiceContext };
  holder[KEY] ??= create();
  return holder[KEY];
}

function create(): ServiceContext {
  const config = loadConfig();
  const log = createLog('web', config.logLevel);
  const db = createPool(config.databaseUrl, 'web', (error) =>
    log.warn({ event: 'database_connection_lost', reason: error.message }),
  );
  return { config, log, db };
}
