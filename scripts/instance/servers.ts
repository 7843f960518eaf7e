/** The database and the Redis of an instance: those that were given, checked, or provided ones, started. */
import type { Config } from '../../lib/config/config.ts';
import { checkDatabase, checkRedis } from '../services/given-servers.ts';
import { preparePostgres } from '../services/postgres.ts';
import { prepareRedis } from '../services/redis.ts';
import { provideRedisProgram } from '../services/redis-program.ts';
import type { ChildSpec } from '../supervise/supervised.ts';
import type { Steps } from '../terminal/steps.ts';
import { UserError } from '../user-error.ts';
import { provideSecrets } from './folder.ts';
import type { Market } from './market.ts';
import { keptPort, LOOPBACK } from './ports.ts';

export interface ServerContext {
  readonly config: Config;
  readonly market: Market;
  readonly steps: Steps;
  readonly startChild: (spec: ChildSpec) => Promise<void>;
}

export interface DatabaseAddresses {
  readonly databaseUrl: string;
  readonly databaseDirectUrl: string;
}

export async function provideDatabase(context: ServerContext): Promise<DatabaseAddresses> {
  const { databaseUrl, databaseDirectUrl, databaseGivenBy } = context.config;
  if (!databaseUrl) return startPostgres(context);
  await context.steps.step(`checking the database of ${databaseGivenBy.pooled}`, async (say) => {
    const { version, timescale } = await checkDatabase(databaseUrl, databaseGivenBy.pooled);
    if (databaseDirectUrl !== databaseUrl) await checkDatabase(databaseDirectUrl, databaseGivenBy.direct);
    say(`PostgreSQL ${version}${timescale ? `, TimescaleDB ${timescale}` : ''}`);
  });
  return { databaseUrl, databaseDirectUrl };
}

/** @returns its address */
export async function provideRedis(context: ServerContext): Promise<string> {
  const { redisUrl } = context.config;
  if (!redisUrl) return startRedis(context);
  await context.steps.step('checking the Redis of REDIS_URL', async (say) => {
    const { version, appendOnly } = await checkRedis(redisUrl);
    say(version);
    if (appendOnly) return;
    const trouble = 'REDIS_URL: the server keeps no append-only file, so a restart of it loses what is on its way.';
    if (context.market === 'real') throw new UserError(`${trouble} Set appendonly yes in its redis.conf.`);
    context.steps.line(`${trouble} Accepted for the simulated market only.`);
  });
  return redisUrl;
}

function startPostgres({ config: { dataDir }, steps, startChild }: ServerContext): Promise<DatabaseAddresses> {
  return steps.step('starting PostgreSQL', async (say) => {
    const port = await keptPort(dataDir, 'postgres');
    const password = provideSecrets(dataDir).postgresPassword;
    const { spec, url } = await preparePostgres({ dataDir, port, password });
    await startChild(spec);
    say(`${LOOPBACK}:${port}`);
    return { databaseUrl: url, databaseDirectUrl: url };
  });
}

function startRedis({ config, steps, startChild }: ServerContext): Promise<string> {
  return steps.step('starting Redis', async (say) => {
    const { dataDir } = config;
    const program = await provideRedisProgram(dataDir);
    const port = await keptPort(dataDir, 'redis');
    const password = provideSecrets(dataDir).redisPassword;
    const { spec, url } = prepareRedis({ dataDir, port, password, program, streamBytesMax: config.stream.bytesMax });
    await startChild(spec);
    say(`${program.version} from ${program.origin}, ${LOOPBACK}:${port}`);
    return url;
  });
}
