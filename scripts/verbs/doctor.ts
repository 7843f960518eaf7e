/** `./gehra doctor`: what is there, what is missing, what `./gehra up` will use and why, and how what runs is. Changes nothing. */
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { totalmem } from 'node:os';
import path from 'node:path';
import { calendarFinding } from '../../lib/calendar/finding.ts';
import { MarketHours } from '../../lib/calendar/hours.ts';
import { type Config, givenEnvironment, loadConfig } from '../../lib/config/config.ts';
import { formatIstDate } from '../../lib/core/ist.ts';
import { CalendarFileError, readEntered } from '../../lib/net/calendar-file.ts';
import { wallClockUs } from '../../lib/obs/clock.ts';
import { FREE_MIB_MIN, readSettings } from '../instance/folder.ts';
import { configuredBrokers } from '../instance/market.ts';
import { webPort } from '../instance/ports.ts';
import { readRunningState } from '../instance/state.ts';
import { CHROMIUM } from '../services/chromium.ts';
import { checkDatabase, checkRedis } from '../services/given-servers.ts';
import { abandonedClusters, canEnter, findServiceUser, providedBinaries } from '../services/postgres-home.ts';
import { REDIS_VERSION_MIN, redisOnPath, unpackedRedis } from '../services/redis-program.ts';
import { runCommand, succeeds } from '../services/run-command.ts';
import { TIMESCALE_DIR } from '../services/timescale.ts';
import { EXIT, messageOf } from '../user-error.ts';
import { lookAtRunning } from './doctor-running.ts';
import { type Finding, missing, ok, warn } from './finding.ts';

const MIB = 1024 * 1024;
/** A day of five instruments at 200 levels, journal and rows, takes about 3 GB. */
const FREE_MIB_COMFORTABLE = 10 * 1024;
const MEMORY_MIB_COMFORTABLE = 3 * 1024;

export interface DoctorOptions {
  readonly dataDir: string;
  readonly port?: number;
}

export async function doctor({ dataDir, port }: DoctorOptions): Promise<void> {
  const config = loadConfig({
    ...givenEnvironment(),
    GEHRA_DATA_DIR: dataDir,
    ...(port === undefined ? {} : { PORT: String(port) }),
  });
  const findings = [
    checkSystem(),
    await checkTools(),
    checkMemory(),
    checkDataFolder(dataDir),
    checkDisk(dataDir),
    await checkPostgres(config),
    ...checkAbandoned(),
    await checkRedisServer(config),
    await checkPort(config),
    ...checkMarket(config),
    await checkClock(),
    checkCalendar(dataDir),
    checkChromium(),
    checkTimescale(),
  ];
  print(findings);
  const running = await checkRunning(config);
  if (running.length > 0) {
    process.stdout.write('\nWhat runs:\n');
    print(running);
  }
  const inTheWay = count(findings, 'missing');
  const troubles = count(running, 'trouble');
  const state = readRunningState(dataDir) ? 'An instance runs in this data folder; ./gehra down stops it.' : null;
  const sentences = [
    inTheWay > 0
      ? `./gehra up will not work until the ${inTheWay} missing above are there.`
      : (state ?? './gehra up will work.'),
    ...(running.length === 0
      ? []
      : [troubles === 0 ? 'What runs is in no trouble.' : `What runs has ${troubles} troubles, see above.`]),
  ];
  process.stdout.write(`\n${sentences.join('\n')}\n`);
  process.exitCode = inTheWay + troubles === 0 ? 0 : EXIT.failed;
}

function print(findings: readonly Finding[]): void {
  for (const { level, text } of findings) process.stdout.write(`${level.padEnd('missing'.length)}  ${text}\n`);
}

const count = (findings: readonly Finding[], of: Finding['level']): number =>
  findings.filter(({ level }) => level === of).length;

