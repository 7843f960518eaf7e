/** From a signal or a tick to the rule, the alert and its channels, over a real Redis and PostgreSQL and a webhook of this machine. */
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { addRule, newestAlerts, replaceRule, storeAlertSettings } from '../../../db/alerts.ts';
import { migrate } from '../../../db/migrate.ts';
import { storeChannel } from '../../../db/notices.ts';
import { storeSignals } from '../../../db/signals.ts';
import { MarketHours } from '../../../lib/calendar/hours.ts';
import { packageRoot } from '../../../lib/config/root.ts';
import { istTimeUs } from '../../../lib/core/ist.ts';
import { sealSettings } from '../../../lib/notify/sealed.ts';
import { connectRedis } from '../../../lib/queue/redis.ts';
import { publishSignal } from '../../../lib/queue/signals.ts';
import { alerts, testRule } from '../../../lib/services/alert-rules.ts';
import { services } from '../../../lib/services/context.ts';
import { newNotices } from '../../../lib/services/notifications.ts';
import type { Rule } from '../../../lib/signals/rules.ts';
import type { Signal } from '../../../lib/signals/signal.ts';
import { createDatabase } from '../../../tests/support/servers.ts';
import { demoCaller, startTestServices } from '../../../tests/support/services.ts';
import { Notifier } from '../notices/notifier.ts';
import { Alerter } from './alerter.ts';
import { Deliverer } from './deliverer.ts';
import { tellDigest } from './digest.ts';

const log = pino({ level: 'silent' });
const AUTH_SECRET = 'a secret of tests'.repeat(4);
const SIGNING_KEY = 'a key of sixteen or more';
const TICKS_FEED = 1;
const LIVE_FEED = 11;
const MINUTE_US = 60_000_000;
const NOON_US = istTimeUs('2026-11-25', '12:00');
/** A deliverer that has said nothing for so long is taken for dead. */
const LOCK_MS = 1000;
const WAIT = { timeout: 30_000, interval: 20 };

const RULE: Rule = {
  name: 'walls',
  isOn: true,
  watch: { by: 'signals', kinds: ['wall_pulled'], detectors: 'all', side: null, minSeverity: 1, minSize: 0 },
  instrumentIds: null,
  fromMinute: 9 * 60,
  toMinute: 15 * 60 + 30,
  cooldownS: 300,
  cooldownOf: 'instrument',
  channels: ['screen', 'slack', 'telegram'],
};

const signalOf = (id: string, foundUs: number, more: Partial<Signal> = {}): Signal => ({
  id,
  kind: 'wall_pulled',
  detector: 'walls@1',
  parameters: '0badcafe',
  instrumentId: 1,
  feedId: 31,
  fromUs: foundUs - 1_000_000,
  toUs: foundUs,
  foundUs,
  lowPrice: 2_604_000,
  highPrice: 2_604_000,
  side: 'bid',
  size: 65_000,
  severity: 2,
  confidence: 0.8,
  cause: { quantity: { value: 65_000, threshold: 20_000 } },
  evidence: [`31/${foundUs}/0`],
  quality: { frameMs: 200, tickAgeMs: 10 },
  state: 'once',
  ...more,
});

interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let database: Awaited<ReturnType<typeof createDatabase>>;
let stopServices: () => Promise<void>;
let redis: Redis;
let hook: Server;
let address: string;
let asked: Asked[];
/** How the webhook and Telegram answer, by the first part of the path. */
let answers: Record<string, (response: ServerResponse) => unknown>;
let nowUs: number;
let alerter: Alerter;
let deliverer: Deliverer | null;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  hook = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      asked.push({ path: request.url ?? '', headers: request.headers, body });
      const answer = answers[request.url?.startsWith('/bot') ? 'telegram' : 'slack'];
      if (answer) answer(response);
      else response.end('ok');
    });
  });
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(hook.address() as AddressInfo).port}`;
  const environment = { AUTH_SECRET, TELEGRAM_API_URL: address };
  const started = await startTestServices(database.url, log, environment, () => nowUs / 1000);
  stopServices = started.stop;
  await services().db.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, 10, 65), ('NSE', 'SBIN', 'STATE BANK', 'EQ', 100, 5, 1);
     INSERT INTO gehra.subscriptions VALUES (2, ${TICKS_FEED})`,
  );
  redis = connectRedis(started.redisUrl, log);
  await new Promise((resolve) => redis.once('ready', resolve));
});
afterAll(async () => {
  redis.disconnect();
  await stopServices();
  await database.drop();
  hook.closeAllConnections();
  await new Promise((resolve) => hook.close(resolve));
});
beforeEach(async () => {
  const { db } = services();
  await redis.flushall();
  await db.query(
    `TRUNCATE gehra.alerts, gehra.alert_rules, gehra.notices, gehra.notification_channels, gehra.ticks, gehra.feed_positions,
       gehra.signals
       RESTART IDENTITY CASCADE;
     UPDATE gehra.alert_progress SET position = NULL, quiet_from = 0, quiet_to = 0, digest_minutes = 0`,
  );
  const slack = { webhookUrl: `${address}/hook`, signingKey: SIGNING_KEY };
  await storeChannel(db, 'slack', sealSettings(AUTH_SECRET, 'slack', slack));
  const telegram = { botToken: '123456:abcdefghijklmnopqrstuvwxyz', chatId: '42' };
  await storeChannel(db, 'telegram', sealSettings(AUTH_SECRET, 'telegram', telegram));
  asked = [];
  answers = {};
  nowUs = NOON_US;
  alerter = newAlerter();
  deliverer = null;
  await alerter.step();
});
afterEach(async () => {
  await alerter.close();
  await deliverer?.stop();
});

