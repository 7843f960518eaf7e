/** What people are told, from the event to the channel, over a real database. */
import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pino from 'pino';
import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest';
import { migrate } from '../../../db/migrate.ts';
import { loadChannels } from '../../../db/notices.ts';
import { lastRehearsals } from '../../../db/rehearsals.ts';
import { tokenStateOf } from '../../../lib/auth/token-state.ts';
import { storeKiteToken } from '../../../lib/auth/token-store.ts';
import { MarketHours } from '../../../lib/calendar/hours.ts';
import type { Config } from '../../../lib/config/config.ts';
import { connectRedis } from '../../../lib/queue/redis.ts';
import { services } from '../../../lib/services/context.ts';
import { metricsText } from '../../../lib/services/metrics.ts';
import { channelsOf, dropChannel, newNotices, saveChannel, testChannel } from '../../../lib/services/notifications.ts';
import { rehearsals } from '../../../lib/services/rehearsal.ts';
import { newDataFolder } from '../../../tests/support/data-folder.ts';
import { createDatabase } from '../../../tests/support/servers.ts';
import { demoCaller, startTestServices } from '../../../tests/support/services.ts';
import { keepRehearsal, noticeOf, type RehearsalParts, rehearse } from '../rehearsal/rehearsal.ts';
import { runRehearsal } from '../rehearsal/schedule.ts';
import { Notifier } from './notifier.ts';
import { tellPeople } from './telling.ts';

const CANARY = 'canary0123456789';
const NOTICE = {
  event: 'rehearsal 2026-11-27',
  level: 'fail',
  title: 'Not ready',
  detail: 'Kite',
  link: '/connections',
} as const;

let database: Awaited<ReturnType<typeof createDatabase>>;
let dataDir: string;
let stopServices: () => Promise<void>;
let config: Config;
let logged: string;
let nowMs: number;
let hook: Server;
let hookUrl: string;
let status: number;
let messages: string[];
let signatures: unknown[];
let notifier: Notifier;

beforeEach(async () => {
  logged = '';
  const log = pino(
    { level: 'trace' },
    {
      write: (line: string) => {
        logged += line;
      },
    },
  );
  database = await createDatabase(inject('postgresUrl'));
  dataDir = newDataFolder();
  await migrate(database.url, pino({ level: 'silent' }));
  status = 200;
  messages = [];
  signatures = [];
  hook = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      messages.push(`${request.url} ${body}`);
      signatures.push(request.headers['x-gehra-signature']);
      response.writeHead(status).end('no_service');
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  hookUrl = `http://127.0.0.1:${(hook.address() as AddressInfo).port}`;
  const environment = {
    AUTH_SECRET: 'a secret of tests'.repeat(4),
    TELEGRAM_API_URL: hookUrl,
    SLACK_WEBHOOK_URL: `${hookUrl}/${CANARY}`,
    SLACK_SIGNING_KEY: `key ${CANARY}`,
    GEHRA_DATA_DIR: dataDir,
  };
  const started = await startTestServices(database.url, log, environment);
  stopServices = started.stop;
  config = services().config;
  // What is due now by the database's clock is due by this one.
  nowMs = Date.now() + 60_000;
  notifier = new Notifier(config, log, () => nowMs);
});
afterEach(async () => {
  await stopServices();
  await database.drop();
  rmSync(dataDir, { recursive: true });
  hook.closeAllConnections();
  await new Promise((resolve) => hook.close(resolve));
});

it('tells an event once, over every channel, and again where it was refused', async () => {
  await notifier.seed();
  await notifier.seed();
  await saveChannel(await demoCaller(), { channel: 'telegram', botToken: `123456:${CANARY}`, chatId: '42' });
  status = 500;
  await notifier.tell(NOTICE);
  await notifier.deliver();
  expect(messages).toHaveLength(2);
  await notifier.deliver();
  expect(messages, 'tried again only when it is time').toHaveLength(2);
  expect((await channelsOf(await demoCaller())).map(({ failure }) => failure)).toEqual([
    '127.0.0.1 refused the message with status 500 (no_service)',
    'Telegram refused the message with status 500',
  ]);

  status = 200;
  nowMs += 60_000;
  // Another process of the same event, started again.
  await new Notifier(config, services().log, () => nowMs).tell(NOTICE);
  await notifier.deliver();
  nowMs += 3_600_000;
  await notifier.deliver();
  expect(messages).toHaveLength(4);
  expect(messages.at(-1)).toContain('Not ready');
  expect((await channelsOf(await demoCaller())).map(({ failure, leadsTo }) => ({ failure, leadsTo }))).toEqual([
    { failure: null, leadsTo: '127.0.0.1' },
    { failure: null, leadsTo: 'chat 42' },
  ]);
});

