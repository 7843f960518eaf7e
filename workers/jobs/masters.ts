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
import { DUMP_LIMITS, type DumpLimits, downloadDump, KeptDumps, readDump } from './dump-files.ts';
import { joinMasters } from './join-masters.ts';
import { MasterError } from './master-error.ts';
import { DHAN_COLUMNS, dhanInstrument, KITE_COLUMNS, kiteInstrument, type MasterRow } from './master-rows.ts';

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

/** "GE" and a number. */
const MASTERS_LOCK = [0x4745_0003, 2];

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
 * @throws MasterError where there is none at all, not even an old one; and what the database says
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
    await client.query('SELECT pg_advisory_lock($1, $2)', MASTERS_LOCK);
    const before = await lastLoad(client);
    const dumps = new Map<Broker, Dump>();
    const failures: string[] = [];
    for (const source of sourcesOf(config)) {
      try {
        const counted = before && nowUs - before.timeUs < COMPARED_US ? before.files[source.broker] : undefined;
        dumps.set(source.broker, await newestDump(config, source, formatIstDate(nowUs), counted, limits, log));
      } catch (error) {
        if (!(error instanceof MasterError)) throw error;
        failures.push(`${source.broker}: ${error.message}`);
      }
    }
    if (dumps.size === 0) throw new MasterError(failures.join('; '));
    for (const failure of failures) log.error({ event: 'master_absent', failure });
    await store(client, dumps, failures.length === 0, log);
    return failures.length === 0 && [...dumps.values()].every(({ report }) => report.failure === null);
  } finally {
    await client.end();
  }
}

async function store(client: Client, dumps: ReadonlyMap<Broker, Dump>, complete: boolean, log: Log): Promise<void> {
  const joined = joinMasters(dumps.get('kite')?.rows ?? [], dumps.get('dhan')?.rows ?? []);
  const files = Object.fromEntries([...dumps].map(([broker, { report }]) => [broker, report]));
  await client.query('BEGIN');
  try {
    const changes = await storeInstruments(client, joined.instruments, complete);
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
    throw error;
  }
}

/** The page has the whole list. */
const LOGGED_UNJOINED = 10;

/** Today's dump where it can be had and believed, else the newest that was kept. */
async function newestDump(
  config: Config,
  source: Source,
  today: string,
  before: FileReport | undefined,
  limits: DumpLimits,
  log: Log,
): Promise<Dump> {
  const kept = new KeptDumps(config.dataDir, source.broker);
  let failure: string;
  try {
    await downloadDump(source.url, source.headers, kept.incoming, limits);
    const rows = await rowsOf(kept.incoming, source, limits);
    const byExchange = countByExchange(rows);
    if (before) mustNotHaveShrunk(byExchange, before.byExchange);
    kept.accept(today);
    return { rows, report: { day: today, rows: rows.length, byExchange, failure: null } };
  } catch (error) {
    if (!(error instanceof MasterError)) throw error;
    kept.refuse();
    failure = error.message;
  }
  for (const day of kept.days()) {
    try {
      const rows = await rowsOf(kept.file(day), source, limits);
      log.warn({ event: 'master_of_another_day', broker: source.broker, day, failure });
      return { rows, report: { day, rows: rows.length, byExchange: countByExchange(rows), failure } };
    } catch (error) {
      if (!(error instanceof MasterError)) throw error;
      log.warn({ event: 'kept_master_unreadable', broker: source.broker, day, reason: error.message });
    }
  }
  throw new MasterError(failure);
}

async function rowsOf(file: string, source: Source, limits: DumpLimits): Promise<MasterRow[]> {
  const rows: MasterRow[] = [];
  await readDump(file, source.columns, limits, (row) => {
    const instrument = source.instrument(row);
    if (instrument) rows.push(instrument);
  });
  if (rows.length === 0) throw new MasterError('the instrument dump lists nothing of an exchange known here');
  return rows;
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
