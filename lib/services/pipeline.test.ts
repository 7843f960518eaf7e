import { describe, expect, it } from 'vitest';
import type { FeedGap } from '../../db/gaps.ts';
import { durationWords, type Stage, type StageId, worstState } from '../core/health.ts';
import type { ProcessMetrics } from '../queue/metrics.ts';
import type { FeedStatus, ProcessStatus } from '../queue/status.ts';
import { type Found, healthOf } from './pipeline.ts';

const NOW = Date.parse('2026-11-27T10:42:17+05:30');
const NIFTY = 7;

const feed = (changes: Partial<FeedStatus> = {}): FeedStatus => ({
  state: 'live',
  cause: null,
  detail: '',
  sinceUs: (NOW - 60_000) * 1000,
  gapFromUs: null,
  instrumentIds: [NIFTY],
  tooMany: null,
  silent: 0,
  frames: 1000,
  rejects: 0,
  unpublished: 0,
  journalFailure: null,
  publishFailure: null,
  ...changes,
});

const process = (name: string, values: Record<string, number> = {}): ProcessMetrics => ({
  process: name,
  atMs: NOW - 1000,
  metrics: Object.entries(values).map(([metric, value]) => ({
    name: metric,
    help: '',
    type: 'gauge',
    aggregator: 'sum',
    values: [{ value, labels: {} }],
  })) as unknown as ProcessMetrics['metrics'],
});

const kite = (status: FeedStatus): [string, ProcessStatus] => [
  'collector-kite',
  { kind: 'collector', feeds: { 'kite-ticks-1': status } },
];
const dhan = (status: FeedStatus): [string, ProcessStatus] => [
  'collector-dhan',
  { kind: 'collector', feeds: { 'dhan-depth200-1': status } },
];
const writer = (lagMs = 20, failure: string | null = null): [string, ProcessStatus] => [
  'writer-1',
  { kind: 'writer', lagMs: { 'dhan-depth200-1': lagMs }, rows: 5000, quarantined: 0, failure },
];

const ALL = [
  process('kite'),
  process('dhan', { gehra_stream_memory_bytes: 12e6 }),
  process('writer-1'),
  process('signals', { gehra_signals_lag_seconds: 0.2 }),
  process('jobs', { gehra_disk_free_bytes: 50e9 }),
  process('web', { gehra_web_streams: 2, process_start_time_seconds: NOW / 1000 - 120 }),
];

const found = (changes: Partial<Found> = {}): Found => ({
  nowMs: NOW,
  brokers: ['kite', 'dhan'],
  statuses: new Map([kite(feed({ instrumentIds: [1, 2] })), dhan(feed()), writer()]),
  processes: ALL,
  lastHeardMs: new Map(),
  redis: { usedBytes: 30e6, answerMs: 1 },
  database: { answerMs: 2 },
  gaps: [],
  symbols: new Map([[NIFTY, 'NIFTY26DECFUT']]),
  ...changes,
});

const stageOf = (id: StageId, changes: Partial<Found> = {}): Stage =>
  healthOf(found(changes)).stages.find((stage) => stage.id === id) as Stage;
const wordsOf = (changes: Partial<Found>): string[] => healthOf(found(changes)).incidents.map(({ words }) => words);
const statuses = (...all: [string, ProcessStatus][]): Partial<Found> => ({ statuses: new Map(all) });

