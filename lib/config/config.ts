/**
 * Everything that is configured by environment variables: the only place that reads them. Each variable is explained in
 * .env.example; a test holds the two together.
 */
import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';

/** A configuration that cannot be used; the message names each variable and what is wrong with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const MIB = 1024 * 1024;
const PORT_DEFAULT = 3000;
/** What is random has more of them; of 64 hexadecimal digits fewer come less often than once in 10^16. */
const SECRET_CHARACTERS_MIN = 8;

const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol.slice(0, -1)), {
    message: `is no ${protocols.join(' or ')} address`,
  });
const number = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
/** As brokers' tokens are made; nothing that could end a header or a line of a file. */
const token = z.string().regex(/^[A-Za-z0-9._-]+$/, 'is no token: it holds characters that no token has');
/** Shortest and longest wait between connection attempts, ms: `300-30000`. */
const backoff = z
  .string()
  .regex(/^\d+-\d+$/, 'is not of the form 300-30000')
  .transform((text) => {
    const [minMs, maxMs] = text.split('-').map(Number) as [number, number];
    return { minMs, maxMs };
  })
  .refine(({ minMs, maxMs }) => minMs > 0 && minMs <= maxMs, 'has its shortest wait above its longest');
const list = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);
/** IP addresses and networks (10.0.0.0/8). */
const addresses = z
  .string()
  .transform(list)
  .refine(
    (all) => all.every(isNetwork),
    'has something in it that is neither an IP address nor a network like 10.0.0.0/8',
  )
  .refine(
    (all) => all.every((one) => !/\/0+$/.test(one)),
    'has a network of all addresses (/0) in it: anybody could then say who asks. Name the addresses of the proxies',
  );
const emails = z
  .string()
  .transform((text) => list(text.toLowerCase()))
  .refine((all) => all.every((one) => /^[^@\s]+@[^@\s]+$/.test(one)), 'has something in it that is no e-mail address');

