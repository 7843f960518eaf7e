/** What `./gehra doctor` says of what runs: asks its web app, its servers and its processes, and changes nothing. */
import type pg from 'pg';
import { databaseSkewMs } from '../../db/clock.ts';
import { createPool } from '../../db/connect.ts';
import type { Config } from '../../lib/config/config.ts';
import type { Broker } from '../../lib/core/feeds.ts';
import type { Health, StageState } from '../../lib/core/health.ts';
import { brokerSkewMs } from '../../lib/net/broker-clock.ts';
import { createLog } from '../../lib/obs/log.ts';
import { lastHeard } from '../../lib/queue/metrics.ts';
import { connectRedis, type Redis } from '../../lib/queue/redis.ts';
import { lookAtHealth } from '../../lib/services/health.ts';
import { checkDatabase, checkRedis } from '../services/given-servers.ts';
import { olderThanSafe } from '../services/redis-program.ts';
import { runCommand } from '../services/run-command.ts';
import { messageOf } from '../user-error.ts';
import { type Finding, ok, trouble, warn } from './finding.ts';

const ANSWER_MS = 5000;
const CONNECT_MS = 3000;
/** Between a database and us this much is the network's. */
const DATABASE_SKEW_MS = 1000;
/** An HTTP date is cut to whole seconds, and travels. */
const BROKER_SKEW_MS = 2000;

export interface Running {
  readonly config: Config;
  /** Where it runs; undefined where only its servers are known. */
  readonly appUrl: string | undefined;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Whose collectors it runs. */
  readonly brokers: readonly Broker[];
}

/** What was found of it; empty where nothing has ever run with these servers. */
export async function lookAtRunning(running: Running): Promise<Finding[]> {
  const { appUrl, databaseUrl, redisUrl } = running;
  const log = createLog('doctor', 'fatal');
  const db = createPool(databaseUrl, 'doctor', () => undefined);
  const redis = connectRedis(redisUrl, log);
  try {
    await connected(redis);
    if (appUrl === undefined && !(await hasRun(redis))) return [];
    return [
      ...(appUrl === undefined ? [] : [await webFinding(appUrl)]),
      await redisFinding(redisUrl),
      await databaseFinding(databaseUrl, db),
      ...(await brokerClockFinding(running)),
      ...(await healthFindings(running, db, redis)),
    ];
  } finally {
    redis.disconnect();
    await db.end();
  }
}

/** Resolves when it is connected, or will not be. */
const connected = (redis: Redis): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, CONNECT_MS);
    redis.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
  });

const hasRun = (redis: Redis): Promise<boolean> =>
  lastHeard(redis).then(
    (heard) => heard.size > 0,
    // Who does not answer is told by the other checks.
    () => true,
  );

async function webFinding(appUrl: string): Promise<Finding> {
  try {
    const answer = await fetch(`${appUrl}/api/health/ready`, { signal: AbortSignal.timeout(ANSWER_MS) });
    if (answer.ok) return ok(`the web app at ${appUrl} is ready`);
    return trouble(`the web app at ${appUrl} is not ready (HTTP ${answer.status}): see the servers below`);
  } catch (error) {
    return trouble(`the web app at ${appUrl} does not answer (${messageOf(error)}). See ./gehra logs web`);
  }
}

async function redisFinding(url: string): Promise<Finding> {
  try {
    const { version, appendOnly } = await checkRedis(url);
    const old = olderThanSafe(version, await debianRedis());
    if (old !== null) return warn(`Redis ${version}: ${old}`);
    return ok(`Redis ${version}, noeviction, append-only file ${appendOnly ? 'on' : 'off'}`);
  } catch (error) {
    return trouble(messageOf(error));
  }
}

/** Version of Debian's package on this machine; null where there is none. */
const debianRedis = (): Promise<string | null> =>
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own placeholder
  runCommand('dpkg-query', ['--show', '--showformat=${Version}', 'redis-server']).then(
    (version) => version.trim() || null,
    () => null,
  );

async function databaseFinding(url: string, db: pg.Pool): Promise<Finding> {
  try {
    const { version, timescale } = await checkDatabase(url, 'DATABASE_URL');
    const skewMs = await databaseSkewMs(db, Date.now);
    const server = `PostgreSQL ${version}, ${timescale === undefined ? 'no TimescaleDB' : `TimescaleDB ${timescale}`}`;
    if (Math.abs(skewMs) <= DATABASE_SKEW_MS) return ok(`${server}; its clock agrees with ours`);
    return warn(`${server}; our clock is ${skewWords(skewMs)} the database's: keep both by NTP`);
  } catch (error) {
    return trouble(messageOf(error));
  }
}

/** `3.2 s ahead of`, `12.0 s behind` */
const skewWords = (ms: number): string => `${(Math.abs(ms) / 1000).toFixed(1)} s ${ms > 0 ? 'ahead of' : 'behind'}`;

/** A simulated market has our own clock. */
async function brokerClockFinding({ config }: Running): Promise<Finding[]> {
  if (config.kite.apiKey === '' && config.dhan.clientId === '') return [];
  const skewMs = await brokerSkewMs(config, Date.now);
  if (skewMs === null) return [warn("the clock could not be compared with the broker's: no answer")];
  if (Math.abs(skewMs) <= BROKER_SKEW_MS) return [ok("the clock agrees with the broker's to within two seconds")];
  return [
    trouble(
      `our clock is ${skewWords(skewMs)} the broker's, and every record is stamped with it: sudo timedatectl set-ntp true`,
    ),
  ];
}

const LEVELS: Readonly<Record<StageState, (text: string) => Finding>> = { ok, off: ok, late: warn, down: trouble };

async function healthFindings({ brokers }: Running, db: pg.Pool, redis: Redis): Promise<Finding[]> {
  return findingsOf(await lookAtHealth({ brokers, db, redis, nowMs: Date.now }));
}

/** A line for each stage, and one for each thing that is wrong now with what to do about it. */
export function findingsOf({ stages, incidents }: Health): Finding[] {
  return [
    ...stages.map(({ title, state, words }) => LEVELS[state](`${title.toLowerCase()}: ${words}`)),
    ...incidents.flatMap(({ state, words, advice }) =>
      state === 'over' ? [] : [LEVELS[state](advice === '' ? words : `${words}. ${advice}`)],
    ),
  ];
}
