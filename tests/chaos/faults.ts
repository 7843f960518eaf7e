/** The table of faults: what each does, whom it strikes, and what may be lost by it. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Broker } from '../../scripts/instance/market.ts';
import type { FaultShape } from './schedule.ts';
import { type ChaosSystem, childrenOf, type Link, send, until } from './system.ts';
import type { Toxic } from './tcp-proxy.ts';

export interface Strikes {
  readonly system: ChaosSystem;
  readonly ms: number;
  /** 0 to 1. */
  readonly pick: number;
}

export interface Fault extends FaultShape {
  /** Cases of the failure matrix that it shows. */
  readonly cases: string;
  /** Whose frames it keeps from the collector: they may be missing, within a gap. None: nothing may be missing. */
  readonly cuts: readonly Broker[];
  /** The frames are kept back by us and not by the exchange, which then knows nothing of an outage. */
  readonly hidden?: boolean;
  /** What comes meanwhile is stored, and in no journal. */
  readonly unjournalled?: boolean;
  /** What the machine must have. */
  readonly needs?: 'disks';
  /** Ends when the fault has ended. */
  readonly strike: (strikes: Strikes) => Promise<void>;
}

/** A slowed process is stopped for four fifths of this time, again and again. */
const SLOWED_MS = 200;
const COPY_LOOKS = 2000;
const FILL_BYTES = 1024 * 1024;
const REFILL_MS = 100;
/** What takes as long as it takes. */
const NOW: readonly [number, number] = [0, 0];
const OURS = ['kite', 'dhan', 'writer', 'signals', 'jobs', 'web'] as const;
const cutsOf = (name: string): Broker[] => (name === 'kite' || name === 'dhan' ? [name] : []);
/** One of several. */
export const chosen = <T>(all: readonly T[], pick: number): T =>
  all[Math.min(all.length - 1, Math.floor(pick * all.length))] as T;

/** The process meant: of several writers one. */
const nameOf = (system: ChaosSystem, name: string, pick: number): string =>
  name === 'writer' ? chosen(system.writers, pick) : name;

const CASES: Record<(typeof OURS)[number], { kill: string; term: string; hang: string; slow: string }> = {
  kite: { kill: 'C1', term: 'C5', hang: 'C2', slow: 'C3' },
  dhan: { kill: 'C1', term: 'C5', hang: 'C2', slow: 'C3' },
  writer: { kill: 'W1', term: 'W7', hang: 'W2', slow: 'W5' },
  signals: { kill: 'G1', term: 'G1', hang: 'G1', slow: 'G5' },
  jobs: { kill: 'P13', term: 'P13', hang: 'P13', slow: 'P13' },
  web: { kill: 'X1', term: 'X2', hang: 'X7', slow: 'X7' },
};

const killed: Fault[] = OURS.flatMap((name) => [
  {
    name: `${name} killed`,
    on: name,
    cases: CASES[name].kill,
    seconds: NOW,
    cuts: cutsOf(name),
    strike: ({ system, pick }) => system.end(nameOf(system, name, pick), 'SIGKILL'),
  },
  {
    name: `${name} asked to stop`,
    on: name,
    cases: CASES[name].term,
    seconds: NOW,
    cuts: cutsOf(name),
    strike: ({ system, pick }) => system.end(nameOf(system, name, pick), 'SIGTERM'),
  },
  {
    name: `${name} hung`,
    on: name,
    cases: CASES[name].hang,
    seconds: [3, 8],
    cuts: cutsOf(name),
    hidden: true,
    strike: async ({ system, ms, pick }) => {
      await hang([await system.pid(nameOf(system, name, pick))], ms);
    },
  },
]);

/** A process that gets a fifth of its time. */
const slowed: Fault[] = (['kite', 'dhan', 'writer', 'signals'] as const).map((name) => ({
  name: `${name} slowed to a fifth`,
  on: name,
  cases: CASES[name].slow,
  seconds: [4, 8],
  cuts: cutsOf(name),
  hidden: true,
  strike: async ({ system, ms, pick }) => {
    const pid = await system.pid(nameOf(system, name, pick));
    for (let left = ms; left > 0; left -= SLOWED_MS) {
      await hang([pid], SLOWED_MS * 0.8);
      await delay(SLOWED_MS * 0.2);
    }
  },
}));