export const variables = {
  GEHRA_DATA_DIR: z.string().min(1).default('data'),
  GEHRA_TOKEN_DIR: z.string().min(1).optional(),
  GEHRA_SIMULATED: z.enum(['0', '1']).default('0'),
  DATABASE_URL: url('postgres', 'postgresql').optional(),
  DATABASE_DIRECT_URL: url('postgres', 'postgresql').optional(),
  DB_HOST: z.string().min(1).optional(),
  DB_PORT: number(1, 65_535).optional(),
  DB_NAME: z.string().min(1).default('gehra'),
  DB_USER: z.string().min(1).default('gehra'),
  DB_PASSWORD: z.string().min(1).optional(),
  GEHRA_IN_CONTAINER: z.enum(['0', '1']).default('0'),
  REDIS_URL: url('redis', 'rediss', 'redis+cluster', 'rediss+cluster').optional(),
  AUTH_SECRET: z
    .string()
    .min(32, 'has fewer than 32 characters: take the output of openssl rand -hex 32')
    .refine(
      (text) => new Set(text).size >= SECRET_CHARACTERS_MIN,
      `has fewer than ${SECRET_CHARACTERS_MIN} different characters: take the output of openssl rand -hex 32`,
    )
    .optional(),
  APP_URL: url('http', 'https')
    .refine(
      (text) => !URL.canParse(text) || new URL(text).pathname === '/',
      'has a path: only https://HOST is possible',
    )
    .optional(),
  TRUSTED_PROXIES: addresses.prefault(''),
  DEMO_SIGN_IN: z.enum(['0', '1']).default('0'),
  OIDC_ISSUER: url('http', 'https').optional(),
  OIDC_CLIENT_ID: z.string().min(1).optional(),
  OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  OIDC_NAME: z.string().min(1).max(40).default('single sign-on'),
  OIDC_OWNERS: emails.prefault(''),
  OIDC_VIEWERS: emails.prefault(''),
  HOST: z.string().min(1).default('127.0.0.1'),
  // These two are docker-compose.yml's alone.
  GEHRA_PUBLISH: z.string().default('127.0.0.1'),
  GEHRA_TLS: z.string().default(''),
  PORT: number(0, 65_535).optional(),
  SECURITY_CONTACT: z
    .string()
    .regex(/^(?:https:\/\/|mailto:)[\x21-\x7e]+$/, 'is neither an https:// address nor mailto:NAME@HOST')
    .optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  TOKEN_GROUP_READ: z.enum(['0', '1']).default('0'),
  KITE_API_KEY: z.string().min(1).optional(),
  KITE_API_SECRET: z.string().min(1).optional(),
  KITE_ACCESS_TOKEN: token.optional(),
  KITE_REDIRECT_URL: url('http', 'https').optional(),
  KITE_TOKEN_IN_REDIS: z.enum(['0', '1']).default('0'),
  KITE_LOGIN_URL: url('http', 'https').default('https://kite.zerodha.com/connect/login'),
  KITE_WS_URL: url('ws', 'wss').default('wss://ws.kite.trade'),
  KITE_API_URL: url('http', 'https').default('https://api.kite.trade'),
  KITE_BACKOFF_MS: backoff.prefault('300-30000'),
  DHAN_CLIENT_ID: z.string().min(1).optional(),
  DHAN_API_KEY: z.string().min(1).optional(),
  DHAN_API_SECRET: z.string().min(1).optional(),
  DHAN_ACCESS_TOKEN: token.optional(),
  DHAN_REDIRECT_URL: url('http', 'https').optional(),
  DHAN_TOKEN_IN_REDIS: z.enum(['0', '1']).default('0'),
  PREDECESSOR_KEYS_IN_REDIS: z.enum(['0', '1']).default('0'),
  DHAN_AUTH_URL: url('http', 'https').default('https://auth.dhan.co'),
  DHAN_API_URL: url('http', 'https').default('https://api.dhan.co/v2'),
  DHAN_LIVE_URL: url('ws', 'wss').default('wss://api-feed.dhan.co'),
  DHAN_DEPTH20_URL: url('ws', 'wss').default('wss://depth-api-feed.dhan.co/twentydepth'),
  DHAN_DEPTH200_URL: url('ws', 'wss').default('wss://full-depth-api.dhan.co/'),
  DHAN_MASTER_URL: url('http', 'https').default('https://images.dhan.co/api-data/api-scrip-master.csv'),
  DHAN_BACKOFF_MS: backoff.prefault('5000-60000'),
  SLACK_WEBHOOK_URL: url('http', 'https').optional(),
  SLACK_SIGNING_KEY: z
    .string()
    .min(16, 'has fewer than 16 characters')
    .max(200, 'has more than 200 characters')
    .optional(),
  TELEGRAM_API_URL: url('http', 'https').default('https://api.telegram.org'),
  MARKET_HOURS: z.enum(['calendar', 'always']).default('calendar'),
  DATA_SOURCE: z.enum(['kite', 'dhan', 'both']).optional(),
  INSTRUMENTS: z.string().default(''),
  SECURITY_ID: z.coerce.number().int().positive().optional(),
  INSTRUMENT_NAME: z.string().default(''),
  JOURNAL_SEGMENT_BYTES: number(64 * 1024, 1024 * MIB).default(32 * MIB),
  JOURNAL_KEEP_DAYS: number(0, 36_500).default(0),
  DEPTH_KEEP_DAYS: number(0, 36_500).default(60),
  TICKS_KEEP_DAYS: number(0, 36_500).default(90),
  EXPORT_KEEP_DAYS: number(0, 36_500).default(7),
  EXPORT_BYTES_MAX: number(MIB, 64 * 1024 * 1024 * MIB).default(50 * 1024 * MIB),
  EXPORTS_AT_A_TIME: number(1, 8).default(1),
  BARS_KEEP_DAYS: number(0, 36_500).default(0),
  TILES_KEEP_DAYS: number(0, 36_500).default(0),
  SIGNALS_KEEP_DAYS: number(0, 36_500).default(365),
  STREAM_BYTES_MAX: number(MIB, 64 * 1024 * MIB).default(256 * MIB),
  STREAM_WINDOW_S: number(1, 3600).default(300),
  WRITER_FLUSH_ROWS: number(1, 100_000).default(2000),
  WRITER_FLUSH_MS: number(1, 60_000).default(250),
} as const;

