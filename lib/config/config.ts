/**
 * Everything that is configured by environment variables: the only place that reads them. Each variable is explained in
 * .env.example; a test holds the two together.
 */
import path from 'node:path';
import { z } from 'zod';

/** A configuration that cannot be used; the message names each variable and what is wrong with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const MIB = 1024 * 1024;
const PORT_DEFAULT = 3000;

const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol.slice(0, -1)), {
    message: `is no ${protocols.join(' or ')} address`,
  });
const number = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
/** Shortest and longest wait between connection attempts, ms: `300-30000`. */
const backoff = z
  .string()
  .regex(/^\d+-\d+$/, 'is not of the form 300-30000')
  .transform((text) => {
    const [minMs, maxMs] = text.split('-').map(Number) as [number, number];
    return { minMs, maxMs };
  })
  .refine(({ minMs, maxMs }) => minMs > 0 && minMs <= maxMs, 'has its shortest wait above its longest');

export const variables = {
  GEHRA_DATA_DIR: z.string().min(1).default('data'),
  GEHRA_TOKEN_DIR: z.string().min(1).optional(),
  GEHRA_SIMULATED: z.enum(['0', '1']).default('0'),
  DATABASE_URL: url('postgres', 'postgresql').optional(),
  DATABASE_DIRECT_URL: url('postgres', 'postgresql').optional(),
  REDIS_URL: url('redis', 'rediss').optional(),
  AUTH_SECRET: z.string().min(32, 'has fewer than 32 characters: take the output of openssl rand -hex 32').optional(),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: number(0, 65_535).optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  KITE_API_KEY: z.string().min(1).optional(),
  KITE_WS_URL: url('ws', 'wss').default('wss://ws.kite.trade'),
  KITE_API_URL: url('http', 'https').default('https://api.kite.trade'),
  KITE_BACKOFF_MS: backoff.prefault('300-30000'),
  DHAN_CLIENT_ID: z.string().min(1).optional(),
  DHAN_LIVE_URL: url('ws', 'wss').default('wss://api-feed.dhan.co'),
  DHAN_DEPTH20_URL: url('ws', 'wss').default('wss://depth-api-feed.dhan.co/twentydepth'),
  DHAN_DEPTH200_URL: url('ws', 'wss').default('wss://full-depth-api.dhan.co/'),
  DHAN_MASTER_URL: url('http', 'https').default('https://images.dhan.co/api-data/api-scrip-master.csv'),
  DHAN_BACKOFF_MS: backoff.prefault('5000-60000'),
  INSTRUMENTS: z.string().default(''),
  JOURNAL_SEGMENT_BYTES: number(64 * 1024, 1024 * MIB).default(32 * MIB),
  JOURNAL_KEEP_DAYS: number(0, 36_500).default(0),
  DEPTH_KEEP_DAYS: number(0, 36_500).default(60),
  TICKS_KEEP_DAYS: number(0, 36_500).default(90),
  STREAM_BYTES_MAX: number(MIB, 64 * 1024 * MIB).default(256 * MIB),
  STREAM_WINDOW_S: number(1, 3600).default(300),
  WRITER_FLUSH_ROWS: number(1, 100_000).default(2000),
  WRITER_FLUSH_MS: number(1, 60_000).default(250),
} as const;

const schema = z.object(variables);

