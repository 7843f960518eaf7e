/** From what processes say of themselves to stages, states and incidents in words. Asks nobody: what was found is given to it. */
import type { FeedGap } from '../../db/gaps.ts';
import { BROKER_NAMES } from '../core/broker-problems.ts';
import { type Broker, FEEDS, type FeedKind, feedName } from '../core/feeds.ts';
import {
  durationWords,
  type Figure,
  type Health,
  type Incident,
  type Stage,
  type StageId,
  type StageLine,
  type StageState,
  worstState,
} from '../core/health.ts';
import { IST_OFFSET_MS } from '../core/ist.ts';
import { adviceFor, gapWords } from '../heatmap/gap-words.ts';
import { figureOf, kindOf, type ProcessMetrics } from '../queue/metrics.ts';
import type { CollectorStatus, FeedStatus, ProcessStatus, WriterStatus } from '../queue/status.ts';

/** What was found of an installation. */
export interface Found {
  readonly nowMs: number;
  /** Brokers with an account. */
  readonly brokers: readonly Broker[];
  readonly statuses: ReadonlyMap<string, ProcessStatus>;
  readonly processes: readonly ProcessMetrics[];
  /** By kind of process, when one was heard of last, ms. */
  readonly lastHeardMs: ReadonlyMap<string, number>;
  /** Why it does not answer, or what it says of itself and how long it took to. */
  readonly redis: { readonly failure: string } | { readonly usedBytes: number; readonly answerMs: number };
  readonly database: { readonly failure: string } | { readonly answerMs: number };
  /** Newest first. */
  readonly gaps: readonly FeedGap[];
  /** Symbols of the instruments that are alone on their feeds. */
  readonly symbols: ReadonlyMap<number, string>;
}

/** Behind by more than this is late. */
const LATE_MS = 2000;
/** So many frames may wait for Redis. */
const WAITING_MAX = 500;
const INCIDENTS = 100;
/** A held-up event loop is late with everything. */
const BLOCKED_S = 1;

/** `10:42:05`, IST. */
const istTime = (ms: number): string => new Date(ms + IST_OFFSET_MS).toISOString().slice(11, 19);

const KIND_TITLES: Readonly<Record<FeedKind, string>> = {
  ticks: 'ticks',
  live: 'live feed',
  depth20: '20-level',
  depth200: '200-level',
};

/** Null of an import. */
const brokerOf = (feed: string): Broker | null => FEEDS.find(({ name }) => name === feed)?.broker ?? null;

/** `Dhan 200-level NIFTY26DECFUT`, `Kite ticks (2,400 instruments)`. */
function titleOf(feed: string, instrumentIds: readonly number[], symbols: Found['symbols']): string {
  const known = FEEDS.find(({ name }) => name === feed);
  if (!known) return feed;
  const { broker, kind, number } = known;
  const title = `${BROKER_NAMES[broker]} ${KIND_TITLES[kind]}`;
  const [only] = instrumentIds;
  const symbol = instrumentIds.length === 1 && only !== undefined ? symbols.get(only) : undefined;
  if (symbol !== undefined) return `${title} ${symbol}`;
  const count = instrumentIds.length.toLocaleString('en-IN');
  return `${title}${number > 1 ? ` ${number}` : ''} (${count} ${count === '1' ? 'instrument' : 'instruments'})`;
}

export function healthOf(found: Found): Health {
  const stages = [
    feedsStage(found),
    collectorsStage(found),
    redisStage(found),
    writersStage(found),
    databaseStage(found),
    signalsStage(found),
    jobsStage(found),
    webStage(found),
    browsersStage(found),
  ];
  const state = worstState(stages.map((stage) => stage.state));
  const wrong = stages.filter((stage) => stage.state === state);
  const isOpen = stages[0]?.state !== 'off';
  const words =
    state === 'ok'
      ? isOpen
        ? 'Everything is recorded and stored in time.'
        : 'Everything is ready. Nothing is recorded now.'
      : `${wrong.map(({ title }) => title).join(', ')}: ${state === 'late' ? 'late' : 'not working'}.`;
  return {
    nowMs: found.nowMs,
    state,
    words,
    stages,
    processes: found.processes.map(processLine),
    incidents: [...presentIncidents(found), ...pastIncidents(found)].slice(0, INCIDENTS),
  };
}