const newAlerter = (): Alerter => new Alerter({ databaseUrl: database.url }, redis, log, () => nowUs);

/** Publishes signals and looks at them. @returns how many alerts were made */
async function tell(...signals: readonly Signal[]): Promise<number> {
  for (const signal of signals) await publishSignal(redis, signal);
  return alerter.step();
}

/** Delivers what is open. */
async function deliver(): Promise<void> {
  deliverer ??= new Deliverer(
    { config: services().config, db: services().db, log, nowMs: Date.now },
    { lockMs: LOCK_MS, retryMs: 20 },
  );
  await deliverer.ask();
}

/** `channel state attempts unknown` of the newest alert, once they are as they should be. */
async function deliveriesAre(expected: readonly string[]): Promise<void> {
  await vi.waitFor(async () => {
    const [alert] = await newestAlerts(services().db, 1);
    expect(
      alert?.deliveries.map(
        ({ channel, state, attempts, unknown }) => `${channel} ${state} ${attempts}${unknown ? ' unknown' : ''}`,
      ),
    ).toEqual(expected);
  }, WAIT);
}

const failureOf = async (channel: string): Promise<string | null | undefined> =>
  (await newestAlerts(services().db, 1))[0]?.deliveries.find((one) => one.channel === channel)?.failure;