/** How what runs is: the instance of this data folder, or what runs elsewhere with the servers that are given. */
async function checkRunning(config: Config): Promise<Finding[]> {
  const state = readRunningState(config.dataDir);
  const { appUrl, databaseUrl = config.databaseUrl, redisUrl = config.redisUrl } = state ?? {};
  if (databaseUrl === '' || redisUrl === '' || (state && appUrl === undefined)) return [];
  const simulated = readSettings(config.dataDir).market === 'simulated';
  const brokers = simulated ? (['kite', 'dhan'] as const) : configuredBrokers(config);
  return lookAtRunning({ config, appUrl, databaseUrl, redisUrl, brokers });
}

function checkSystem(): Finding {
  const text = `Node ${process.versions.node} on ${process.platform} ${process.arch}`;
  return process.platform === 'linux' ? ok(text) : missing(`${text}: Gehra runs on Linux; use a container elsewhere.`);
}

async function checkTools(): Promise<Finding> {
  const npm = await runCommand('npm', ['--version']).catch(() => undefined);
  if (!(await succeeds('flock', ['--version']))) {
    return missing('flock, which guards the data folder. Type: sudo apt-get install util-linux');
  }
  return npm === undefined
    ? warn('npm is not there; it is needed when the packages change. Type: sudo apt-get install npm')
    : ok(`npm ${npm.trim()}, and the packages of package-lock.json are installed`);
}

function checkMemory(): Finding {
  const mib = Math.floor(totalmem() / MIB);
  const text = `${mib} MiB of memory`;
  return mib >= MEMORY_MIB_COMFORTABLE ? ok(text) : warn(`${text}: ${MEMORY_MIB_COMFORTABLE} MiB are comfortable`);
}

function checkDataFolder(dataDir: string): Finding {
  const state = readRunningState(dataDir);
  if (state) {
    return ok(
      `data folder ${dataDir}: an instance runs in it${state.appUrl ? `, ${state.appUrl}` : ' and is starting'}`,
    );
  }
  const there = existsSync(dataDir);
  try {
    accessSync(nearestFolder(dataDir), constants.W_OK | constants.X_OK);
    return ok(`data folder ${dataDir}${there ? '' : ', which will be made'}`);
  } catch {
    return missing(
      `data folder ${dataDir} cannot be written. Choose another with --data DIR, or type: sudo chown -R "$(id -un)" '${nearestFolder(dataDir)}'`,
    );
  }
}

function checkDisk(dataDir: string): Finding {
  const { bavail, bsize } = statfsSync(nearestFolder(dataDir));
  const mib = Math.floor((bavail * bsize) / MIB);
  if (mib < FREE_MIB_MIN)
    return missing(`disk of the data folder: ${mib} MiB free, at least ${FREE_MIB_MIN} are needed`);
  const text = `disk of the data folder: ${Math.floor(mib / 1024)} GiB free`;
  return mib >= FREE_MIB_COMFORTABLE ? ok(text) : warn(`${text}; a trading day of five instruments takes about 3`);
}

async function checkPostgres(config: Config): Promise<Finding> {
  if (config.databaseUrl) {
    const { pooled, direct } = config.databaseGivenBy;
    return found(async () => {
      const { version, timescale } = await checkDatabase(config.databaseUrl, pooled);
      if (config.databaseDirectUrl !== config.databaseUrl) await checkDatabase(config.databaseDirectUrl, direct);
      const edition = timescale === undefined ? 'no TimescaleDB' : `TimescaleDB ${timescale}`;
      return `PostgreSQL ${version} of ${pooled}, ${edition}`;
    });
  }
  return found(async () => {
    const bin = path.join(providedBinaries(), 'bin/postgres');
    const version = (await runCommand(bin, ['--version'])).trim().replace('postgres (PostgreSQL)', 'PostgreSQL');
    return `${version} from npm will be run, plain (DATABASE_URL is not set)${await whoRunsIt(config.dataDir)}`;
  });
}

/** For root: as whom the database runs, and where, if that user cannot enter the data folder. */
async function whoRunsIt(dataDir: string): Promise<string> {
  if (process.getuid?.() !== 0) return '';
  const user = await findServiceUser();
  if (!user) return ', as a system user "gehra" that will be made';
  return (await canEnter(nearestFolder(dataDir), user))
    ? `, as user ${user.name}`
    : `, as user ${user.name}, who cannot enter ${dataDir}: its files are kept in /var/lib/gehra`;
}