const figure = (name: string, value: number | null | undefined, as: Figure['as'], atMs: number): Figure => ({
  name,
  value: value ?? null,
  as,
  atMs,
});

const processesOf = ({ processes }: Found, kind: string): readonly ProcessMetrics[] =>
  processes.filter(({ process }) => kindOf(process) === kind);

/** The sum of a metric over these processes, by its name on the page. */
function sumOf(processes: readonly ProcessMetrics[], metric: string, name: string, as: Figure['as']): Figure {
  const told = processes.flatMap((process) => {
    const value = figureOf(process, metric);
    return value === undefined ? [] : [{ value, atMs: process.atMs }];
  });
  const sum = told.length === 0 ? null : told.reduce((total, { value }) => total + value, 0);
  // Of those alone that have it: what another process told later would make the sum look as if it stood still.
  return figure(name, sum, as, Math.max(0, ...told.map(({ atMs }) => atMs)));
}

const collectorsOf = ({ brokers, statuses }: Found): [Broker, CollectorStatus | undefined][] =>
  brokers.map((broker) => [broker, statuses.get(`collector-${broker}`) as CollectorStatus | undefined]);

const feedsOf = (found: Found): [string, FeedStatus][] =>
  collectorsOf(found).flatMap(([, status]) => Object.entries(status?.feeds ?? {}));

const writersOf = ({ statuses }: Found): [string, WriterStatus][] =>
  [...statuses].filter((one): one is [string, WriterStatus] => one[1].kind === 'writer');

const FEED_WORDS: Readonly<Record<FeedStatus['state'], string>> = {
  live: 'live',
  stale: 'connected, no data',
  connecting: 'connecting',
  backing_off: 'reconnecting',
  needs_login: 'login needed',
  market_closed: 'market closed',
};

/** A feed that connects for the first time, or stands while nothing trades, is in no trouble. */
function stateOfFeed({ state, cause, detail }: FeedStatus): StageState {
  if (state === 'live') return 'ok';
  if (state === 'market_closed') return 'off';
  if (state === 'connecting' && cause === null) return detail === '' ? 'late' : 'off';
  return 'down';
}

function feedsStage(found: Found): Stage {
  const lines = feedsOf(found).map(([feed, status]): StageLine => {
    const { state, detail, sinceUs, instrumentIds } = status;
    const words = `${FEED_WORDS[state]} since ${istTime(sinceUs / 1000)}${detail === '' ? '' : `: ${detail}`}`;
    return {
      name: titleOf(feed, instrumentIds, found.symbols),
      state: stateOfFeed(status),
      words,
      figures: [figure('frames', status.frames, 'total', found.nowMs)],
    };
  });
  const live = lines.filter(({ state }) => state === 'ok').length;
  const down = lines.filter(({ state }) => state === 'down').length;
  const off = lines.filter(({ state }) => state === 'off').length;
  const words =
    lines.length === 0
      ? found.brokers.length === 0
        ? 'no broker is configured'
        : 'no feed is asked for'
      : off === lines.length
        ? 'no market now'
        : down > 0
          ? `${down} of ${lines.length} give nothing`
          : `${live} of ${lines.length} live`;
  const frames = feedsOf(found).map(([, status]) => status.frames);
  const total = frames.length === 0 ? null : frames.reduce((sum, count) => sum + count, 0);
  const state = worstState(lines.map((line) => line.state));
  return { id: 'feeds', title: 'Feeds', state, words, figures: [figure('frames', total, 'total', found.nowMs)], lines };
}