describe('a signal', () => {
  it('that a rule is about is told on every channel of it, once, and stands in the log', async () => {
    const ruleId = await addRule(services().db, RULE, 'Asha');
    expect(await tell(signalOf('sweep.1', NOON_US, { kind: 'sweep' }), signalOf('w.1', NOON_US))).toBe(1);
    await deliver();
    await deliveriesAre(['screen sent 0', 'slack sent 1', 'telegram sent 1']);

    const key = `alert-${ruleId}-w.1`;
    const slack = asked.find(({ path }) => path === '/hook') as Asked;
    expect(slack.headers['idempotency-key']).toBe(key);
    const [, time, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(slack.headers['x-gehra-signature'])) ?? [];
    expect(signature).toBe(createHmac('sha256', SIGNING_KEY).update(`${time}.${slack.body}`).digest('hex'));
    const body = JSON.parse(slack.body) as { text: string; blocks: { text: { text: string } }[] };
    expect(body.text).toContain('NFO:NIFTY26DECFUT: wall pulled');
    expect(body.blocks[0]?.text.text).toContain('26,040.00, bid, 65,000 units, severity 2 of 3, 12:00:00 IST');
    expect(body.blocks[0]?.text.text).toContain('Rule: walls');
    expect(body.blocks[0]?.text.text).toContain('/live/NFO%3ANIFTY26DECFUT|Open Gehra>');
    expect(asked.find(({ path }) => path.startsWith('/bot'))?.body).toContain('wall pulled');

    const caller = await demoCaller();
    expect((await newNotices(caller, { after: 0, of: 'alerts' })).notices).toMatchObject([
      { event: key, level: 'warn', title: 'NFO:NIFTY26DECFUT: wall pulled' },
    ]);
    expect((await alerts(caller)).alerts).toMatchObject([
      { key, ruleId, rule: 'walls', found: '2026-11-25T12:00:00.000+05:30' },
    ]);
    const { rows } = await services().db.query('SELECT FROM gehra.notice_deliveries');
    expect(rows, 'the notice is for pages: the rule has channels of its own').toHaveLength(0);
    expect(asked).toHaveLength(2);
  });

  it('is told once whoever looks, whatever states it takes, and another within the cooldown is not', async () => {
    await addRule(services().db, RULE, 'Asha');
    expect(await tell(signalOf('w.1', NOON_US))).toBe(1);
    expect(await tell(signalOf('w.1', NOON_US), signalOf('w.1', NOON_US + 6 * MINUTE_US, { state: 'broken' }))).toBe(0);
    expect(await tell(signalOf('w.2', NOON_US + 4 * MINUTE_US))).toBe(0);
    // Another process begins with what was stored.
    await alerter.close();
    alerter = newAlerter();
    expect(await tell(signalOf('w.1', NOON_US), signalOf('w.3', NOON_US + 4.9 * MINUTE_US))).toBe(0);
    expect(await tell(signalOf('w.4', NOON_US + 4 * MINUTE_US, { instrumentId: 2 }))).toBe(1);
    expect(await tell(signalOf('w.5', NOON_US + 5 * MINUTE_US))).toBe(1);
  });

  it('is told by no rule that is off, about others, or outside its hours, and not of before there was anybody', async () => {
    const { db } = services();
    const id = await addRule(db, { ...RULE, isOn: false }, 'Asha');
    await addRule(db, { ...RULE, instrumentIds: [2] }, 'Asha');
    expect(await tell(signalOf('w.1', NOON_US))).toBe(0);
    await replaceRule(db, id, RULE, 'Asha');
    expect(await tell(signalOf('w.2', istTimeUs('2026-11-25', '15:30')))).toBe(0);
    expect(await tell(signalOf('w.3', istTimeUs('2026-11-25', '15:29')))).toBe(1);
  });

  it('is told by one of two that look at once', async () => {
    await addRule(services().db, RULE, 'Asha');
    const second = newAlerter();
    await second.step();
    await publishSignal(redis, signalOf('w.1', NOON_US));
    expect(await alerter.step()).toBe(1);
    await expect(second.step()).rejects.toThrow('another looks too');
    expect(await second.step()).toBe(0);
    await second.close();
    expect(await newestAlerts(services().db, 10)).toHaveLength(1);
  });

  it('in quiet hours is kept and shown, and written to nobody', async () => {
    const { db } = services();
    await addRule(db, RULE, 'Asha');
    await storeAlertSettings(db, { quietFrom: 22 * 60, quietTo: 12 * 60 + 1, digestMinutes: 0 });
    expect(await tell(signalOf('w.1', NOON_US))).toBe(1);
    await deliver();
    await deliveriesAre(['screen sent 0', 'slack held 0', 'telegram held 0']);
    expect((await newNotices(await demoCaller(), { after: 0, of: 'alerts' })).notices).toHaveLength(1);
    nowUs += MINUTE_US;
    expect(await tell(signalOf('w.2', NOON_US + 5 * MINUTE_US))).toBe(1);
    await deliver();
    await deliveriesAre(['screen sent 0', 'slack sent 1', 'telegram sent 1']);
    expect(asked).toHaveLength(2);
  });
});

