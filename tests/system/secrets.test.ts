/** S14–S16 over a whole instance: after logins, refusals and failures no secret stands anywhere but in the token store. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, expect, it, vi } from 'vitest';
import type { Connections } from '../../lib/core/connections.ts';
import { logIn } from '../support/broker-login.ts';
import { gehra, parseAssignments } from '../support/gehra.ts';
import { Instance } from '../support/instance.ts';
import { administratorOfRedis } from '../support/redis-administrator.ts';

const HOOK_CANARY = 'canaryOfTheWebhook';
const SIGNING_CANARY = 'canaryOfTheSigningKey';
const OWN_SECRETS = [HOOK_CANARY, SIGNING_CANARY, 'demo-kite-secret', 'demo-dhan-secret'];

let instance: Instance | undefined;
afterEach(async () => {
  await instance?.stop();
  instance = undefined;
});

/** The tokens on the disk now. */
function tokensOf({ dataDir }: Instance): string[] {
  const dir = path.join(dataDir, 'simulated-tokens');
  const { access_token: dhan } = JSON.parse(readFileSync(path.join(dir, 'dhan_token.json'), 'utf8')) as {
    access_token: string;
  };
  // The demonstration's first Kite token is a word of every page.
  return [readFileSync(path.join(dir, 'access_token.txt'), 'utf8').trim(), dhan].filter((token) => token !== 'demo');
}

function logsOf({ dataDir }: Instance): [string, string][] {
  const dir = path.join(dataDir, 'logs');
  return readdirSync(dir).map((name) => [name, readFileSync(path.join(dir, name), 'utf8')]);
}

/** Arguments of every process of this machine: none of ours may hold a secret. */
function processArguments(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(path.join('/proc', pid, 'cmdline'), 'utf8')];
      } catch {
        // It has ended between the two looks.
        return [];
      }
    });
}

/** Everything in Redis but the market's own streams, key by key. */
async function redisValues(redis: Redis): Promise<[string, string][]> {
  const read: Record<string, (key: string) => Promise<unknown>> = {
    string: (key) => redis.get(key),
    hash: (key) => redis.hgetall(key),
    list: (key) => redis.lrange(key, 0, -1),
    set: (key) => redis.smembers(key),
    zset: (key) => redis.zrange(key, 0, '-1'),
    // What jobs have said of themselves; the market's own entries are binary.
    stream: (key) => (key.startsWith('bull:') ? redis.xrange(key, '-', '+') : Promise.resolve(null)),
  };
  return Promise.all(
    (await redis.keys('*')).map(async (key): Promise<[string, string]> => {
      const reader = read[await redis.type(key)];
      if (!reader) throw new Error(`${key} is of a type that is not looked into`);
      return [key, JSON.stringify(await reader(key))];
    }),
  );
}

/** Every row of every table of ours as text, but of the market's own, which hold numbers. */
async function tableTexts(running: Instance): Promise<[string, string][]> {
  const tables = await running.sql<{ name: string }>(
    `SELECT c.oid::regclass::text AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
     WHERE n.nspname = 'gehra' AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT IN ('ticks', 'depth_snapshots')`,
  );
  // One after the other: each question has a connection of its own, and the server has not as many as there are tables.
  const texts: [string, string][] = [];
  for (const { name } of tables) {
    const rows = await running.sql<{ row: string }>(`SELECT one::text AS row FROM ${name} AS one`);
    texts.push([name, rows.map(({ row }) => row).join('\n')]);
  }
  return texts;
}

it('S14, S15, S16: no secret leaves the token store', { timeout: 240_000 }, async () => {
  let asked = 0;
  const hook = createServer((_request, response) => {
    asked += 1;
    response.writeHead(500).end();
  });
  hook.listen(0, '127.0.0.1');
  await once(hook, 'listening');
  const running = await Instance.start(['--frames', '2'], {
    LOG_LEVEL: 'debug',
    SLACK_WEBHOOK_URL: `http://127.0.0.1:${(hook.address() as AddressInfo).port}/${HOOK_CANARY}`,
    SLACK_SIGNING_KEY: SIGNING_CANARY,
  });
  instance = running;
  const secrets = new Set(OWN_SECRETS);
  const remember = (): void => {
    for (const token of tokensOf(running)) secrets.add(token);
  };

  for (const broker of ['kite', 'dhan'] as const) {
    await logIn(running.appUrl, broker);
    remember();
    const call = broker === 'kite' ? 'kite_exchange' : 'dhan_consume';
    for (const as of ['secret', 'html_502', 'limit']) {
      await running.control('fail', { call, as });
      await expect(logIn(running.appUrl, broker)).rejects.toThrow(/the callback answered/);
    }
    await running.control('revoke', { broker });
  }
  // Collectors that were refused, and a notice on its way to the webhook.
  await vi.waitFor(
    async () => {
      const answer = await fetch(`${running.appUrl}/api/connections`);
      const { brokers } = (await answer.json()) as Connections;
      for (const { feeds } of brokers) for (const { state } of feeds) expect(state).toBe('needs_login');
      expect(asked).toBeGreaterThan(0);
    },
    { timeout: 60_000, interval: 200 },
  );
  for (const broker of ['kite', 'dhan'] as const) await logIn(running.appUrl, broker);
  remember();
  expect(secrets.size).toBeGreaterThanOrEqual(OWN_SECRETS.length + 4);

  const { REDIS_URL = '' } = parseAssignments((await gehra(['env', '--data', running.dataDir])).stdout);
  const redis = new Redis(administratorOfRedis(running.dataDir, REDIS_URL));
  const [values, tables] = await Promise.all([redisValues(redis), tableTexts(running)]);
  await redis.quit();
  const pages = await Promise.all(
    ['/connections', '/settings', '/api/connections', '/api/kite/status', '/api/dhan/status'].map(
      async (page): Promise<[string, string]> => [page, await (await fetch(`${running.appUrl}${page}`)).text()],
    ),
  );
  expect(values.some(([key]) => key.startsWith('bull:'))).toBe(true);
  expect(tables.length).toBeGreaterThan(10);
  const places: [string, string][] = [
    ...logsOf(running),
    ...values,
    ...tables,
    ...pages,
    ...processArguments().map((text): [string, string] => ['arguments of a process', text]),
  ];
  for (const [place, text] of places) {
    for (const secret of secrets) expect(text.includes(secret), `${place} holds ${secret.slice(0, 4)}…`).toBe(false);
  }
  hook.close();
});
