/** Connections to Redis, set up for market data: nothing waits for ever, nothing is sent twice behind our back. */
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { addressForLog, type Log } from '../obs/log.ts';

/** A connection, for those who hold one and hand it on. */
export type { Redis };

/** A command that has no answer by then has failed; what it did is found out by asking, not by sending it again. */
const COMMAND_TIMEOUT_MS = 1000;
const RECONNECT_MIN_MS = 50;
const RECONNECT_MAX_MS = 1000;

const common: RedisOptions = {
  // A command resent by the library after a reconnect could be done twice, and out of order.
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  enableReadyCheck: true,
  connectTimeout: 2000,
  retryStrategy: (attempt) => Math.min(RECONNECT_MIN_MS * 2 ** Math.min(attempt, 10), RECONNECT_MAX_MS),
};

/**
 * A connection for commands that answer at once. It reconnects by itself; while it is down every command fails.
 */
export function connectRedis(url: string, log: Log): Redis {
  return watch(openRedis(url, { ...common, commandTimeout: COMMAND_TIMEOUT_MS }), url, log);
}

/** A connection for a reader that waits in the server, at most `blockMs` a time. */
export function connectBlockingRedis(url: string, log: Log, blockMs: number): Redis {
  return watch(openRedis(url, { ...common, commandTimeout: blockMs + COMMAND_TIMEOUT_MS }), url, log);
}

/** `redis+cluster://`: the address of a node, which knows the others. */
const OF_CLUSTER = /^(rediss?)\+cluster:/;
/** A node that is asked for what has moved says where to; one that is gone is asked for again so often. */
const REDIRECTIONS_MAX = 5;

export const isClusterUrl = (url: string): boolean => OF_CLUSTER.test(url);

/**
 * A connection of any kind. A cluster takes the same commands, as long as each is about keys of one node: in this folder every
 * command has one key.
 */
export function openRedis(url: string, options: RedisOptions): Redis {
  if (!isClusterUrl(url)) return new Redis(url, options);
  const { hostname, port, username, password, protocol } = new URL(url);
  const { lazyConnect = false, enableOfflineQueue = true, retryStrategy, ...ofNodes } = options;
  const cluster = new Cluster([{ host: hostname, port: Number(port) || 6379 }], {
    lazyConnect,
    enableOfflineQueue,
    maxRedirections: REDIRECTIONS_MAX,
    ...(retryStrategy ? { clusterRetryStrategy: (attempt) => retryStrategy(attempt) ?? null } : {}),
    redisOptions: {
      ...ofNodes,
      ...(username ? { username: decodeURIComponent(username) } : {}),
      ...(password ? { password: decodeURIComponent(password) } : {}),
      ...(protocol.startsWith('rediss') ? { tls: {} } : {}),
    },
  });
  return cluster as unknown as Redis;
}

/** What each server says of itself: one, or the nodes of a cluster that hold keys. */
export function infoOf(redis: Redis): Promise<string[]> {
  const nodes = redis.isCluster ? (redis as unknown as Cluster).nodes('master') : [redis];
  return Promise.all(nodes.map((node) => node.info()));
}

function watch(redis: Redis, url: string, log: Log): Redis {
  const address = addressForLog(url);
  let down = false;
  // Without a listener the library prints its errors itself.
  redis.on('error', (error: Error) => {
    if (down) return;
    down = true;
    log.warn({ event: 'redis_unreachable', address, reason: error.message });
  });
  redis.on('ready', () => {
    if (down) log.info({ event: 'redis_reachable', address });
    down = false;
  });
  return redis;
}
