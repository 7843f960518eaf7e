/** Connections to PostgreSQL. */
import pg from 'pg';

// int8 as numbers: volumes and stamps stay far below 2^53, and strings would spread through the code.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} does not fit a number`);
  return value;
});

/** One connection, of one's own or of a pool. */
export type Client = pg.Client | pg.PoolClient;
export type Pool = pg.Pool;

const CONNECT_TIMEOUT_MS = 5000;
/** A server that has not taken leave by then has gone away. */
const GOODBYE_MS = 2000;
/** A request of a page that takes longer has gone wrong: its connection is closed, at which the servers we provide end the work. */
const WEB_STATEMENT_TIMEOUT_MS = 5000;
const WEB_CONNECTIONS = 8;

/**
 * One connection, for a process that has its own order of things. The caller ends it.
 *
 * @param onLost the connection has ended by itself, at whatever moment; by default nobody is told, and the next query fails
 * @param queryTimeoutMs a query that has no answer by then fails: a server that went away without a word gives none
 */
export async function connect(
  url: string,
  name: string,
  onLost: (error: Error) => void = () => undefined,
  queryTimeoutMs?: number,
): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: `gehra-${name}`,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
  });
  // Before it connects: the server may end it at once, and a loss that nobody listens to would end the process.
  client.on('error', onLost);
  await client.connect();
  return client;
}

/** Ends a connection, in order where its server still takes part, and never throws. */
export async function endInTime(client: pg.Client, goodbyeMs = GOODBYE_MS): Promise<void> {
  const cut = setTimeout(() => client.connection.stream.destroy(), goodbyeMs);
  // One that is gone already cannot be ended in order.
  await client.end().catch(() => undefined);
  clearTimeout(cut);
}

/** Connections for requests: few, and each query with a limit. */
export function createPool(url: string, name: string, onError: (error: Error) => void): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: `gehra-${name}`,
    max: WEB_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: WEB_STATEMENT_TIMEOUT_MS,
  });
  // An idle connection that dies is replaced; without a listener it would end the process.
  pool.on('error', onError);
  return pool;
}

/** Classes and codes of PostgreSQL for a server that is going, coming, or has no room: appendix A of its manual. */
const AWAY = /^(08...|57P0[1-3]|53[0-4]00|ECONN\w+|ENOTFOUND|EPIPE|ETIMEDOUT)$/;
/** In the words of the client, which gives these no code. */
const AWAY_WORDS = /^(timeout exceeded when trying to connect|Query read timeout|Connection terminated\b)/;

/** Whether a query failed because the database could not be asked or did not answer in time: later it may. */
export const isDatabaseAway = (error: unknown): boolean =>
  error instanceof Error &&
  (AWAY.test(String((error as { readonly code?: unknown }).code)) || AWAY_WORDS.test(error.message));

/** Runs queries that belong together: all of them count, or none where `work` throws. */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let usable = true;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // Whoever got a connection whose transaction still stands would work within it: it is given up instead.
    await client.query('ROLLBACK').catch(() => {
      usable = false;
    });
    throw error;
  } finally {
    client.release(!usable);
  }
}