const servers: Fault[] = [
  harmless('redis killed', 'redis', 'R1', NOW, ({ system }) => system.end('redis', 'SIGKILL')),
  harmless('redis asked to stop', 'redis', 'R1', NOW, ({ system }) => system.end('redis', 'SIGTERM')),
  harmless('redis restarted empty', 'redis', 'R1 R7', NOW, async ({ system }) => {
    const { restarts } = system.child('redis');
    await system.redis(async (redis) => {
      await redis.flushall('SYNC');
      // It ends without an answer.
      await redis.call('SHUTDOWN', 'NOSAVE', 'FORCE').catch(ignoreLoss);
    });
    await until('redis to be started again', async () => system.child('redis').restarts > restarts || undefined);
  }),
  harmless('redis hung', 'redis', 'R2 M3', [3, 8], async ({ system, ms }) => hang([await system.pid('redis')], ms)),
  harmless('redis out of memory', 'redis', 'R5 M6', [3, 8], ({ system, ms }) =>
    system.redis(async (redis) => {
      const [, before] = (await redis.config('GET', 'maxmemory')) as [string, string];
      await redis.config('SET', 'maxmemory', '1mb');
      await delay(ms);
      await redis.config('SET', 'maxmemory', before);
    }),
  ),
  harmless('redis connections cut', 'redis', 'R11', NOW, ({ system }) =>
    system.redis(async (redis) => void (await redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'))),
  ),
  harmless('redis disk full', 'redis', 'R6 M7', [3, 8], ({ system, ms }) => fillDisk(system, 'redis', ms), 'disks'),
  harmless('postgres killed', 'postgres', 'PG1 M9', NOW, ({ system }) => system.end('postgres', 'SIGKILL')),
  harmless('postgres restarted in mid-COPY', 'postgres', 'PG3', NOW, async ({ system }) => {
    await untilCopying(system);
    await system.end('postgres', 'SIGINT');
  }),
  harmless('postgres hung', 'postgres', 'PG2 B2', [3, 10], async ({ system, ms }) => {
    const pid = await system.pid('postgres');
    await hang([pid, ...childrenOf(pid)], ms);
  }),
  harmless('one backend of postgres killed', 'postgres', 'PG8', NOW, async ({ system }) => {
    const [row] = await system.sql<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = current_user ORDER BY backend_start LIMIT 1`,
    );
    if (row) send(row.pid, 'SIGKILL');
  }),
  harmless('all backends terminated', 'postgres', 'PG3 57P01', NOW, async ({ system }) => {
    await system.sql(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = current_user',
    );
  }),
  harmless('tables locked', 'postgres', 'PG6', [3, 10], ({ system, ms }) =>
    system.database(async (client) => {
      await client.query('BEGIN');
      await client.query(
        'LOCK TABLE gehra.depth_snapshots, gehra.ticks, gehra.feed_positions IN ACCESS EXCLUSIVE MODE',
      );
      await delay(ms);
      await client.query('ROLLBACK');
    }),
  ),
  harmless('no connection of postgres left', 'postgres', 'PG9 B3', [3, 8], takeAllConnections),
];

/** What the proxies do to the way to a server. */
const serverLinks: Fault[] = (['redis', 'postgres'] as const).flatMap((link) => [
  harmless(`way to ${link} slow (150 ms)`, link, 'N6', [4, 8], spoiling(link, { latencyMs: 150, jitterMs: 100 })),
  harmless(`way to ${link} in small pieces`, link, 'N6', [3, 6], spoiling(link, { sliceBytes: 200 })),
  harmless(`way to ${link} reset`, link, link === 'redis' ? 'R11' : 'N3', NOW, async ({ system }) =>
    system.link(link).reset(),
  ),
  harmless(`way to ${link} down`, link, link === 'redis' ? 'R11' : 'N1', [3, 8], async ({ system, ms }) => {
    await system.link(link).down();
    await delay(ms);
    await system.link(link).up();
  }),
  harmless(`way to ${link} silent`, link, link === 'redis' ? 'R11' : 'N1', [3, 8], spoiling(link, { held: true })),
]);

/** What the proxies do to the way between a collector and the exchange. */
const exchangeLinks: Fault[] = (['kite', 'dhan'] as const).flatMap((broker): Fault[] => {
  const spoilt = (name: string, cases: string, seconds: readonly [number, number], strike: Fault['strike']): Fault => ({
    name: `way to ${broker} ${name}`,
    on: broker,
    cases,
    seconds,
    cuts: [broker],
    hidden: true,
    strike,
  });
  return [
    spoilt('slow (200 ms)', 'N6', [4, 8], spoiling(broker, { latencyMs: 200, jitterMs: 100 })),
    spoilt('narrow (32 kB/s)', 'N5 K4', [3, 6], spoiling(broker, { bytesPerSecond: 32_000 })),
    spoilt('in small pieces', 'N6 K4', [3, 6], spoiling(broker, { sliceBytes: 100 })),
    spoilt('reset', broker === 'kite' ? 'K1 N3' : 'D1 N3', NOW, async ({ system }) => system.link(broker).reset()),
    spoilt('down', 'N1', [3, 8], async ({ system, ms }) => {
      await system.link(broker).down();
      await delay(ms);
      await system.link(broker).up();
    }),
    spoilt('silent', broker === 'kite' ? 'K2 N1' : 'D2 N1', [4, 20], spoiling(broker, { held: true })),
    spoilt('cut after 20 kB', 'N3', [3, 6], spoiling(broker, { limitBytes: 20_000 })),
  ];
});

const FEEDS_OF = { kite: ['kite'], dhan: ['dhan-depth20', 'dhan-depth200'] } as const;
/** Garbage without anything good in it (simulator/garbage.ts). */
const GARBAGE = {
  kite: ['truncated', 'length_65535', 'token_unknown', 'empty', 'two_bytes', 'null_text', 'broken_text'],
  dhan: ['length_negative', 'length_short', 'length_long', 'header_only', 'unknown_instrument'],
} as const;

/** What the exchange itself does. */
const exchange: Fault[] = (['kite', 'dhan'] as const).flatMap((broker): Fault[] => {
  const kite = broker === 'kite';
  const order = (name: string, cases: string, seconds: readonly [number, number], strike: Fault['strike']): Fault => ({
    name: `${broker} ${name}`,
    on: broker,
    cases,
    seconds,
    cuts: [broker],
    strike,
  });
  const [firstFeed] = FEEDS_OF[broker];
  const muted =
    (what: 'all' | 'data' | 'keepalives'): Fault['strike'] =>
    async ({ system, ms }) => {
      for (const feed of FEEDS_OF[broker]) await system.control('mute', { feed, ms, what });
      await delay(ms);
    };
  const cut =
    (how: 'reset' | 'close'): Fault['strike'] =>
    async ({ system }) => {
      for (const feed of FEEDS_OF[broker]) await system.control('cut', { feed, how });
    };
  return [
    order('resets', kite ? 'K1' : 'D1', NOW, cut('reset')),
    order('closes', kite ? 'K1' : 'D1', NOW, cut('close')),
    { ...order('mute', kite ? 'K2' : 'D2', [4, 20], muted('all')), hidden: true },
    { ...order('without data', kite ? 'K3' : 'D2', [4, 14], muted('data')), hidden: true },
    order('without keepalives', kite ? 'K2' : 'D2', [4, 10], muted('keepalives')),
    order('sends twice', kite ? 'K6' : 'D5', [2, 4], async ({ system, ms }) => {
      for (const feed of FEEDS_OF[broker]) await system.control('duplicate', { feed, ms, copies: 2 });
      await delay(ms);
    }),
    order('swaps neighbours', kite ? 'K7' : 'D6', [2, 4], async ({ system, ms }) => {
      for (const feed of FEEDS_OF[broker]) await system.control('reorder', { feed, ms });
      await delay(ms);
    }),
    order('sends garbage', kite ? 'K5' : 'D4 D12', NOW, async ({ system, pick }) => {
      const feed = kite ? 'kite' : 'dhan-depth200';
      await system.control('garbage', { feed, shape: chosen(GARBAGE[broker], pick), times: 20 });
    }),
    order('refuses the token', kite ? 'K9 P7' : 'D10 P7', [3, 6], async ({ system, ms }) => {
      if (kite) {
        await system.control('refuse', { feed: 'kite', status: 403 });
        await cut('reset')({ system, ms, pick: 0 });
      } else await system.control('revoke', { broker });
      await delay(ms);
      await system.control('refuse', { feed: firstFeed, status: 403, times: 0 });
      await system.logIn(broker);
    }),
    {
      ...order('says too many', kite ? 'K10' : 'D11', NOW, async ({ system, ms }) => {
        if (kite) {
          await system.control('refuse', { feed: 'kite', status: 429 });
          await cut('reset')({ system, ms, pick: 0 });
        } else await system.control('disconnect', { feed: 'dhan-depth20', reason: 805 });
      }),
      isSlow: true,
    },
    order('fails for a while (HTTP 503)', kite ? 'K1' : 'D1', NOW, async ({ system, ms }) => {
      for (const feed of FEEDS_OF[broker]) await system.control('refuse', { feed, status: 503, times: 1 });
      await cut('reset')({ system, ms, pick: 0 });
    }),
  ];
});

const further: Fault[] = [
  {
    ...harmless('kite sends 10 MB', 'kite', 'K14', NOW, async ({ system }) => {
      await system.control('garbage', { feed: 'kite', shape: 'huge', times: 1 });
    }),
    cuts: ['kite'],
  },
  {
    ...harmless('dhan sends half frames', 'dhan', 'D4', NOW, async ({ system }) => {
      await system.control('truncate', { feed: 'dhan-depth200', count: 10 });
    }),
    cuts: ['dhan'],
  },
  {
    ...harmless('exchange hung', 'exchange', 'K2 D2 N1', [4, 12], async ({ system, ms }) =>
      hang([await system.pid('simulator')], ms),
    ),
    cuts: ['kite', 'dhan'],
    hidden: true,
  },
  {
    ...harmless(
      'journal disk full',
      'journal',
      'C10',
      [3, 6],
      ({ system, ms }) => fillDisk(system, 'journal', ms),
      'disks',
    ),
    cuts: ['kite', 'dhan'],
    hidden: true,
    unjournalled: true,
  },
  {
    ...harmless('collector dies while redis is emptied', 'redis', 'C1 R1', NOW, async ({ system }) => {
      await Promise.all([
        system.redis(async (redis) => void (await redis.flushall('SYNC'))),
        system.end('dhan', 'SIGKILL'),
      ]);
    }),
    cuts: ['dhan'],
  },
  harmless('page asked for 200 times at once', 'web', 'X9', NOW, async ({ system }) => {
    const { appUrl } = system;
    await Promise.allSettled(Array.from({ length: 200 }, () => fetch(`${appUrl}/api/health/ready`)));
  }),
];

export const FAULTS: readonly Fault[] = [
  ...killed,
  ...slowed,
  ...servers,
  ...serverLinks,
  ...exchangeLinks,
  ...exchange,
  ...further,
];

/** Stops processes and lets them go on. */
async function hang(pids: readonly number[], ms: number): Promise<void> {
  for (const pid of pids) send(pid, 'SIGSTOP');
  await delay(ms);
  for (const pid of pids) send(pid, 'SIGCONT');
}

/** A fault by which nothing may be missing. */
function harmless(
  name: string,
  on: string,
  cases: string,
  seconds: readonly [number, number],
  strike: Fault['strike'],
  needs?: Fault['needs'],
): Fault {
  return { name, on, cases, seconds, cuts: [], strike, ...(needs ? { needs } : {}) };
}

function spoiling(link: Link, toxic: Toxic): Fault['strike'] {
  return async ({ system, ms }) => {
    system.link(link).spoil(toxic);
    await delay(ms);
    system.link(link).spoil({});
  };
}

/** An end of a connection that was asked for. */
function ignoreLoss(error: Error): void {
  if (!/closed|ended/i.test(error.message)) throw error;
}

/** Waits for a COPY to be under way; a few seconds at most, as one takes a few ms. */
async function untilCopying(system: ChaosSystem): Promise<void> {
  await system.database(async (client) => {
    for (let looks = 0; looks < COPY_LOOKS; looks += 1) {
      const { rowCount } = await client.query('SELECT FROM pg_stat_progress_copy');
      if (rowCount) return;
    }
  });
}

/** Takes connections until the server gives no more, and holds them. */
async function takeAllConnections({ system, ms }: Strikes): Promise<void> {
  const taken: pg.Client[] = [];
  try {
    for (let refused = false; !refused; ) {
      const client = new pg.Client({ connectionString: system.databaseUrl, connectionTimeoutMillis: 5000 });
      client.on('error', () => undefined);
      await client.connect().then(
        () => taken.push(client),
        () => {
          refused = true;
        },
      );
    }
    await delay(ms);
  } finally {
    await Promise.allSettled(taken.map((client) => client.end()));
  }
}

/** Fills a file system to its last byte, and makes room again. */
async function fillDisk(system: ChaosSystem, folder: string, ms: number): Promise<void> {
  const file = path.join(system.dataDir, folder, 'filler');
  const fd = openSync(file, 'w');
  const zeros = Buffer.alloc(FILL_BYTES);
  const fill = (bytes: number): boolean => {
    try {
      return writeSync(fd, zeros, 0, bytes) > 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      return false;
    }
  };
  try {
    while (fill(FILL_BYTES));
    for (let left = ms; left > 0; left -= REFILL_MS) {
      // What others freed meanwhile is taken too.
      while (fill(FILL_BYTES) || fill(1));
      await delay(REFILL_MS);
    }
  } finally {
    closeSync(fd);
    rmSync(file);
  }
}