const schema = z.object(variables).superRefine((env, context) => {
  const given = OIDC_TOGETHER.filter((name) => env[name] !== undefined);
  for (const path of OIDC_TOGETHER) {
    if (given.length === 0 || env[path] !== undefined) continue;
    context.addIssue({ code: 'custom', path: [path], message: `is needed beside ${given.join(' and ')}` });
  }
  if (env.OIDC_ISSUER && !isSafeIssuer(new URL(env.OIDC_ISSUER))) {
    context.addIssue({ code: 'custom', path: ['OIDC_ISSUER'], message: 'is not https' });
  }
});

const OIDC_TOGETHER = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const;

/** Secrets go there: in the clear only to this machine. */
const isSafeIssuer = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);

function isNetwork(text: string): boolean {
  const [address = '', bits] = text.split('/', 2);
  const family = isIP(address);
  return family !== 0 && (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128)));
}

export interface Config {
  /** Folder of everything that is kept outside the database: journal, tokens, the provided servers. Absolute. */
  readonly dataDir: string;
  /** Folder of the brokers' tokens. Absolute. */
  readonly tokenDir: string;
  /** True where the group of the token files may read them: other people's scripts under another user. */
  readonly tokenGroupRead: boolean;
  /** True in the containers of docker-compose.yml. */
  readonly inContainer: boolean;
  /** True where the market is the simulated exchange's; said on every page. */
  readonly simulated: boolean;
  /** Pooled connection; may go through PgBouncer. Empty where no process of this kind needs it. */
  readonly databaseUrl: string;
  /** Connection without a pooler, for migrations, leases and advisory locks. */
  readonly databaseDirectUrl: string;
  /** The variables that these two were given by, to name them where a server cannot be used. */
  readonly databaseGivenBy: { readonly pooled: string; readonly direct: string };
  readonly redisUrl: string;
  /** Signs sessions and seals what is kept secret. Empty where no process of this kind needs it. */
  readonly authSecret: string;
  /** Where browsers find the app, without a slash at the end: brokers send people back there. */
  readonly appUrl: string;
  /** False where nobody chose it. */
  readonly appUrlIsGiven: boolean;
  /** Addresses and networks of the proxies in front of the app, whose word on who asks is taken. */
  readonly trustedProxies: readonly string[];
  /** True where the simulated market asks for a sign-in as a real one does. */
  readonly demoSignIn: boolean;
  /** The provider that people may sign in with; null: none. */
  readonly oidc: OidcConfig | null;
  readonly host: string;
  readonly port: number;
  /** False where nobody chose the port: `./gehra up` takes the next free one then. */
  readonly portIsGiven: boolean;
  /** Whom /.well-known/security.txt names, `mailto:` or `https:`; empty where nobody wants to be named. */
  readonly securityContact: string;
  readonly logLevel: z.infer<typeof variables.LOG_LEVEL>;
  readonly kite: {
    readonly apiKey: string;
    /** Empty where none is configured: then nobody can log in, and a token has to be pasted. */
    readonly apiSecret: string;
    /** A token from the environment; taken into the token file once. Empty where there is none. */
    readonly pastedToken: string;
    /** What has to be registered at Kite as the app's redirect URL. */
    readonly redirectUrl: string;
    /** A copy of the token in Redis, for scripts that look there. */
    readonly tokenInRedis: boolean;
    readonly loginUrl: string;
    readonly wsUrl: string;
    readonly apiUrl: string;
    readonly backoff: Backoff;
  };
  readonly dhan: {
    readonly clientId: string;
    /** Key and secret of the login by consent; empty where none are configured: then a token has to be pasted. */
    readonly apiKey: string;
    readonly apiSecret: string;
    readonly pastedToken: string;
    /** What has to be registered at Dhan as the key's redirect URL. */
    readonly redirectUrl: string;
    /** A copy of the token in Redis, for scripts that look there. */
    readonly tokenInRedis: boolean;
    readonly authUrl: string;
    readonly apiUrl: string;
    readonly liveUrl: string;
    readonly depth20Url: string;
    readonly depth200Url: string;
    readonly masterUrl: string;
    readonly backoff: Backoff;
  };
  /** The predecessor's keys of instruments and signals in Redis, for scripts that look there. */
  readonly predecessorKeys: boolean;
  readonly notify: {
    /** A webhook to begin with, until another is entered on the page. Empty where there is none. */
    readonly slackWebhookUrl: string;
    /** What messages to that webhook are signed with; empty: they are not. */
    readonly slackSigningKey: string;
    readonly telegramUrl: string;
  };
  /** When to record: by the exchange's calendar, or around the clock. */
  readonly marketHours: z.infer<typeof variables.MARKET_HOURS>;
  /** Whose live feed gives the ticks. */
  readonly dataSource: 'kite' | 'dhan' | 'both';
  /** Slugs or Kite tokens with which the first watchlist begins, most important first; empty: chosen by itself. */
  readonly instruments: readonly string[];
  /** The predecessor's one instrument: Dhan's number and a name for it; null where none is given. */
  readonly security: { readonly id: number; readonly name: string } | null;
  readonly journal: { readonly segmentBytes: number };
  /** Days after which data is dropped; 0: never. */
  readonly keepDays: Readonly<Record<'journal' | 'depth' | 'ticks' | 'bars' | 'tiles' | 'signals', number>>;
  readonly exports: {
    /** Days after which the files are deleted; 0: never. */
    readonly keepDays: number;
    /** No file may be larger, as far as that can be told before. */
    readonly bytesMax: number;
    /** How many are written at a time, by each jobs worker. */
    readonly atATime: number;
  };
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

export interface OidcConfig {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** On the button. */
  readonly name: string;
  /** Lower-case e-mail addresses of who may come in, by role. */
  readonly owners: readonly string[];
  readonly viewers: readonly string[];
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

/**
 * next-auth knows where it is reached by these two alone. It is to take what each request says (lib/services/next-auth.ts
 * tells it, after having looked), and no address from an environment that was made for another program.
 */
export function letNextAuthTakeTheAddressOfTheRequest(): void {
  delete process.env.NEXTAUTH_URL;
  process.env.AUTH_TRUST_HOST = '1';
}

/** Where a web app on this host and port is found; one on all addresses is reached by loopback. */
export function addressOf(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** Reads the configuration. @throws ConfigError naming every variable that is wrong. */
export function loadConfig(environment: Environment = process.env): Config {
  // An empty variable is an unset one: `REDIS_URL=` in an env file says "use the default".
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given.GEHRA_SIMULATED === '1' ? { ...NOWHERE, ...given } : given);
  if (!parsed.success) {
    const lines = parsed.error.issues.map(({ path: [name], message }) => `${String(name)} ${message}`);
    throw new ConfigError(`The configuration cannot be used:\n  ${lines.join('\n  ')}`);
  }
  const env = parsed.data;
  const dataDir = path.resolve(env.GEHRA_DATA_DIR);
  const database = databaseOf(env);
  const port = env.PORT ?? PORT_DEFAULT;
  const appUrl = env.APP_URL ? new URL(env.APP_URL).origin : addressOf(env.HOST, port);
  mustBeBrokers(env);
  return {
    dataDir,
    tokenDir: env.GEHRA_TOKEN_DIR ? path.resolve(env.GEHRA_TOKEN_DIR) : dataDir,
    tokenGroupRead: env.TOKEN_GROUP_READ === '1',
    inContainer: env.GEHRA_IN_CONTAINER === '1',
    simulated: env.GEHRA_SIMULATED === '1',
    databaseUrl: database.url,
    databaseDirectUrl: env.DATABASE_DIRECT_URL ?? database.directUrl,
    databaseGivenBy: {
      pooled: database.givenBy,
      direct: env.DATABASE_DIRECT_URL ? 'DATABASE_DIRECT_URL' : database.givenBy,
    },
    redisUrl: env.REDIS_URL ?? '',
    authSecret: env.AUTH_SECRET ?? '',
    appUrl,
    appUrlIsGiven: env.APP_URL !== undefined,
    trustedProxies: env.TRUSTED_PROXIES,
    demoSignIn: env.DEMO_SIGN_IN === '1',
    oidc:
      env.OIDC_ISSUER && env.OIDC_CLIENT_ID && env.OIDC_CLIENT_SECRET
        ? {
            issuer: env.OIDC_ISSUER.replace(/\/$/, ''),
            clientId: env.OIDC_CLIENT_ID,
            clientSecret: env.OIDC_CLIENT_SECRET,
            name: env.OIDC_NAME,
            owners: env.OIDC_OWNERS,
            viewers: env.OIDC_VIEWERS,
          }
        : null,
    host: env.HOST,
    port,
    portIsGiven: env.PORT !== undefined,
    securityContact: env.SECURITY_CONTACT ?? '',
    logLevel: env.LOG_LEVEL,
    kite: {
      apiKey: env.KITE_API_KEY ?? '',
      apiSecret: env.KITE_API_SECRET ?? '',
      pastedToken: env.KITE_ACCESS_TOKEN ?? '',
      redirectUrl: env.KITE_REDIRECT_URL ?? `${appUrl}/api/kite/callback`,
      tokenInRedis: env.KITE_TOKEN_IN_REDIS === '1',
      loginUrl: env.KITE_LOGIN_URL,
      wsUrl: env.KITE_WS_URL,
      apiUrl: env.KITE_API_URL,
      backoff: env.KITE_BACKOFF_MS,
    },
    dhan: {
      clientId: env.DHAN_CLIENT_ID ?? '',
      apiKey: env.DHAN_API_KEY ?? '',
      apiSecret: env.DHAN_API_SECRET ?? '',
      pastedToken: env.DHAN_ACCESS_TOKEN ?? '',
      redirectUrl: env.DHAN_REDIRECT_URL ?? `${appUrl}/api/dhan/callback`,
      tokenInRedis: env.DHAN_TOKEN_IN_REDIS === '1',
      authUrl: env.DHAN_AUTH_URL,
      apiUrl: env.DHAN_API_URL,
      liveUrl: env.DHAN_LIVE_URL,
      depth20Url: env.DHAN_DEPTH20_URL,
      depth200Url: env.DHAN_DEPTH200_URL,
      masterUrl: env.DHAN_MASTER_URL,
      backoff: env.DHAN_BACKOFF_MS,
    },
    predecessorKeys: env.PREDECESSOR_KEYS_IN_REDIS === '1',
    notify: {
      slackWebhookUrl: env.SLACK_WEBHOOK_URL ?? '',
      slackSigningKey: env.SLACK_SIGNING_KEY ?? '',
      telegramUrl: env.TELEGRAM_API_URL,
    },
    dataSource: env.DATA_SOURCE ?? 'kite',
    security: env.SECURITY_ID === undefined ? null : { id: env.SECURITY_ID, name: env.INSTRUMENT_NAME.trim() },
    instruments: env.INSTRUMENTS.split(',')
      .map((name) => name.trim())
      .filter(Boolean),
    marketHours: env.MARKET_HOURS,
    journal: { segmentBytes: env.JOURNAL_SEGMENT_BYTES },
    keepDays: {
      journal: env.JOURNAL_KEEP_DAYS,
      depth: env.DEPTH_KEEP_DAYS,
      ticks: env.TICKS_KEEP_DAYS,
      bars: env.BARS_KEEP_DAYS,
      tiles: env.TILES_KEEP_DAYS,
      signals: env.SIGNALS_KEEP_DAYS,
    },
    exports: { keepDays: env.EXPORT_KEEP_DAYS, bytesMax: env.EXPORT_BYTES_MAX, atATime: env.EXPORTS_AT_A_TIME },
    stream: { bytesMax: env.STREAM_BYTES_MAX, windowS: env.STREAM_WINDOW_S },
    writer: { flushRows: env.WRITER_FLUSH_ROWS, flushMs: env.WRITER_FLUSH_MS },
  };
}

/** Ports of PostgreSQL, and of docker-compose.yml's PgBouncer as it is published on the host. */
const POSTGRES_PORT = 5432;
const PUBLISHED_POOLER_PORT = 6432;

/**
 * The database of DATABASE_URL, else of its parts. Without a host those are of docker-compose.yml: by the names of its services
 * inside, where DB_PORT, which is the host's, says nothing; by the ports it publishes on the host (docs/DATABASE_CONNECTION.md). Empty where there is no password either.
 */
function databaseOf(env: z.output<typeof schema>): {
  readonly url: string;
  readonly directUrl: string;
  readonly givenBy: 'DATABASE_URL' | 'DB_PASSWORD';
} {
  const { DATABASE_URL, DB_HOST, DB_PORT, DB_NAME, DB_USER, DB_PASSWORD } = env;
  if (DATABASE_URL) return { url: DATABASE_URL, directUrl: DATABASE_URL, givenBy: 'DATABASE_URL' };
  if (!DB_PASSWORD) return { url: '', directUrl: '', givenBy: 'DATABASE_URL' };
  const givenBy = 'DB_PASSWORD';
  const at = (host: string, port: number): string => {
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return `postgres://${encodeURIComponent(DB_USER)}:${encodeURIComponent(DB_PASSWORD)}@${address}/${encodeURIComponent(DB_NAME)}`;
  };
  if (DB_HOST) {
    const url = at(DB_HOST, DB_PORT ?? POSTGRES_PORT);
    return { url, directUrl: url, givenBy };
  }
  const inside = env.GEHRA_IN_CONTAINER === '1';
  return {
    url: inside ? at('pgbouncer', POSTGRES_PORT) : at('localhost', DB_PORT ?? PUBLISHED_POOLER_PORT),
    directUrl: at(inside ? 'timescaledb' : 'localhost', POSTGRES_PORT),
    givenBy,
  };
}

/** Where tokens may be sent, by variable: the brokers' own hosts, and nobody else's. */
const BROKER_HOSTS = {
  KITE_LOGIN_URL: ['kite.zerodha.com', 'kite.trade'],
  KITE_WS_URL: ['ws.kite.trade'],
  KITE_API_URL: ['api.kite.trade'],
  DHAN_AUTH_URL: ['auth.dhan.co'],
  DHAN_API_URL: ['api.dhan.co'],
  DHAN_LIVE_URL: ['api-feed.dhan.co'],
  DHAN_DEPTH20_URL: ['depth-api-feed.dhan.co'],
  DHAN_DEPTH200_URL: ['full-depth-api.dhan.co', 'depth-api-feed.dhan.co'],
  DHAN_MASTER_URL: ['images.dhan.co'],
} as const satisfies Partial<Record<keyof typeof variables, readonly string[]>>;

/** Beside the simulated exchange an address that nobody gave is no broker's: the port of "discard". */
const NOWHERE: Environment = Object.fromEntries(
  Object.keys(BROKER_HOSTS).map((name) => [
    name,
    `${/_(WS|LIVE|DEPTH20|DEPTH200)_/.test(name) ? 'ws' : 'http'}://127.0.0.1:9`,
  ]),
);

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Real tokens go to the brokers' hosts alone, encrypted; those of the simulated exchange never leave this machine.
 *
 * @throws ConfigError
 */
function mustBeBrokers(env: z.output<typeof schema>): void {
  const wrong = Object.entries(BROKER_HOSTS).flatMap(([name, hosts]: [string, readonly string[]]) => {
    const { hostname, protocol } = new URL(env[name as keyof typeof BROKER_HOSTS]);
    if (env.GEHRA_SIMULATED === '1') {
      return LOOPBACK.has(hostname)
        ? []
        : [`${name} leads to ${hostname}: with GEHRA_SIMULATED=1 only this machine may`];
    }
    const encrypted = protocol === 'https:' || protocol === 'wss:';
    if (hosts.includes(hostname) && encrypted) return [];
    return [`${name} leads to ${protocol}//${hostname}, where no token may go: ${hosts.join(' or ')}, encrypted, may`];
  });
  if (wrong.length > 0) throw new ConfigError(`The configuration cannot be used:\n  ${wrong.join('\n  ')}`);
}