function collectorsStage(found: Found): Stage {
  const lines = collectorsOf(found).map(([broker, status]): StageLine => {
    const name = BROKER_NAMES[broker];
    if (!status) return { name, state: 'down', words: missing(found, broker), figures: [] };
    const feeds = Object.values(status.feeds);
    const waiting = feeds.reduce((sum, { unpublished }) => sum + Math.max(0, unpublished), 0);
    const figures = [figure('waiting', waiting, 'count', found.nowMs)];
    const journal = feeds.find(({ journalFailure }) => journalFailure !== null)?.journalFailure;
    if (journal) return { name, state: 'down', words: `the journal is not written: ${journal}`, figures };
    const failure = feeds.find(({ publishFailure }) => publishFailure !== null)?.publishFailure;
    if (failure) return { name, state: 'down', words: `into the journal only: ${failure}`, figures };
    const behind = feeds.some(({ unpublished }) => unpublished < 0) || waiting > WAITING_MAX;
    if (behind) return { name, state: 'late', words: 'catching up with what was journalled', figures };
    return { name, state: feeds.length === 0 ? 'off' : 'ok', words: 'journals and publishes', figures };
  });
  return stage('collectors', 'Collectors', lines, 'journal and publish', [
    sumOf(found.processes, 'gehra_feed_bytes_total', 'bytes', 'total'),
  ]);
}

function redisStage(found: Found): Stage {
  const { redis, nowMs } = found;
  if ('failure' in redis) return single('redis', 'Redis', 'down', redis.failure);
  const streams = Math.max(0, ...found.processes.map((one) => figureOf(one, 'gehra_stream_memory_bytes') ?? 0));
  const state = redis.answerMs > LATE_MS / 4 ? 'late' : 'ok';
  return single('redis', 'Redis', state, state === 'late' ? 'answers slowly' : 'holds the newest minutes', [
    figure('memory', redis.usedBytes, 'bytes', nowMs),
    figure('streams', streams, 'bytes', nowMs),
    figure('answer', redis.answerMs, 'ms', nowMs),
  ]);
}

/** `writer-2` → `Writer 2`; one that has no place yet has no number. */
const writerTitle = (name: string): string => (name === 'writer' ? 'The writer' : name.replace('writer-', 'Writer '));

const lagOf = ({ lagMs }: WriterStatus): number => Math.max(0, ...Object.values(lagMs));

function writersStage(found: Found): Stage {
  const lines = writersOf(found).map(([name, status]): StageLine => {
    const lag = lagOf(status);
    const state = status.failure !== null ? 'down' : lag > LATE_MS ? 'late' : 'ok';
    const feeds = Object.keys(status.lagMs).length;
    const words = status.failure ?? (lag > LATE_MS ? `${durationWords(lag)} behind` : `${feeds} feeds, stored in time`);
    const figures = [figure('rows', status.rows, 'total', found.nowMs), figure('behind', lag, 'ms', found.nowMs)];
    return { name: writerTitle(name), state, words, figures };
  });
  if (lines.length === 0) return single('writers', 'Writers', 'down', missing(found, 'writer'));
  const rows = writersOf(found).reduce((sum, [, { rows: stored }]) => sum + stored, 0);
  const lag = Math.max(0, ...writersOf(found).map(([, status]) => lagOf(status)));
  return stage('writers', 'Writers', lines, 'stored in time', [
    figure('rows', rows, 'total', found.nowMs),
    figure('behind', lag, 'ms', found.nowMs),
  ]);
}

function databaseStage({ database, nowMs }: Found): Stage {
  if ('failure' in database) return single('database', 'Database', 'down', database.failure);
  const state = database.answerMs > LATE_MS / 2 ? 'late' : 'ok';
  return single('database', 'Database', state, state === 'late' ? 'answers slowly' : 'keeps what was recorded', [
    figure('answer', database.answerMs, 'ms', nowMs),
  ]);
}