describe('the stages', () => {
  it('are all well where everything is', () => {
    const health = healthOf(found());
    expect(health.stages.map(({ id, state }) => [id, state])).toEqual(
      ['feeds', 'collectors', 'redis', 'writers', 'database', 'signals', 'jobs', 'web', 'browsers'].map((id) => [
        id,
        'ok',
      ]),
    );
    expect(health.state).toBe('ok');
    expect(health.words).toBe('Everything is recorded and stored in time.');
    expect(health.incidents).toEqual([]);
    expect(health.stages[0]?.lines.map(({ name }) => name)).toEqual([
      'Kite ticks (2 instruments)',
      'Dhan 200-level NIFTY26DECFUT',
    ]);
    expect(health.processes.find(({ name }) => name === 'web')?.words).toBe('up 1 min 59 s');
  });

  it('are off while there is no market, which is no fault', () => {
    const closed = feed({ state: 'market_closed', cause: 'market_closed', detail: 'market closed', frames: 0 });
    const health = healthOf(found({ ...statuses(kite(closed), dhan(closed), writer()) }));
    expect(health.stages[0]).toMatchObject({ state: 'off', words: 'no market now' });
    expect(health.words).toBe('Everything is ready. Nothing is recorded now.');
    expect(health.incidents).toEqual([]);
    const auction = feed({ state: 'connecting', detail: 'connected; no continuous trading now' });
    expect(stageOf('feeds', statuses(kite(auction), dhan(closed), writer())).state).toBe('off');
  });

  it('say which feeds give nothing', () => {
    const cut = feed({ state: 'backing_off', cause: 'network', detail: 'HTTP 503' });
    const stage = stageOf('feeds', statuses(kite(feed()), dhan(cut), writer()));
    expect(stage).toMatchObject({ state: 'down', words: '1 of 2 give nothing' });
    expect(stage.lines[1]?.words).toBe('reconnecting since 10:41:17: HTTP 503');
  });

  it('say why a writer that has never got a place stores nothing', () => {
    const [, status] = writer(0, 'connect ECONNREFUSED');
    const changes = statuses(kite(feed()), dhan(feed()), ['writer', status]);
    expect(stageOf('writers', changes).words).toBe('The writer: connect ECONNREFUSED');
    expect(wordsOf(changes)).toEqual(['The writer stores nothing: connect ECONNREFUSED']);
  });

  it('tell a writer that is late from one that stores nothing, and from none at all', () => {
    const with_ = (one: [string, ProcessStatus]) => statuses(kite(feed()), dhan(feed()), one);
    expect(stageOf('writers', with_(writer(3500)))).toMatchObject({ state: 'late', words: 'Writer 1: 3.5 s behind' });
    expect(stageOf('writers', with_(writer(0, 'disk full')))).toMatchObject({
      state: 'down',
      words: 'Writer 1: disk full',
    });
    const heard = { lastHeardMs: new Map([['writer', NOW - 30_000]]) };
    expect(stageOf('writers', { ...statuses(kite(feed()), dhan(feed())), ...heard })).toMatchObject({
      state: 'down',
      words: 'not running since 10:41:47',
    });
  });

  it('tell a collector that keeps everything in its journal only', () => {
    const held = feed({ publishFailure: 'the streams hold 300 MB', unpublished: -1 });
    expect(stageOf('collectors', statuses(kite(held), dhan(feed()), writer()))).toMatchObject({
      state: 'down',
      words: 'Kite: into the journal only: the streams hold 300 MB',
    });
    const behind = feed({ unpublished: 4000 });
    expect(stageOf('collectors', statuses(kite(behind), dhan(feed()), writer())).state).toBe('late');
  });

  it('do not know of others while Redis is away', () => {
    const away = { redis: { failure: 'ECONNREFUSED' }, statuses: new Map(), processes: [], lastHeardMs: new Map() };
    expect(stageOf('writers', away).words).toBe('not known while Redis does not answer');
    expect(wordsOf(away)).toEqual(['Redis does not answer as it should: ECONNREFUSED']);
  });

  it('are late where the signals or an event loop are', () => {
    const processes = ALL.map((one) =>
      one.process === 'signals'
        ? process('signals', { gehra_signals_lag_seconds: 4 })
        : one.process === 'web'
          ? process('web', { nodejs_eventloop_lag_p99_seconds: 1.5 })
          : one,
    );
    const health = healthOf(found({ processes }));
    expect(health.state).toBe('late');
    expect(health.words).toBe('Signals, Web: late.');
    expect(health.processes.find(({ name }) => name === 'web')?.state).toBe('late');
  });
});

it('tells of a sum when those that make it up told it', () => {
  const dhan = { ...process('dhan', { gehra_feed_bytes_total: 500 }), atMs: NOW - 4000 };
  const kite = { ...process('kite', { gehra_feed_bytes_total: 200 }), atMs: NOW - 3000 };
  const { figures } = stageOf('collectors', { processes: [dhan, kite, process('web')] });
  expect(figures).toEqual([expect.objectContaining({ name: 'bytes', value: 700, atMs: NOW - 3000 })]);
});