describe('a number', () => {
  /** Stores ticks of SBIN, one a second. */
  async function tick(fromUs: number, prices: readonly number[], feedId = TICKS_FEED): Promise<void> {
    const { db } = services();
    for (const [i, price] of prices.entries()) {
      await db.query(
        `INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence, last_price, imbalance,
           bid_prices, ask_prices)
         VALUES (to_timestamp($1::bigint / 1e6), 2, $2, 0, 3, 0, 0, $3, 0.5, ARRAY[$3 - 5], ARRAY[$3 + 5])`,
        [fromUs + i * 1_000_000, feedId, price],
      );
    }
    nowUs = fromUs + prices.length * 1_000_000;
  }
  const watch = { by: 'metric', metric: 'last_price', direction: 'above', level: 80_000 } as const;

  it('that comes over its level from the other side is told, by what is stored and within the cooldown once', async () => {
    await addRule(
      services().db,
      { ...RULE, name: 'SBIN over 800', watch, instrumentIds: [2], channels: ['screen'] },
      'Asha',
    );
    await tick(NOON_US, [80_100, 80_000, 80_100]);
    expect(await alerter.step(), 'what is past when a rule begins is no news').toBe(0);
    await tick(NOON_US + 10_000_000, [80_200, 79_900]);
    expect(await alerter.step(), 'it was there already').toBe(0);
    await tick(NOON_US + 20_000_000, [80_000, 80_005, 79_900, 80_005]);
    expect(await alerter.step()).toBe(1);
    expect(await alerter.step()).toBe(0);
    const [alert] = await newestAlerts(services().db, 1);
    expect(alert).toMatchObject({
      title: 'NSE:SBIN: last price above 800.00',
      detail: 'It came to 800.05 at 12:00:21 IST',
      foundUs: NOON_US + 21_000_000,
    });
    await tick(NOON_US + 6 * MINUTE_US, [79_900, 80_300]);
    await alerter.close();
    alerter = newAlerter();
    expect(await alerter.step()).toBe(1);
  });

  it("is watched on Dhan's feed while Kite is silent, from Kite's last tick on, and no crossing is told by both", async () => {
    await addRule(services().db, { ...RULE, watch, instrumentIds: [2], cooldownS: 0, channels: ['screen'] }, 'Asha');
    await tick(NOON_US, [79_900]);
    await alerter.step();
    await tick(NOON_US + 1_000_000, [79_950, 79_900]);
    expect(await alerter.step(), 'Kite').toBe(0);
    // It crossed, and went on, before Kite was given up.
    await tick(NOON_US + 3_000_000, [79_900, 80_100], LIVE_FEED);
    expect(await alerter.step(), 'Kite may still come').toBe(0);
    await tick(NOON_US + 14_000_000, [80_200], LIVE_FEED);
    expect(await alerter.step()).toBe(1);
    await tick(NOON_US + 15_000_000, [80_200, 80_300]);
    expect(await alerter.step(), 'Kite is back').toBe(0);
    expect((await newestAlerts(services().db, 9)).map(({ foundUs }) => foundUs)).toEqual([NOON_US + 4_000_000]);
  });

  it('has come over its level with the first tick after a weekend too', async () => {
    await addRule(services().db, { ...RULE, watch, instrumentIds: [2], channels: ['screen'] }, 'Asha');
    await tick(NOON_US - 3 * 86_400_000_000, [79_900]);
    nowUs = NOON_US;
    await alerter.step();
    await tick(NOON_US + MINUTE_US, [80_100]);
    expect(await alerter.step()).toBe(1);
  });
});

describe('a channel', () => {
  beforeEach(async () => {
    await addRule(services().db, { ...RULE, channels: ['slack', 'telegram'] }, 'Asha');
    await tell(signalOf('w.1', NOON_US));
  });

  it('that refuses is tried again, is shown with why, and keeps no other waiting', async () => {
    let refusals = 2;
    answers.slack = (response) => {
      refusals -= 1;
      response.writeHead(refusals < 0 ? 200 : 500).end('no_service');
    };
    await deliver();
    await deliveriesAre(['slack sent 3', 'telegram sent 1']);
    expect(new Set(asked.flatMap(({ headers }) => headers['idempotency-key'] ?? [])).size).toBe(1);
    answers.slack = (response) => response.writeHead(404).end('no_service');
    await tell(signalOf('w.2', NOON_US + 5 * MINUTE_US));
    await deliver();
    await deliveriesAre(['slack failed 6', 'telegram sent 1']);
    expect(await failureOf('slack')).toMatch(/status 404 \(no_service\): make a new webhook/);
  });

  it('that is not there at all keeps no other waiting', async () => {
    const dead = { webhookUrl: 'http://127.0.0.1:1/hook' };
    await storeChannel(services().db, 'slack', sealSettings(AUTH_SECRET, 'slack', dead));
    await deliver();
    await deliveriesAre(['slack failed 6', 'telegram sent 1']);
    expect(await failureOf('slack')).toContain('refused the connection');
    const inside = { webhookUrl: 'https://169.254.169.254/latest' };
    await storeChannel(services().db, 'slack', sealSettings(AUTH_SECRET, 'slack', inside));
    await tell(signalOf('w.2', NOON_US + 5 * MINUTE_US));
    await deliver();
    await deliveriesAre(['slack failed 6', 'telegram sent 1']);
    expect(await failureOf('slack')).toContain('public addresses only');
  });

  it('that was taken away since is shown as such', async () => {
    await services().db.query(`DELETE FROM gehra.notification_channels WHERE channel = 'slack'`);
    await deliver();
    await deliveriesAre(['slack failed 0', 'telegram sent 1']);
    expect(await failureOf('slack')).toBe('the channel is not set up');
  });

  it('gets nothing more of a rule that was deleted', async () => {
    await services().db.query('DELETE FROM gehra.alert_rules');
    await deliver();
    await deliveriesAre(['slack failed 0', 'telegram failed 0']);
    expect(await failureOf('slack')).toBe('its rule was deleted');
    expect(asked).toEqual([]);
  });

  it('that took a message and did not say so gets it again under its key, if it is a webhook', async () => {
    let cuts = 1;
    answers.slack = (response) => {
      cuts -= 1;
      if (cuts < 0) response.end('ok');
      else response.socket?.destroy();
    };
    answers.telegram = (response) => response.socket?.destroy();
    await deliver();
    await deliveriesAre(['slack uncertain 2 unknown', 'telegram uncertain 1 unknown']);
    expect(asked.filter(({ path }) => path.startsWith('/bot'))).toHaveLength(1);
    const keys = asked.filter(({ path }) => path === '/hook').map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([expect.stringMatching(/-w\.1$/), keys[0]]);
  });

  it('that was written to by who was killed then is known to be uncertain, and repeated under its key alone', async () => {
    // The message is taken, and no answer comes.
    answers.slack = () => undefined;
    answers.telegram = () => undefined;
    const config = JSON.stringify({ ...services().config, lockMs: LOCK_MS });
    const program = path.join(packageRoot, 'tests/support/alert-deliverer.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', program, config], { stdio: 'ignore' });
    try {
      await vi.waitFor(() => expect(asked).toHaveLength(2), WAIT);
    } finally {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await deliveriesAre(['slack sending 1', 'telegram sending 1']);
    answers = {};
    await deliver();
    await deliveriesAre(['slack uncertain 2 unknown', 'telegram uncertain 1 unknown']);
    expect(await failureOf('slack')).toContain('may have arrived twice, under one key');
    expect(await failureOf('telegram')).toContain('whether it arrived is not known');
    const keys = asked.filter(({ path: place }) => place === '/hook').map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([expect.stringMatching(/-w\.1$/), keys[0]]);
    expect(asked).toHaveLength(3);
  });

  it('whose gateway gave up may have it: the delivery ends as uncertain', async () => {
    answers.slack = (response) => response.writeHead(504).end('gateway');
    await deliver();
    await deliveriesAre(['slack uncertain 6 unknown', 'telegram sent 1']);
  });

  it('is written to by a test of a rule, which is not held against what is found', async () => {
    const caller = await demoCaller();
    const [rule] = await newestAlerts(services().db, 1);
    await testRule(caller, rule?.ruleId as number);
    await deliver();
    await deliveriesAre(['slack sent 1', 'telegram sent 1']);
    expect(asked.map(({ body }) => body).join()).toContain('Test of the rule walls');
    expect(await tell(signalOf('w.2', NOON_US + 5 * MINUTE_US))).toBe(1);
  });
});