function signalsStage(found: Found): Stage {
  const workers = processesOf(found, 'signals');
  if (workers.length === 0) return single('signals', 'Signals', 'down', missing(found, 'signals'));
  const lagMs = Math.max(0, ...workers.map((one) => (figureOf(one, 'gehra_signals_lag_seconds') ?? 0) * 1000));
  const state = lagMs > LATE_MS ? 'late' : 'ok';
  return single(
    'signals',
    'Signals',
    state,
    state === 'late' ? `${durationWords(lagMs)} behind` : 'looks at every change',
    [sumOf(workers, 'gehra_signals_entries_total', 'entries', 'total'), figure('behind', lagMs, 'ms', found.nowMs)],
  );
}

function jobsStage(found: Found): Stage {
  const workers = processesOf(found, 'jobs');
  if (workers.length === 0) return single('jobs', 'Jobs', 'down', missing(found, 'jobs'));
  const [worker] = workers;
  const free = worker && figureOf(worker, 'gehra_disk_free_bytes');
  const failed = worker && (figureOf(worker, 'gehra_jobs_total', { result: 'failed' }) ?? 0);
  return single('jobs', 'Jobs', 'ok', 'plan, tiles, alerts, exports, upkeep', [
    figure('failed', failed, 'count', found.nowMs),
    figure('disk free', free, 'bytes', found.nowMs),
  ]);
}

function webStage(found: Found): Stage {
  const workers = processesOf(found, 'web');
  if (workers.length === 0) return single('web', 'Web', 'down', missing(found, 'web'));
  const blockedS = Math.max(0, ...workers.map((one) => figureOf(one, 'nodejs_eventloop_lag_p99_seconds') ?? 0));
  const state = blockedS > BLOCKED_S ? 'late' : 'ok';
  return single('web', 'Web', state, state === 'late' ? 'has too much to do' : 'pages, API and streams', [
    sumOf(workers, 'gehra_web_answers_total', 'answers', 'total'),
  ]);
}

function browsersStage(found: Found): Stage {
  const workers = processesOf(found, 'web');
  const open = sumOf(workers, 'gehra_web_streams', 'streams', 'count');
  return single(
    'browsers',
    'Browsers',
    open.value ? 'ok' : 'off',
    open.value ? 'follow the market' : 'none follows the market',
    [
      open,
      sumOf(workers, 'gehra_web_messages_total', 'messages', 'total'),
      sumOf(workers, 'gehra_web_skipped_messages_total', 'left out', 'total'),
    ],
  );
}

const single = (
  id: StageId,
  title: string,
  state: StageState,
  words: string,
  figures: readonly Figure[] = [],
): Stage => ({ id, title, state, words, figures, lines: [] });

function stage(
  id: StageId,
  title: string,
  lines: readonly StageLine[],
  allWell: string,
  figures: readonly Figure[],
): Stage {
  const state = worstState(lines.map((line) => line.state));
  const first = lines.find((line) => line.state === state);
  const words =
    state === 'ok' || state === 'off'
      ? state === 'ok'
        ? allWell
        : 'nothing to do'
      : `${first?.name}: ${first?.words}`;
  return { id, title, state, words, figures, lines };
}

function missing({ lastHeardMs, redis }: Found, kind: string): string {
  if ('failure' in redis) return 'not known while Redis does not answer';
  const heardMs = lastHeardMs.get(kind);
  return heardMs === undefined ? 'not running' : `not running since ${istTime(heardMs)}`;
}

function processLine(process: ProcessMetrics): StageLine {
  const blockedS = figureOf(process, 'nodejs_eventloop_lag_p99_seconds');
  const startedS = figureOf(process, 'process_start_time_seconds');
  const cpuS = figureOf(process, 'process_cpu_seconds_total');
  return {
    name: process.process,
    state: blockedS !== undefined && blockedS > BLOCKED_S ? 'late' : 'ok',
    words: startedS === undefined ? '' : `up ${durationWords(process.atMs - startedS * 1000)}`,
    figures: [
      figure('memory', figureOf(process, 'process_resident_memory_bytes'), 'bytes', process.atMs),
      // In hundredths of a second: what it grows by in a second are then percent of a processor.
      figure('processor %', cpuS === undefined ? null : cpuS * 100, 'total', process.atMs),
      figure('held up', blockedS === undefined ? null : blockedS * 1000, 'ms', process.atMs),
    ],
  };
}

