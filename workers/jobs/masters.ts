/**
 * The daily load of the brokers' instrument dumps: downloaded, checked, joined, stored. Whatever is wrong with a new dump, the
 * newest good one stays in force, and the load says so.
 */
import { type Client, connect } from '../../db/connect.ts';
import { storeInstruments } from '../../db/instruments.ts';
import { type FileReport, lastLoad, storeLoad } from '../../db/masters.ts';
import { readKiteToken } from '../../lib/auth/tokens.ts';
import type { Config } from '../../lib/config/config.ts';
import type { Broker } from '../../lib/core/feeds.ts';
import { formatIstDate } from '../../lib/core/ist.ts';
import type { Log } from '../../lib/obs/log.ts';
import { waitToBeAlone } from './alone.ts';
import { DUMP_LIMITS, type DumpLimits, downloadDump, KeptDumps, readDump } from './dump-files.ts';
import { joinMasters, numberOf } from './join-masters.ts';
import { MasterError } from './master-error.ts';
import {
  BadRowError,
  DHAN_COLUMNS,
  dhanInstrument,
  KITE_COLUMNS,
  kiteInstrument,
  type MasterRow,
} from './master-rows.ts';

/** Where a broker's dump comes from, and how it is read. */
interface Source {
  readonly broker: Broker;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly columns: readonly string[];
  instrument(row: Readonly<Record<string, string>>): MasterRow | null;
}

interface Dump {
  readonly rows: readonly MasterRow[];
  readonly report: FileReport;
}

/** What of the brokers' dumps can be had, and why the others cannot. */
interface Gathered {
  readonly dumps: ReadonlyMap<Broker, Dump>;
  readonly failures: readonly string[];
}

/** Whether the newest load has today's dump of every broker there is. */
export async function isLoadedToday(config: Config, nowUs: number): Promise<boolean> {
  const client = await connect(config.databaseUrl, 'masters');
  try {
    const load = await lastLoad(client);
    const today = formatIstDate(nowUs);
    return brokersOf(config).every((broker) => {
      const file = load?.files[broker];
      return file?.day === today && file.failure === null;
    });
  } finally {
    await client.end();
  }
}

/** Brokers that this machine has an account at: theirs are the dumps that are loaded. */
export function brokersOf({ kite, dhan }: Config): Broker[] {
  return [...(kite.apiKey ? ['kite' as const] : []), ...(dhan.clientId ? ['dhan' as const] : [])];
}

/**
 * Loads the dumps of the brokers there are.
 *
 * @returns whether all of them are of today
 * @throws MasterError where there is none at all, not even an old one, or the database takes none; and what else it says
 */
export async function loadMasters(
  config: Config,
  log: Log,
  nowUs: number,
  limits: DumpLimits = DUMP_LIMITS,
): Promise<boolean> {
  const client = await connect(config.databaseDirectUrl, 'masters');
  try {
    // Two at a time would write one file. The server takes the lock back with the connection.
    await waitToBeAlone(client, 'masters');
    const before = await lastLoad(client);
    const sources = sourcesOf(config);
    const keptOf = ({ broker }: Source): KeptDumps => new KeptDumps(config.dataDir, broker);
    const today = formatIstDate(nowUs);
    let gathered = await gather(sources, (source) => {
      const counted = before && nowUs - before.timeUs < COMPARED_US ? before.files[source.broker] : undefined;
      return newestDump(keptOf(source), source, today, counted, limits, log);
    });
    const isFresh = ({ broker }: Source): boolean => gathered.dumps.get(broker)?.report.failure === null;
    try {
      await store(client, gathered, log);
    } catch (error) {
      const fresh = sources.filter(isFresh);
      if (!(error instanceof MasterError) || fresh.length === 0) throw error;
      // It is not known which of them is to blame: of all the newest that was kept.
      for (const source of fresh) keptOf(source).refuse();
      gathered = await gather(sources, (source) => {
        const failure = gathered.dumps.get(source.broker)?.report.failure ?? error.message;
        return keptDump(keptOf(source), source, failure, limits, log);
      });
      await store(client, gathered, log);
    }
    // Only now: what the database refuses is nothing to fall back on.
    for (const source of sources.filter(isFresh)) keptOf(source).accept(today);
    return sources.every(isFresh);
  } finally {
    await client.end();
  }
}

/** @throws MasterError where there is none at all */
async function gather(sources: readonly Source[], dumpOf: (source: Source) => Promise<Dump>): Promise<Gathered> {
  const dumps = new Map<Broker, Dump>();
  const failures: string[] = [];
  for (const source of sources) {
    try {
      dumps.set(source.broker, await dumpOf(source));
    } catch (error) {
      if (!(error instanceof MasterError)) throw error;
      failures.push(`${source.broker}: ${error.message}`);
    }
  }
  if (dumps.size === 0) throw new MasterError(failures.join('; '));
  return { dumps, failures };
}

/** SQLSTATE classes of values that a table does not take: data exceptions, integrity constraints. */
const REFUSED = /^2[23]/;