it('keeps no secret where it could be read: rows, logs, answers', async () => {
  await notifier.seed();
  await notifier.tell(NOTICE);
  status = 404;
  await notifier.deliver();
  await expect(testChannel(await demoCaller(), 'slack')).rejects.toThrow(
    'Not sent: 127.0.0.1 refused the message with status 404 (no_service): make a new webhook, and enter its address.',
  );
  const rows = JSON.stringify(await loadChannels(services().db));
  const answers = JSON.stringify(await channelsOf(await demoCaller()));
  expect(messages.join()).toContain(CANARY);
  for (const text of [rows, answers, logged]) expect(text).not.toContain(CANARY);
  expect(logged).toContain('notice_not_sent');
});

it('takes back what is no longer true, and what was still to be sent of it', async () => {
  await notifier.seed();
  status = 500;
  const lasting = { ...NOTICE, event: 'login dhan today' };
  await notifier.tell(lasting, { lasting: true });
  await notifier.tell(NOTICE);
  await notifier.deliver();
  const caller = await demoCaller();
  const shown = async () => (await newNotices(caller, { after: 0 })).notices.map(({ event }) => event);
  await notifier.settle([lasting]);
  expect(await shown()).toEqual([lasting.event, NOTICE.event]);
  await notifier.settle([]);
  expect(await shown(), 'one that was told of a moment stays').toEqual([NOTICE.event]);
  status = 200;
  messages = [];
  nowMs += 3_600_000;
  await notifier.deliver();
  expect(messages).toHaveLength(1);
  await notifier.settle([lasting]);
  expect(await shown(), 'the same once more').toEqual([lasting.event, NOTICE.event]);
  await notifier.deliver();
  expect(messages, 'it was over before it was sent, and stands again').toHaveLength(2);
});

it('tells again what was over and stands again, but not what was away for a moment', async () => {
  await notifier.seed();
  const login = { ...NOTICE, event: 'login kite today', again: true };
  const disk = { ...NOTICE, event: 'disk low today' };
  const standAgainAfter = async (seconds: number): Promise<number> => {
    await notifier.settle([]);
    await services().db.query('UPDATE gehra.notices SET over_at = now() - make_interval(secs => $1)', [seconds]);
    await notifier.settle([login, disk]);
    await notifier.deliver();
    return messages.length;
  };
  for (const one of [login, disk]) await notifier.tell(one, { lasting: true });
  await notifier.deliver();
  expect(messages).toHaveLength(2);
  expect(await standAgainAfter(10)).toBe(2);
  expect(await standAgainAfter(3600), 'the login, and no disk that hovers about its limit').toBe(3);
});

it('tells the pages what came after what they have seen, and forgets a channel that is removed', async () => {
  await notifier.tell(NOTICE);
  const caller = await demoCaller();
  const { newest } = await newNotices(caller, {});
  expect((await newNotices(caller, { after: newest - 1 })).notices).toMatchObject([{ title: 'Not ready' }]);
  expect((await newNotices(caller, { after: newest })).notices).toEqual([]);
  const alert = { ...NOTICE, event: 'alert-1-abc' };
  await notifier.tell(alert);
  const events = async (of: 'alerts' | 'others') =>
    (await newNotices(caller, { after: newest - 1, of })).notices.map(({ event }) => event);
  expect([await events('others'), await events('alerts')], 'alerts of rules come apart').toEqual([
    [NOTICE.event],
    [alert.event],
  ]);
  await expect(dropChannel(caller, 'slack')).rejects.toThrow('is not set up');
  await notifier.seed();
  await dropChannel(caller, 'slack');
  expect((await channelsOf(caller)).map(({ leadsTo }) => leadsTo)).toEqual([null, null]);
});

it('keeps nothing without a secret to seal it under, and says so', async () => {
  Object.assign(config, { authSecret: '' });
  await notifier.seed();
  expect(await loadChannels(services().db)).toEqual([]);
  expect(logged).toContain('AUTH_SECRET is not set');
  await expect(
    saveChannel(await demoCaller(), { channel: 'telegram', botToken: `123456:${CANARY}`, chatId: '42' }),
  ).rejects.toThrow('AUTH_SECRET is not set, so nothing secret can be kept');
});

it('sends to what it knows when the database is away', async () => {
  await notifier.seed();
  await notifier.deliver();
  const away = new Notifier(
    { ...config, databaseUrl: 'postgres://nobody@127.0.0.1:1/none' },
    services().log,
    () => nowMs,
  );
  Object.assign(away, { known: Reflect.get(notifier, 'known') });
  await away.tell(NOTICE);
  await away.tell(NOTICE);
  expect(messages).toHaveLength(1);
});