const DOING: Readonly<Record<FeedStatus['state'], string>> = {
  live: 'live',
  stale: 'connected, waiting for data',
  connecting: 'reconnecting',
  backing_off: 'reconnecting',
  needs_login: 'waiting for a login',
  market_closed: 'market closed',
};

/** `network`, `login`: a cause in a word. */
const causeWord = (cause: string): string => (cause === 'auth' ? 'login' : cause.replaceAll('_', ' '));

const sentence = (text: string): string =>
  text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

const PROCESS_TITLES: Readonly<Record<string, string>> = {
  kite: 'The collector of Kite',
  dhan: 'The collector of Dhan',
  writer: 'The writer',
  signals: 'The signals worker',
  jobs: 'The jobs worker',
};
const WITHOUT: Readonly<Record<string, string>> = {
  kite: 'Nothing of Kite is recorded.',
  dhan: 'Nothing of Dhan is recorded.',
  writer: 'What is recorded stays in the streams and journals, and is stored when it is back.',
  signals: 'No signals are found; they are made up for while the streams reach back, five minutes.',
  jobs: 'The plan is not kept, and no alerts are told.',
};

/** What is wrong now. */
function presentIncidents(found: Found): Incident[] {
  const { nowMs, redis, database, processes, lastHeardMs, symbols } = found;
  const incidents: Incident[] = [];
  const silences: Silence[] = [];
  if ('failure' in database) {
    incidents.push({
      fromMs: null,
      state: 'down',
      words: `The database does not answer: ${database.failure}`,
      advice: 'Recording goes on into streams and journals. Start it again; ./gehra doctor says more.',
    });
  }
  if ('failure' in redis) {
    incidents.push({
      fromMs: null,
      state: 'down',
      words: `Redis does not answer as it should: ${redis.failure}`,
      advice: 'Recording goes on into the journals. How the other processes are is not known until it is back.',
    });
    return incidents;
  }
  for (const kind of [...found.brokers, 'writer', 'signals', 'jobs']) {
    const isThere =
      kind === 'writer'
        ? writersOf(found).length > 0
        : found.statuses.has(`collector-${kind}`) || processes.some(({ process }) => kindOf(process) === kind);
    if (isThere) continue;
    incidents.push({
      fromMs: lastHeardMs.get(kind) ?? null,
      state: 'down',
      words: `${PROCESS_TITLES[kind]} is not running`,
      advice: `${WITHOUT[kind]} See ./gehra status and ./gehra logs ${kind}.`,
    });
  }
  for (const [feed, status] of feedsOf(found)) {
    const title = titleOf(feed, status.instrumentIds, symbols);
    if (stateOfFeed(status) === 'down') {
      const cause = status.cause === null ? '' : `, cause ${causeWord(status.cause)}`;
      silences.push({
        broker: brokerOf(feed),
        title,
        fromMs: (status.gapFromUs ?? status.sinceUs) / 1000,
        toMs: null,
        reason: `${DOING[status.state]}${cause}`,
        advice: [sentence(status.detail), status.cause === null ? '' : adviceFor(status.cause)]
          .filter(Boolean)
          .join(' '),
      });
    }
    if (status.journalFailure !== null) {
      incidents.push({
        fromMs: null,
        state: 'down',
        words: `The journal of ${title} cannot be written: ${status.journalFailure}`,
        advice: 'Make room on its disk: what comes now is held by Redis alone.',
      });
    }
    if (status.publishFailure !== null) {
      incidents.push({
        fromMs: null,
        state: 'down',
        words: `${title} reaches the journal only: ${status.publishFailure}`,
        advice: 'Nothing is lost while the disk has room; it is published when Redis takes it again.',
      });
    }
  }
  for (const [name, status] of writersOf(found)) {
    const lag = lagOf(status);
    const title = writerTitle(name);
    if (status.failure !== null) {
      incidents.push({
        fromMs: null,
        state: 'down',
        words: `${title} stores nothing: ${status.failure}`,
        advice: 'Nothing is lost: it stays in the streams and journals. See ./gehra logs writer.',
      });
    } else if (lag > LATE_MS) {
      incidents.push({
        fromMs: nowMs - lag,
        state: 'late',
        words: `${title} is ${durationWords(lag)} behind`,
        advice: 'The database is busy or its disk is slow. Nothing is lost while the streams have room.',
      });
    }
  }
  incidents.push(...silenceIncidents(silences, nowMs, () => ''));
  return incidents.sort((a, b) => (b.fromMs ?? nowMs) - (a.fromMs ?? nowMs));
}