/** @throws MasterError where the database does not take what is in the dumps; and what else it says */
async function store(client: Client, { dumps, failures }: Gathered, log: Log): Promise<void> {
  for (const failure of failures) log.error({ event: 'master_absent', failure });
  const joined = joinMasters(dumps.get('kite')?.rows ?? [], dumps.get('dhan')?.rows ?? []);
  const files = Object.fromEntries([...dumps].map(([broker, { report }]) => [broker, report]));
  await client.query('BEGIN');
  try {
    const changes = await storeInstruments(client, joined.instruments, failures.length === 0);
    await storeLoad(client, { files, ...joined });
    await client.query('COMMIT');
    const { exchanges } = joined;
    log.info({ event: 'masters_loaded', files, joined: joined.joined, exchanges, ...changes });
    if (joined.unjoined.length > 0) {
      const examples = joined.unjoined.slice(0, LOGGED_UNJOINED).map((row) => `${row.exchange}:${row.symbol}`);
      log.info({ event: 'masters_unjoined', count: joined.unjoined.length, examples });
    }
  } catch (error) {
    await client.query('ROLLBACK');
    const { code, message } = error as { code?: string; message: string };
    if (!REFUSED.test(code ?? '')) throw error;
    throw new MasterError(`the database does not take the instrument dump: ${message}`, { cause: error });
  }
}

/** The page has the whole list. */
const LOGGED_UNJOINED = 10;
const LOGGED_ROWS = 5;

/** Today's dump where it can be had and believed, else the newest that was kept. */
async function newestDump(
  kept: KeptDumps,
  source: Source,
  today: string,
  before: FileReport | undefined,
  limits: DumpLimits,
  log: Log,
): Promise<Dump> {
  try {
    await downloadDump(source.url, source.headers, kept.incoming, limits);
    const dump = await dumpIn(kept.incoming, source, today, limits, log);
    if (before) mustNotHaveShrunk(dump.report.byExchange, before.byExchange);
    return dump;
  } catch (error) {
    if (!(error instanceof MasterError)) throw error;
    kept.refuse();
    return keptDump(kept, source, error.message, limits, log);
  }
}

/** The newest dump that was kept and can be read. @param failure why there is no newer one @throws MasterError with it */
async function keptDump(kept: KeptDumps, source: Source, failure: string, limits: DumpLimits, log: Log): Promise<Dump> {
  for (const day of kept.days()) {
    try {
      const { rows, report } = await dumpIn(kept.file(day), source, day, limits, log);
      log.warn({ event: 'master_of_another_day', broker: source.broker, day, failure });
      return { rows, report: { ...report, failure } };
    } catch (error) {
      if (!(error instanceof MasterError)) throw error;
      log.warn({ event: 'kept_master_unreadable', broker: source.broker, day, reason: error.message });
    }
  }
  throw new MasterError(failure);
}

/** Damaged rows and repeats of one are left out: a whole day's load is not to fail for them. */
async function dumpIn(file: string, source: Source, day: string, limits: DumpLimits, log: Log): Promise<Dump> {
  const rows = new Map<string, MasterRow>();
  let leftOut = 0;
  const examples: string[] = [];
  const leaveOut = (example: string): void => {
    leftOut += 1;
    if (examples.length < LOGGED_ROWS) examples.push(example);
  };
  await readDump(file, source.columns, limits, (row) => {
    try {
      const instrument = source.instrument(row);
      if (!instrument) return;
      // A number may stand there twice for a few days, under an old name and a new one.
      const key = `${instrument.exchange}:${instrument.symbol}:${numberOf(instrument)}`;
      if (rows.has(key)) leaveOut(`${key} stands there twice`);
      else rows.set(key, instrument);
    } catch (error) {
      if (!(error instanceof BadRowError)) throw error;
      leaveOut(error.message);
    }
  });
  if (rows.size === 0) throw new MasterError('the instrument dump lists nothing of an exchange known here');
  if (leftOut > 0) log.warn({ event: 'master_rows_left_out', broker: source.broker, day, count: leftOut, examples });
  const list = [...rows.values()];
  const report = { day, rows: list.length, leftOut, byExchange: countByExchange(list), failure: null };
  return { rows: list, report };
}

function countByExchange(rows: readonly MasterRow[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { exchange } of rows) counts[exchange] = (counts[exchange] ?? 0) + 1;
  return counts;
}

/** A month's expiry takes a third of an exchange's contracts at most; a dump that lost more was cut short. */
const SHRUNK_SHARE = 0.5;
/** Exchanges with fewer instruments come and go. */
const COUNTED_MIN = 200;
/** A smaller dump is believed once it has been so for this long: exchanges do close segments. */
const COMPARED_US = 7 * 86_400_000_000;

/** @throws MasterError naming what has gone */
function mustNotHaveShrunk(now: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): void {
  const shrunk = Object.entries(before).filter(
    ([exchange, count]) => count >= COUNTED_MIN && (now[exchange] ?? 0) < count * SHRUNK_SHARE,
  );
  if (shrunk.length === 0) return;
  const words = shrunk.map(([exchange, count]) => `${now[exchange] ?? 0} of ${exchange} where there were ${count}`);
  throw new MasterError(`the instrument dump was cut short and is not used: it has ${words.join(', ')}`);
}

function sourcesOf(config: Config): Source[] {
  const { kite, dhan, tokenDir } = config;
  const answer = readKiteToken(tokenDir);
  const sources: Readonly<Record<Broker, Source>> = {
    kite: {
      broker: 'kite',
      url: `${kite.apiUrl}/instruments`,
      headers: {
        'X-Kite-Version': '3',
        // The documents show it, Kite's staff say it is not looked at: it is sent where there is one.
        ...('token' in answer ? { Authorization: `token ${kite.apiKey}:${answer.token.accessToken}` } : {}),
      },
      columns: KITE_COLUMNS,
      instrument: kiteInstrument,
    },
    dhan: { broker: 'dhan', url: dhan.masterUrl, headers: {}, columns: DHAN_COLUMNS, instrument: dhanInstrument },
  };
  return brokersOf(config).map((broker) => sources[broker]);
}