it('rehearses on what is there, keeps the result, and tells what is wrong', async () => {
  const redis = connectRedis(config.redisUrl, services().log);
  await new Promise((resolve) => redis.once('ready', resolve));
  const hours = { now: new MarketHours('calendar'), fault: null, stop: () => undefined };
  const at0845 = Date.parse('2026-11-27T03:15:00Z');
  const result = await rehearse(
    {
      config: { ...config, kite: { ...config.kite, apiKey: 'k', apiUrl: hookUrl } },
      hours,
      redis,
      nowMs: () => at0845,
      tokenLook: tokenStateOf,
      feedLook: async () => ({ cause: 'network', detail: 'the broker could not be reached' }),
      log: services().log,
    },
    'schedule',
  );
  redis.disconnect();
  const byName = new Map(result.checks.map((check) => [check.name, check]));
  expect([...byName.keys()]).toEqual([
    'token_kite',
    'feed_kite_ticks',
    'disk',
    'database',
    'redis',
    'writer',
    'calendar',
    'clock',
  ]);
  expect(byName.get('token_kite')?.words).toBe('There is no token yet: log in to Kite.');
  expect([byName.get('database')?.result, byName.get('redis')?.result, byName.get('calendar')?.result]).toEqual([
    'ok',
    'ok',
    'ok',
  ]);
  expect(result.verdict).toBe('fail');
  await keepRehearsal(config, result);
  await notifier.tell(noticeOf(result));
  expect(await rehearsals(await demoCaller())).toEqual(await lastRehearsals(services().db, 1));
  expect((await rehearsals(await demoCaller()))[0]).toEqual(result);

  const { text } = await metricsText(await demoCaller());
  expect(text).toContain('gehra_rehearsal_check{check="token_kite"} 2');
  expect(text).toContain('gehra_rehearsal_check{check="database"} 0');
  expect(text).toContain(`gehra_rehearsal_time_seconds ${at0845 / 1000}`);
});

it('keeps and shows a rehearsal that broke off as one that failed', async () => {
  const redis = connectRedis(config.redisUrl, services().log);
  await new Promise((resolve) => redis.once('ready', resolve));
  const parts: RehearsalParts = {
    config: { ...config, kite: { ...config.kite, apiKey: 'k', apiUrl: hookUrl } },
    hours: { now: new MarketHours('always'), fault: null, stop: () => undefined },
    redis,
    nowMs: () => nowMs,
    tokenLook: () => {
      throw new RangeError('Invalid time value');
    },
    feedLook: async () => ({ cause: null, detail: '' }),
    log: services().log,
  };
  await notifier.seed();
  await runRehearsal(parts, notifier, null);
  await notifier.deliver();
  redis.disconnect();
  const [kept] = await rehearsals(await demoCaller());
  expect(kept).toMatchObject({ verdict: 'fail', checks: [{ name: 'rehearsal', result: 'fail' }] });
  expect(kept?.checks[0]?.words).toMatch(/^It broke off, so nothing is known of the morning: Invalid time value\./);
  expect(messages.join()).toContain('It broke off');
});

it('sends once what two workers look at', async () => {
  await notifier.seed();
  await notifier.tell(NOTICE);
  const other = new Notifier(config, services().log, () => nowMs);
  await Promise.all([notifier.deliver(), other.deliver(), notifier.deliver(), other.deliver()]);
  expect(messages).toHaveLength(1);
});

it('tells that it started, that a token was saved, and that it stops, on every channel', async () => {
  nowMs = Date.now();
  await storeKiteToken(config, { accessToken: CANARY, account: null, loginMs: nowMs });
  const aborter = new AbortController();
  const hours = { now: new MarketHours('always'), fault: null, stop: () => undefined };
  const redis = connectRedis(config.redisUrl, services().log);
  const parts = { config, hours, redis, tokenLook: tokenStateOf, nowMs: () => Date.now() + 1000, log: services().log };
  const telling = tellPeople(parts, new Notifier(config, services().log, parts.nowMs), aborter.signal, 20);
  const told = (): string[] =>
    messages.map((message) => /"text":"[^"]*?(Gehra [a-z ]+|A Kite token was saved)/.exec(message)?.[1] ?? message);
  try {
    await vi.waitFor(() => expect(told()).toEqual(['Gehra has started', 'A Kite token was saved']), {
      timeout: 20_000,
    });
  } finally {
    aborter.abort();
    await telling;
    redis.disconnect();
  }
  expect(told()).toEqual(['Gehra has started', 'A Kite token was saved', 'Gehra stops']);
  expect(messages.join().replaceAll(`/${CANARY} `, '')).not.toContain(CANARY);
});

it('signs what goes to the webhook with the key that came with it, by the environment or the API', async () => {
  const caller = await demoCaller();
  const isSigned = async () => (await channelsOf(caller))[0]?.isSigned;
  await notifier.seed();
  expect(await isSigned()).toBe(true);
  await testChannel(caller, 'slack');
  await saveChannel(caller, { channel: 'slack', webhookUrl: hookUrl });
  expect(await isSigned()).toBe(false);
  await testChannel(caller, 'slack');
  await saveChannel(caller, { channel: 'slack', webhookUrl: hookUrl, signingKey: `other ${CANARY}` });
  await testChannel(caller, 'slack');
  const signed = expect.stringMatching(/^t=\d+,v1=[0-9a-f]{64}$/);
  expect(signatures).toEqual([signed, undefined, signed]);
});