/** Gaps that are over, and those that are open without anybody who could say more. */
function pastIncidents(found: Found): Incident[] {
  const { gaps, nowMs, symbols } = found;
  const told = new Set(feedsOf(found).flatMap(([feed, status]) => (stateOfFeed(status) === 'down' ? [feed] : [])));
  const silences = gaps.flatMap((gap): Silence[] => {
    const feed = feedName(gap.feedId);
    if (gap.cause === 'market_closed' || (gap.toUs === null && told.has(feed))) return [];
    const toMs = gap.toUs === null ? null : gap.toUs / 1000;
    const why = sentence(gapWords(gap.cause));
    return [
      {
        broker: brokerOf(feed),
        title: titleOf(feed, gap.instrumentIds, symbols),
        fromMs: gap.fromUs / 1000,
        toMs,
        reason: `cause ${causeWord(gap.cause)}`,
        advice: toMs === null ? `${why} ${adviceFor(gap.cause)}` : why,
      },
    ];
  });
  return silenceIncidents(silences, nowMs, (toMs) => `, ${toMs === null ? 'not over' : `until ${istTime(toMs)}`}`);
}

/** A feed from which nothing comes, or came. */
interface Silence {
  /** Null of an import. */
  readonly broker: Broker | null;
  readonly title: string;
  readonly fromMs: number;
  /** Null while it lasts. */
  readonly toMs: number | null;
  readonly reason: string;
  readonly advice: string;
}

/** Feeds of a broker that fall silent within this time for one reason did so together: one line, not one each. */
const TOGETHER_MS = 2000;

/** @param until what is told of a silence's end, before its reason */
function silenceIncidents(
  silences: readonly Silence[],
  nowMs: number,
  until: (toMs: number | null) => string,
): Incident[] {
  const groups: [Silence, ...Silence[]][] = [];
  for (const silence of silences) {
    const group = groups.find(([first]) => wereTogether(first, silence));
    if (group) group.push(silence);
    else groups.push([silence]);
  }
  return groups.map((group) => {
    const [{ broker, title, toMs, reason, advice }] = group;
    const fromMs = Math.min(...group.map((one) => one.fromMs));
    const many = group.length > 1 && broker !== null;
    return {
      fromMs,
      state: toMs === null ? 'down' : 'over',
      words: `${many ? `${group.length} feeds of ${BROKER_NAMES[broker]}` : title} silent for ${durationWords((toMs ?? nowMs) - fromMs)}${until(toMs)}: ${reason}`,
      advice: many ? `${group.map((one) => one.title).join(', ')}. ${advice}` : advice,
    };
  });
}

function wereTogether(a: Silence, b: Silence): boolean {
  if (a.broker === null || a.broker !== b.broker || a.reason !== b.reason || a.advice !== b.advice) return false;
  if (Math.abs(a.fromMs - b.fromMs) > TOGETHER_MS) return false;
  return a.toMs === null || b.toMs === null ? a.toMs === b.toMs : Math.abs(a.toMs - b.toMs) <= TOGETHER_MS;
}
