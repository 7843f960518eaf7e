/** Checks of the servers that DATABASE_URL and REDIS_URL point to: each trouble is one sentence that says what to do. */
import { Client } from 'pg';
import { addressForLog } from '../../lib/obs/log.ts';
import { infoOf, openRedis } from '../../lib/queue/redis.ts';
import { type RedisFacts, redisFacts } from '../../lib/queue/redis-facts.ts';
import { codeOf, messageOf, UserError } from '../user-error.ts';
import { isNewEnough, REDIS_VERSION_MIN } from './redis-program.ts';

const CONNECT_TIMEOUT_MS = 5000;
/** The oldest PostgreSQL that the migrations are written for. */
export const POSTGRES_MAJOR_MIN = 15;

export interface DatabaseFacts {
  readonly version: string;
  /** `2.19.3 (apache)`: of the extension that the server has, and, once it is in the database, its edition. */
  readonly timescale?: string;
}

/** @throws UserError where the server cannot be used; `variable` is what it was given by */
export async function checkDatabase(url: string, variable: string): Promise<DatabaseFacts> {
  const { hostname, port, username, pathname } = new URL(url);
  const address = `${hostname}:${port || 5432}`;
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  try {
    await client.connect();
    const { rows } = await client.query(
      `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
              (SELECT default_version FROM pg_available_extensions WHERE name = 'timescaledb') AS timescale,
              current_setting('timescaledb.license', true) AS license`,
    );
    const { version, number, timescale, license } = rows[0];
    if (number < POSTGRES_MAJOR_MIN * 10_000) {
      throw new UserError(
        `${variable}: the server at ${address} is PostgreSQL ${version}; Gehra needs ${POSTGRES_MAJOR_MIN} or newer.`,
      );
    }
    return { version, ...(timescale ? { timescale: license ? `${timescale} (${license})` : timescale } : {}) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const database = decodeURIComponent(pathname.slice(1));
    throw new UserError(`${variable}: ${databaseTrouble(error, address, decodeURIComponent(username), database)}`);
  } finally {
    await client.end();
  }
}

function databaseTrouble(error: unknown, address: string, user: string, database: string): string {
  const [host, port] = address.split(':');
  switch (codeOf(error)) {
    case '28P01':
      return `the server at ${address} refuses the password of user "${user}". Correct it in the address.`;
    case '28000':
      return `the server at ${address} does not let user "${user}" in (${messageOf(error)}). Create the user, or allow it in the server's pg_hba.conf.`;
    case '3D000':
      return `the server at ${address} has no database "${database}". Create it: createdb --host ${host} --port ${port} --owner "${user}" "${database}"`;
    default:
      return `no PostgreSQL answers at ${address} (${codeOf(error) ?? messageOf(error)}). Check the host and the port, and that the server runs; or unset it to have one provided.`;
  }
}

/** @throws UserError where the server at REDIS_URL cannot be used, or would lose data by its settings */
export async function checkRedis(url: string): Promise<Pick<RedisFacts, 'version' | 'appendOnly'>> {
  const address = addressForLog(url);
  const redis = openRedis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: CONNECT_TIMEOUT_MS });
  let trouble: unknown;
  // The reason comes here; the rejection below only says that the connection was closed.
  redis.on('error', (error) => {
    trouble = error;
  });
  let info: string[];
  try {
    await redis.connect();
    info = await infoOf(redis);
    // A number that there is no database for is said on the way, and the first one taken instead.
    if (trouble) throw trouble;
  } catch (error) {
    throw new UserError(`REDIS_URL: ${redisTrouble(trouble ?? error, address)}`);
  } finally {
    redis.disconnect();
  }
  const nodes = info.map(redisFacts);
  const version = nodes[0]?.version ?? '';
  const policy = nodes.map((facts) => facts.policy).find((one) => one !== 'noeviction');
  if (!isNewEnough(version)) {
    throw new UserError(
      `REDIS_URL: the server at ${address} is Redis ${version}; Gehra needs ${REDIS_VERSION_MIN.join('.')} or newer.`,
    );
  }
  if (policy !== undefined) {
    throw new UserError(
      `REDIS_URL: the server at ${address} has maxmemory-policy ${policy}, which deletes market data that nobody has stored yet when memory runs short. Set it to noeviction in its redis.conf, or now with: redis-cli CONFIG SET maxmemory-policy noeviction`,
    );
  }
  return { version, appendOnly: nodes.every(({ appendOnly }) => appendOnly) };
}

function redisTrouble(error: unknown, address: string): string {
  const message = messageOf(error);
  if (/WRONGPASS|NOAUTH|invalid password/.test(message)) {
    return `the server at ${address} refuses the password (${message}). Correct it in the address: redis://:PASSWORD@HOST:PORT/0`;
  }
  if (/DB index/.test(message)) {
    return `the server at ${address} has no database of that number (${message}). Take one of its numbers, 0 to 15 unless its redis.conf says otherwise: redis://HOST:PORT/0`;
  }
  return `no Redis answers at ${address} (${codeOf(error) ?? message}). Check the host and the port, and that the server runs; or unset it to have one provided.`;
}