function checkAbandoned(): Finding[] {
  return abandonedClusters().map(({ home, owner }) =>
    warn(
      `${home} is the database of ${owner}, which no longer points to it. If you do not need it: sudo rm -rf ${home}`,
    ),
  );
}

async function checkRedisServer(config: Config): Promise<Finding> {
  if (config.redisUrl) {
    return found(async () => {
      const { version, appendOnly } = await checkRedis(config.redisUrl);
      return `Redis ${version} of REDIS_URL, noeviction, append-only file ${appendOnly ? 'on' : 'off: accepted for the simulated market only'}`;
    });
  }
  const program = (await redisOnPath()) ?? (await unpackedRedis(config.dataDir));
  if (program) return ok(`Redis ${program.version} will be run: ${program.command} (REDIS_URL is not set)`);
  return (await succeeds('apt-get', ['--version']))
    ? ok("Redis will be fetched from Debian's mirror into a folder of its own: there is none on the PATH")
    : missing(`Redis ${REDIS_VERSION_MIN.join('.')} or newer: install redis-server, or set REDIS_URL`);
}

async function checkPort(config: Config): Promise<Finding> {
  if (readRunningState(config.dataDir)) return ok('ports: as the running instance has them');
  return found(async () => `port ${await webPort(config.host, config.port, config.portIsGiven)} for the web app`);
}

/** Which market will be recorded. Of credentials only whether they are there. */
function checkMarket(config: Config): Finding[] {
  const brokers = configuredBrokers(config);
  const kept = readSettings(config.dataDir).market;
  if (kept !== undefined && kept !== (brokers.length > 0 ? 'real' : 'simulated')) {
    return [missing(`the data folder holds the ${kept} market; choose another one with --data DIR`)];
  }
  if (brokers.length === 0) return [ok('no broker credentials: the simulated exchange will be run')];
  const tokenFiles = { kite: 'access_token.txt', dhan: 'dhan_token.json' } as const;
  return brokers.map((broker) => {
    const file = path.join(config.tokenDir, tokenFiles[broker]);
    return existsSync(file)
      ? ok(`${broker}: credentials and a token are there`)
      : warn(`${broker}: credentials are there, but no token: its collector waits for ${file}`);
  });
}

async function checkClock(): Promise<Finding> {
  const now = new Date().toISOString();
  const answer = await runCommand('timedatectl', ['show', '--property=NTPSynchronized', '--value']).catch(() => '');
  if (answer.trim() === 'yes') return ok(`clock ${now}, kept by NTP`);
  return warn(`clock ${now}; whether anything keeps it right cannot be told. Every record is stamped with it.`);
}

/** Whether the exchange's days are known for the next month. */
function checkCalendar(dataDir: string): Finding {
  try {
    const hours = new MarketHours('calendar', readEntered(dataDir));
    const { result, words } = calendarFinding(hours, formatIstDate(wallClockUs()));
    return result === 'ok' ? ok(`exchange calendar: ${words}`) : warn(`exchange calendar: ${words}`);
  } catch (error) {
    if (!(error instanceof CalendarFileError)) throw error;
    return warn(`exchange calendar: ${error.message}`);
  }
}

function checkChromium(): Finding {
  return existsSync(CHROMIUM)
    ? ok(`${CHROMIUM} for the browser tests`)
    : warn('no Chromium, for the browser tests only. Type: sudo apt-get install chromium');
}

function checkTimescale(): Finding {
  if (process.getuid?.() !== 0) return warn('TimescaleDB, for the tests only, needs root: sudo ./gehra test timescale');
  return ok(`TimescaleDB for the tests ${existsSync(TIMESCALE_DIR) ? `is in ${TIMESCALE_DIR}` : 'will be fetched'}`);
}

/** What `look` finds is there; what it throws says what is missing. */
function found(look: () => Promise<string>): Promise<Finding> {
  return look().then(ok, (error) => missing(messageOf(error)));
}

/** The folder itself, or the nearest one above it that is there. */
function nearestFolder(dir: string): string {
  return existsSync(dir) ? dir : nearestFolder(path.dirname(dir));
}