describe('incidents', () => {
  it('say what is silent, for how long, what is done about it, and why', () => {
    const cut = feed({
      state: 'backing_off',
      cause: 'network',
      detail: 'the broker answered the handshake with HTTP 503',
      gapFromUs: (NOW - 12_000) * 1000,
    });
    const [incident] = healthOf(found(statuses(kite(feed()), dhan(cut), writer()))).incidents;
    expect(incident).toEqual({
      fromMs: NOW - 12_000,
      state: 'down',
      words: 'Dhan 200-level NIFTY26DECFUT silent for 12 s: reconnecting, cause network',
      advice: expect.stringMatching(
        /^The broker answered the handshake with HTTP 503\. Check this machine's connection/,
      ),
    });
  });

  it.each([
    [{ state: 'needs_login', cause: 'auth' }, 'waiting for a login, cause login'],
    [{ state: 'stale', cause: 'silent' }, 'connected, waiting for data, cause silent'],
    [{ state: 'connecting', cause: 'disconnected' }, 'reconnecting, cause disconnected'],
  ] as const)('of %j end with "%s"', (changes, end) => {
    const [words] = wordsOf(statuses(kite(feed(changes)), dhan(feed()), writer()));
    expect(words).toBe(`Kite ticks NIFTY26DECFUT silent for 1 min: ${end}`);
  });

  it('name processes that are missing, and what that means', () => {
    const health = healthOf(
      found({
        ...statuses(kite(feed()), writer()),
        processes: ALL.filter((one) => one.process !== 'dhan' && one.process !== 'jobs'),
        lastHeardMs: new Map([['dhan', NOW - 5000]]),
      }),
    );
    expect(health.incidents.map(({ words, fromMs }) => [words, fromMs])).toEqual([
      ['The jobs worker is not running', null],
      ['The collector of Dhan is not running', NOW - 5000],
    ]);
    expect(health.incidents[1]?.advice).toBe('Nothing of Dhan is recorded. See ./gehra status and ./gehra logs dhan.');
  });

  const gap = (changes: Partial<FeedGap>): FeedGap => ({
    feedId: 31,
    fromUs: (NOW - 72_000) * 1000,
    toUs: (NOW - 60_000) * 1000,
    cause: 'network',
    instrumentIds: [NIFTY],
    ...changes,
  });

  it('remember what is over, after what is not', () => {
    const cut = feed({ state: 'backing_off', cause: 'network', gapFromUs: (NOW - 3000) * 1000 });
    const health = healthOf(
      found({
        ...statuses(kite(feed()), dhan(cut), writer()),
        gaps: [
          gap({ fromUs: (NOW - 3000) * 1000, toUs: null }),
          gap({}),
          gap({ feedId: 1, cause: 'collector_down', instrumentIds: [1, 2] }),
        ],
      }),
    );
    expect(health.incidents.map(({ words, state }) => [state, words])).toEqual([
      ['down', 'Dhan 200-level NIFTY26DECFUT silent for 3 s: reconnecting, cause network'],
      ['over', 'Dhan 200-level NIFTY26DECFUT silent for 12 s, until 10:41:17: cause network'],
      ['over', 'Kite ticks (2 instruments) silent for 12 s, until 10:41:17: cause collector down'],
    ]);
    expect(health.incidents[1]?.advice).toBe('The broker could not be reached.');
  });

  it('of feeds that fell silent together are one', () => {
    const cut = (instrumentIds: readonly number[], ms: number): FeedStatus =>
      feed({ state: 'backing_off', cause: 'network', gapFromUs: (NOW - ms) * 1000, instrumentIds: [...instrumentIds] });
    const together: [string, ProcessStatus] = [
      'collector-dhan',
      {
        kind: 'collector',
        feeds: {
          'dhan-depth20-1': cut([1, 2], 12_400),
          'dhan-depth200-1': cut([NIFTY], 12_000),
          'dhan-live-1': cut([1], 60_000),
        },
      },
    ];
    const health = healthOf(
      found({
        ...statuses(kite(feed()), together, writer()),
        gaps: [
          gap({}),
          gap({ feedId: 21, fromUs: (NOW - 72_900) * 1000 }),
          gap({ feedId: 22, toUs: (NOW - 50_000) * 1000 }),
        ],
      }),
    );
    expect(health.incidents.map(({ words, fromMs }) => [words, fromMs])).toEqual([
      ['2 feeds of Dhan silent for 12 s: reconnecting, cause network', NOW - 12_400],
      ['Dhan live feed (1 instrument) silent for 1 min: reconnecting, cause network', NOW - 60_000],
      ['2 feeds of Dhan silent for 13 s, until 10:41:17: cause network', NOW - 72_900],
      ['Dhan 20-level NIFTY26DECFUT silent for 22 s, until 10:41:27: cause network', NOW - 72_000],
    ]);
    expect(health.incidents[0]?.advice).toMatch(/^Dhan 20-level \(2 instruments\), Dhan 200-level NIFTY26DECFUT\. /);
  });

  it('are none where the market was closed', () => {
    expect(wordsOf({ gaps: [gap({ cause: 'market_closed' })] })).toEqual([]);
  });

  it('of a gap that nobody speaks of any more say that it is not over', () => {
    const health = healthOf(found({ ...statuses(kite(feed()), writer()), gaps: [gap({ toUs: null })] }));
    expect(health.incidents.map(({ words }) => words)).toContain(
      'Dhan 200-level NIFTY26DECFUT silent for 1 min 12 s, not over: cause network',
    );
  });
});

it.each([
  [400, '0.4 s'],
  [12_000, '12 s'],
  [60_000, '1 min'],
  [185_000, '3 min 5 s'],
  [7_800_000, '2 h 10 min'],
  [-5, '0 s'],
])('%i ms are %s', (ms, words) => {
  expect(durationWords(ms)).toBe(words);
});

it('the worst of several states is taken; of none there is nothing to do', () => {
  expect(worstState(['ok', 'off', 'late'])).toBe('late');
  expect(worstState(['late', 'down'])).toBe('down');
  expect(worstState(['off', 'ok'])).toBe('ok');
  expect(worstState([])).toBe('off');
});