it('what could not be sent within a quarter of an hour is news no more', async () => {
  await addRule(services().db, { ...RULE, channels: ['slack'] }, 'Asha');
  await tell(signalOf('w.1', NOON_US));
  await services().db.query(`UPDATE gehra.alerts SET created_at = now() - interval '16 minutes'`);
  await deliver();
  await deliveriesAre(['slack failed 0']);
  expect(asked).toEqual([]);
});

it('a digest tells what was found in each span of the session, once, and nothing in quiet hours', async () => {
  const { db, config } = services();
  const notifier = new Notifier(config, log, () => Date.now() + 60_000);
  const hours = new MarketHours('calendar');
  const digest = async (us: number, quietFrom = 0): Promise<string[]> => {
    await storeAlertSettings(db, { quietFrom, quietTo: 0, digestMinutes: 30 });
    await tellDigest({ db, hours, notifier, nowMs: () => us / 1000 });
    return (await newNotices(await demoCaller(), { after: 0 })).notices.map(
      ({ title, detail }) => `${title}: ${detail}`,
    );
  };
  const client = await db.connect();
  try {
    await storeSignals(client as never, [
      signalOf('w.1', NOON_US - 30 * MINUTE_US),
      signalOf('w.2', NOON_US - 1),
      signalOf('s.1', NOON_US - MINUTE_US, { kind: 'sweep' }),
      signalOf('s.2', NOON_US, { kind: 'sweep' }),
    ]);
  } finally {
    client.release();
  }
  const told = 'Signals from 11:30 to 12:00 IST: 3: 2 wall pulled, 1 sweep. 0 alerts';
  expect(await digest(NOON_US + 3 * MINUTE_US), 'too late').toEqual([]);
  expect(await digest(NOON_US + MINUTE_US, 12 * 60), 'quiet').toEqual([]);
  expect(await digest(istTimeUs('2026-11-25', '17:00')), 'closed').toEqual([]);
  expect(await digest(NOON_US + MINUTE_US)).toEqual([told]);
  expect(await digest(NOON_US + MINUTE_US)).toEqual([told]);
  await notifier.deliver();
  expect(asked.map(({ path: place }) => place.slice(0, 5)).sort()).toEqual(['/bot1', '/hook']);
});