export interface Config {
  /** Folder of everything that is kept outside the database: journal, tokens, the provided servers. Absolute. */
  readonly dataDir: string;
  /** Folder of the brokers' tokens. Absolute. */
  readonly tokenDir: string;
  /** True where the market is the simulated exchange's; said on every page. */
  readonly simulated: boolean;
  /** Pooled connection; may go through PgBouncer. Empty where no process of this kind needs it. */
  readonly databaseUrl: string;
  /** Connection without a pooler, for migrations, leases and advisory locks. */
  readonly databaseDirectUrl: string;
  readonly redisUrl: string;
  /** Signs sessions and seals what is kept secret. Empty where no process of this kind needs it. */
  readonly authSecret: string;
  readonly host: string;
  readonly port: number;
  /** False where nobody chose the port: `./gehra up` takes the next free one then. */
  readonly portIsGiven: boolean;
  readonly logLevel: z.infer<typeof variables.LOG_LEVEL>;
  readonly kite: {
    readonly apiKey: string;
    readonly wsUrl: string;
    readonly apiUrl: string;
    readonly backoff: Backoff;
  };
  readonly dhan: {
    readonly clientId: string;
    readonly liveUrl: string;
    readonly depth20Url: string;
    readonly depth200Url: string;
    readonly masterUrl: string;
    readonly backoff: Backoff;
  };
  /** Slugs or Kite tokens to record, most important first; empty: the planner's own choice. */
  readonly instruments: readonly string[];
  readonly journal: { readonly segmentBytes: number };
  /** Days after which data is dropped; 0: never. */
  readonly keepDays: { readonly journal: number; readonly depth: number; readonly ticks: number };
  readonly stream: {
    /**
     * Bytes of Redis memory that all market data streams together may take before collectors stop publishing (and go on
     * journalling). The window that is always kept, 5 minutes, takes 5 feeds × 40 frames/s × 300 s × 0.7 kB = 42 MB;
     * the default leaves room for a writer that is away for half an hour.
     */
    readonly bytesMax: number;
    /** What has been committed is kept this long for readers other than the writer, s. */
    readonly windowS: number;
  };
  readonly writer: {
    /** A batch is committed when it holds so many rows ... */
    readonly flushRows: number;
    /** ... or when its first row is so old, ms. */
    readonly flushMs: number;
  };
}

export interface Backoff {
  readonly minMs: number;
  readonly maxMs: number;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment as it was given, for a program that hands it on to others. */
export const givenEnvironment = (): Environment => ({ ...process.env });

/** The same without anything of ours: what tests start from, so that no real server or account is ever touched. */
export function foreignEnvironment(): Environment {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !(name in variables)));
}

/** Reads the configuration. @throws ConfigError naming every variable that is wrong. */
export function loadConfig(environment: Environment = process.env): Config {
  // An empty variable is an unset one: `REDIS_URL=` in an env file says "use the default".
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path: [name], message }) => `${String(name)} ${message}`);
    throw new ConfigError(`The configuration cannot be used:\n  ${lines.join('\n  ')}`);
  }
  const env = parsed.data;
  const dataDir = path.resolve(env.GEHRA_DATA_DIR);
  const databaseUrl = env.DATABASE_URL ?? '';
  return {
    dataDir,
    tokenDir: env.GEHRA_TOKEN_DIR ? path.resolve(env.GEHRA_TOKEN_DIR) : dataDir,
    simulated: env.GEHRA_SIMULATED === '1',
    databaseUrl,
    databaseDirectUrl: env.DATABASE_DIRECT_URL ?? databaseUrl,
    redisUrl: env.REDIS_URL ?? '',
    authSecret: env.AUTH_SECRET ?? '',
    host: env.HOST,
    port: env.PORT ?? PORT_DEFAULT,
    portIsGiven: env.PORT !== undefined,
    logLevel: env.LOG_LEVEL,
    kite: {
      apiKey: env.KITE_API_KEY ?? '',
      wsUrl: env.KITE_WS_URL,
      apiUrl: env.KITE_API_URL,
      backoff: env.KITE_BACKOFF_MS,
    },
    dhan: {
      clientId: env.DHAN_CLIENT_ID ?? '',
      liveUrl: env.DHAN_LIVE_URL,
      depth20Url: env.DHAN_DEPTH20_URL,
      depth200Url: env.DHAN_DEPTH200_URL,
      masterUrl: env.DHAN_MASTER_URL,
      backoff: env.DHAN_BACKOFF_MS,
    },
    instruments: env.INSTRUMENTS.split(',')
      .map((name) => name.trim())
      .filter(Boolean),
    journal: { segmentBytes: env.JOURNAL_SEGMENT_BYTES },
    keepDays: { journal: env.JOURNAL_KEEP_DAYS, depth: env.DEPTH_KEEP_DAYS, ticks: env.TICKS_KEEP_DAYS },
    stream: { bytesMax: env.STREAM_BYTES_MAX, windowS: env.STREAM_WINDOW_S },
    writer: { flushRows: env.WRITER_FLUSH_ROWS, flushMs: env.WRITER_FLUSH_MS },
  };
}
