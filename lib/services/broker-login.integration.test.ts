/** The login's routes against the simulated exchange: what a callback must be, and what becomes of one that is not. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Writable } from 'node:stream';
import pg from 'pg';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { GET as connectionsRoute } from '../../app/api/connections/route.ts';
import { GET as dhanLoginUrl } from '../../app/api/dhan/login-url/route.ts';
import { DELETE as dhanLogout } from '../../app/api/dhan/logout/route.ts';
import { POST as dhanRenew } from '../../app/api/dhan/renew/route.ts';
import { GET as dhanStatus } from '../../app/api/dhan/status/route.ts';
import { GET as dhanTokenRoute, POST as pasteDhan } from '../../app/api/dhan/token/route.ts';
import { GET as kiteLoginUrl } from '../../app/api/kite/login-url/route.ts';
import { DELETE as kiteLogout } from '../../app/api/kite/logout/route.ts';
import { GET as kiteProfile } from '../../app/api/kite/profile/route.ts';
import { GET as kiteStatus } from '../../app/api/kite/status/route.ts';
import { migrate } from '../../db/migrate.ts';
import { simulatedVariables } from '../../scripts/instance/market.ts';
import { type RunningExchange, startExchange } from '../../simulator/exchange.ts';
import { parseOptions } from '../../simulator/options.ts';
import { dhanToken } from '../../simulator/tokens.ts';
import { newDataFolder } from '../../tests/support/data-folder.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { demoCaller, startTestServices } from '../../tests/support/services.ts';
import { readDhanToken, readKiteToken } from '../auth/tokens.ts';
import type { Connections } from '../core/connections.ts';
import { istWithoutOffset } from '../core/ist.ts';
import { createLog } from '../obs/log.ts';
import { KEYS } from '../queue/keys.ts';
import { finishDhanLogin, finishKiteLogin, LoginFailed } from './broker-login.ts';
import { callbackRoute, loginRoute } from './broker-routes.ts';
import { services } from './context.ts';
import { makeKey } from './keys.ts';

const APP = 'http://127.0.0.1:3000';
const DAY_MS = 86_400_000;
/** What the processes log, at the level that tells the most. */
let logged = '';
const sink = new Writable({
  write(chunk, _encoding, done) {
    logged += String(chunk);
    done();
  },
});
const log = createLog('test', 'trace', sink as unknown as pino.DestinationStream);

let database: { url: string; drop: () => Promise<void> };
let exchange: RunningExchange;
let dataDir: string;
let tokenDir: string;
let stopServices: () => Promise<void>;

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, pino({ level: 'silent' }));
});
afterAll(() => database.drop());

beforeEach(async () => {
  logged = '';
  const redirects = ['--kite-redirect', `${APP}/api/kite/callback`, '--dhan-redirect', `${APP}/api/dhan/callback`];
  exchange = await startExchange(parseOptions(redirects), pino({ level: 'silent' }));
  dataDir = newDataFolder();
  const variables = simulatedVariables(dataDir, Number(new URL(exchange.address).port));
  tokenDir = variables.GEHRA_TOKEN_DIR ?? '';
  ({ stop: stopServices } = await startTestServices(database.url, log, {
    ...variables,
    GEHRA_DATA_DIR: dataDir,
    APP_URL: APP,
    HOST: '127.0.0.1',
    KITE_TOKEN_IN_REDIS: '1',
  }));
  await vi.waitFor(() => services().redis.ping(), { timeout: 10_000 });
});
afterEach(async () => {
  await stopServices();
  await exchange.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** A browser: its cookies, and addresses that it is led to. */
class Browser {
  cookie = '';

  request(address: string, init: RequestInit = {}): Request {
    return new Request(new URL(address, APP), {
      ...init,
      headers: { host: '127.0.0.1:3000', cookie: this.cookie, ...(init.headers as Record<string, string>) },
    });
  }

  /** Begins a login and goes to the broker's page. @returns its address */
  async begin(broker: 'kite' | 'dhan', next = ''): Promise<URL> {
    const response = await loginRoute(broker)(
      this.request(`/api/${broker}/login${next && `?next=${encodeURIComponent(next)}`}`),
    );
    expect(response.status).toBe(303);
    this.cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    return new URL(response.headers.get('location') ?? '');
  }

  /** Presses a button of the broker's page. @returns where it leads back to */
  async press(page: URL, answer: 'allow' | 'deny'): Promise<URL> {
    const html = await (await fetch(page)).text();
    const action = /action="([^"]+)"/.exec(html)?.[1] ?? '';
    const [, name = '', value = ''] = /name="(\w+)" value="([^"]*)"/.exec(html) ?? [];
    const response = await fetch(new URL(action, page), {
      method: 'POST',
      body: new URLSearchParams({ [name]: value.replaceAll('&amp;', '&'), answer }),
      redirect: 'manual',
    });
    return new URL(response.headers.get('location') ?? '');
  }

  comeBack(address: URL | string): Promise<Response> {
    const broker = String(address).includes('/kite/') ? 'kite' : 'dhan';
    const finish = broker === 'kite' ? finishKiteLogin : finishDhanLogin;
    return callbackRoute(broker, finish)(this.request(String(address)));
  }

  async connect(broker: 'kite' | 'dhan', next = ''): Promise<Response> {
    return this.comeBack(await this.press(await this.begin(broker, next), 'allow'));
  }
}

async function order(name: string, body: object): Promise<void> {
  const response = await fetch(`${exchange.address}/control/${name}`, { method: 'POST', body: JSON.stringify(body) });
  expect(response.status).toBe(200);
}

async function calls(name: string): Promise<number> {
  const state = (await (await fetch(`${exchange.address}/control/state`)).json()) as {
    login_calls: Record<string, number>;
  };
  return state.login_calls[name] ?? -1;
}

/** What a page of failure says: its status, and the problem that it leads to Connections with. */
async function failure(response: Response): Promise<[number, string]> {
  const html = await response.text();
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  expect(html).toMatch(/http-equiv="refresh" content="0; url=\/connections\?broker=\w+&amp;problem=\w+"/);
  return [response.status, /problem=(\w+)/.exec(html)?.[1] ?? ''];
}

const tokens = () =>
  [readKiteToken(tokenDir), readDhanToken(tokenDir)].map((one) => ('token' in one ? one.token.accessToken : ''));
const json = async (response: Response) => (await response.json()) as Record<string, unknown>;
const POST_HEADERS = { origin: APP, 'content-type': 'application/json' };

describe.each(['kite', 'dhan'] as const)('%s: logging in', (broker) => {
  const exchangeCall = broker === 'kite' ? 'kite_exchange' : 'dhan_consume';
  const tokenIndex = broker === 'kite' ? 0 : 1;

  it('S13: ends connected, at a clean address, with the token on the disk and nowhere else', async () => {
    const browser = new Browser();
    const page = await browser.begin(broker, '/live/NFO%3ANIFTY26DECFUT?levels=20');
    const back = await browser.press(page, 'allow');
    const response = await browser.comeBack(back);
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe(`/live/NFO%3ANIFTY26DECFUT?levels=20&connected=${broker}`);
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    const token = tokens()[tokenIndex] ?? '';
    expect(token.length).toBeGreaterThan(20);
    const answers = await Promise.all(
      [connectionsRoute, kiteStatus, dhanStatus].map(async (route) => (await route(browser.request('/api/x'))).text()),
    );
    const secrets = [token, ...back.searchParams.values()].filter((text) => text.length > 20);
    for (const text of [...answers, logged]) for (const secret of secrets) expect(text).not.toContain(secret);
    expect(logged).not.toMatch(/demo-\w+-secret/);
  });

  it('S1: exchanges nothing without a session', async () => {
    const browser = new Browser();
    const back = await browser.press(await browser.begin(broker), 'allow');
    const request = new Request(back, { headers: { host: 'gehra.example', cookie: browser.cookie } });
    const response = await callbackRoute(broker, broker === 'kite' ? finishKiteLogin : finishDhanLogin)(request);
    expect([response.status, response.headers.get('location')]).toEqual([302, '/login?next=%2Fconnections']);
    expect([await calls(exchangeCall), tokens()[tokenIndex]]).toEqual([0, '']);
  });

  it('S2, S7: exchanges nothing without a login that was begun', async () => {
    const address = broker === 'kite' ? '?status=success&request_token=abc' : '?tokenId=abc';
    const response = await new Browser().comeBack(`${APP}/api/${broker}/callback${address}`);
    expect(await failure(response)).toEqual([400, 'state_missing']);
    expect([await calls(exchangeCall), tokens()[tokenIndex]]).toEqual([0, '']);
  });

  it('S3: exchanges nothing for a login that another browser began', async () => {
    const [one, other] = [new Browser(), new Browser()];
    const back = await one.press(await one.begin(broker), 'allow');
    if (broker === 'kite') await other.begin(broker);
    const response = await other.comeBack(back);
    expect(await failure(response)).toEqual([400, broker === 'kite' ? 'state_foreign' : 'state_missing']);
    expect([await calls(exchangeCall), tokens()[tokenIndex]]).toEqual([0, '']);
  });

  it('S4: exchanges once for a callback that comes twice', async () => {
    const browser = new Browser();
    const back = await browser.press(await browser.begin(broker), 'allow');
    expect((await browser.comeBack(back)).status).toBe(303);
    expect(await failure(await browser.comeBack(back))).toEqual([400, 'state_used']);
    expect(await calls(exchangeCall)).toBe(1);
  });

  it('S5: exchanges nothing after ten minutes', async () => {
    const browser = new Browser();
    const back = await browser.press(await browser.begin(broker), 'allow');
    const finish = broker === 'kite' ? finishKiteLogin : finishDhanLogin;
    const late = finish(await demoCaller(), browser.request(back.href), Date.now() + 10 * 60_000 + 1000);
    await expect(late).rejects.toEqual(new LoginFailed(broker, 'state_old'));
    expect(await calls(exchangeCall)).toBe(0);
  });

  it.each([
    ['10 kB', 'a'.repeat(10_240)],
    ['a line end', 'abc%0d%0aX-Header:%201'],
    ['another character', 'a%2Fb'],
  ])('S11: refuses %s in the place of what the broker brings, without a call', async (_name, value) => {
    const browser = new Browser();
    const back = await browser.press(await browser.begin(broker), 'allow');
    const name = broker === 'kite' ? 'request_token' : 'tokenId';
    const changed = back.href.replace(new RegExp(`${name}=[^&]+`), `${name}=${value}`);
    expect(await failure(await browser.comeBack(changed))).toEqual([400, 'bad_callback']);
    const twice = `${back.href}&${name}=abc`;
    expect(await failure(await browser.comeBack(twice))).toEqual([400, 'bad_callback']);
    expect(await calls(exchangeCall)).toBe(0);
    expect((await browser.comeBack(back)).status).toBe(303);
  });

  it('says so where the person denied', async () => {
    const browser = new Browser();
    const back = await browser.press(await browser.begin(broker), 'deny');
    expect(await failure(await browser.comeBack(back))).toEqual([400, 'denied']);
    expect(await calls(exchangeCall)).toBe(0);
  });

  it.each([
    ['token', [400, 'request_token_expired']],
    ['secret', [502, 'secret_wrong']],
    ['server_error', [502, 'broker_error']],
    ['html_502', [502, 'broker_error']],
    ['html_200', [502, 'broker_answer']],
    ['limit', [429, 'limit']],
    ['timeout', [504, 'broker_timeout']],
  ] as const)('says what the broker failed of: %s', { timeout: 30_000 }, async (as, expected) => {
    const browser = new Browser();
    await order('fail', { call: exchangeCall, as });
    expect(await failure(await browser.connect(broker))).toEqual(expected);
    expect(tokens()[tokenIndex]).toBe('');
    // It is no end: the next attempt goes through.
    expect((await browser.connect(broker)).status).toBe(303);
  });

  it('S22: follows no redirect of the token endpoint', async () => {
    let hits = 0;
    const elsewhere = createServer((_request, response) => {
      hits += 1;
      response.end();
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const to = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    await order('fail', { call: exchangeCall, as: 'redirect', to });
    expect(await failure(await new Browser().connect(broker))).toEqual([502, 'broker_answer']);
    expect(hits).toBe(0);
    await new Promise((resolve) => elsewhere.close(resolve));
  });

  it('S8: keeps the old token where another account answers, and writes that down', async () => {
    const browser = new Browser();
    await browser.connect(broker);
    const before = tokens()[tokenIndex];
    await order('settings', { kiteUserId: 'XX9999', dhanLoginClientId: '1000000099' });
    expect(await failure(await browser.connect(broker))).toEqual([403, 'account_mismatch']);
    expect(tokens()[tokenIndex]).toBe(before);
    const { brokers } = (await json(
      await connectionsRoute(browser.request('/api/connections')),
    )) as unknown as Connections;
    expect(brokers[tokenIndex]?.notes[0]).toMatchObject({
      failed: true,
      words: expect.stringMatching(/another account/),
    });
  });

  it('says so where the token that is there is newer than that of the login', async () => {
    const aMinuteOn = Date.now() + 60_000;
    if (broker === 'kite') {
      await new Browser().connect('kite');
      utimesSync(path.join(tokenDir, 'access_token.txt'), aMinuteOn / 1000, aMinuteOn / 1000);
    } else {
      mkdirSync(tokenDir, { recursive: true });
      const token = {
        access_token: 'made-later',
        client_id: '1000000001',
        expiry: istWithoutOffset(aMinuteOn + DAY_MS),
      };
      writeFileSync(path.join(tokenDir, 'dhan_token.json'), JSON.stringify(token));
    }
    const before = tokens()[tokenIndex];
    expect(await failure(await new Browser().connect(broker))).toEqual([409, 'newer_token']);
    expect(tokens()[tokenIndex]).toBe(before);
  });

  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    'https:evil',
  ])('S10: leads nowhere else by next=%s', async (next) => {
    const response = await new Browser().connect(broker, next);
    expect(response.headers.get('location')).toBe(`/connections?connected=${broker}`);
  });

  it('shows the registered address where the broker came to another name of this server', async () => {
    const browser = new Browser();
    const back = await browser.press(await browser.begin(broker), 'allow');
    browser.cookie = '';
    const request = browser.request(back.href, { headers: { host: 'localhost:3000' } });
    const response = await callbackRoute(broker, broker === 'kite' ? finishKiteLogin : finishDhanLogin)(request);
    expect(await failure(response)).toEqual([400, 'redirect_url']);
  });
});

describe('Kite', () => {
  it('answers status, profile and logout in the words of the predecessor, and keeps the copy in Redis', async () => {
    const browser = new Browser();
    expect(await json(await kiteStatus(browser.request('/api/kite/status')))).toMatchObject({ authenticated: false });
    await browser.connect('kite');
    const token = tokens()[0] ?? '';
    const status = await json(await kiteStatus(browser.request('/api/kite/status')));
    expect(Object.keys(status).toSorted()).toEqual([
      'authenticated',
      'expires_in_hours',
      'message',
      'ttl_seconds',
      'user_id',
    ]);
    expect(status).toMatchObject({ authenticated: true, user_id: 'DEM001' });
    expect(Number(status.ttl_seconds)).toBeGreaterThan(0);
    const profile = await json(await kiteProfile(browser.request('/api/kite/profile')));
    expect(Object.keys(profile).toSorted()).toEqual(
      ['broker', 'email', 'exchanges', 'order_types', 'products', 'user_id', 'user_name'].toSorted(),
    );
    expect(readFileSync(path.join(tokenDir, 'access_token.txt'), 'utf8')).toBe(token);

    const foreign = browser.request('/api/kite/logout', {
      method: 'DELETE',
      headers: { origin: 'https://evil.example' },
    });
    expect((await kiteLogout(foreign)).status).toBe(403);
    const answer = await json(
      await kiteLogout(browser.request('/api/kite/logout', { method: 'DELETE', headers: { origin: APP } })),
    );
    expect(answer).toEqual({ message: 'Kite is disconnected.', tokens_deleted: 5 });
    expect(existsSync(path.join(tokenDir, 'access_token.txt'))).toBe(false);
    const refused = await fetch(`${exchange.address}/user/profile`, {
      headers: { authorization: `token demo:${token}` },
    });
    expect(refused.status).toBe(403);
  });

  it('is disconnected here where Kite cannot be told, and says so', async () => {
    const browser = new Browser();
    await browser.connect('kite');
    await order('fail', { call: 'kite_logout', as: 'server_error' });
    const answer = await json(
      await kiteLogout(browser.request('/api/kite/logout', { method: 'DELETE', headers: { origin: APP } })),
    );
    expect(answer.message).toMatch(/Kite itself did not answer/);
    expect(tokens()[0]).toBe('');
  });

  it('gives the address of its page to scripts', async () => {
    const answer = await json(await kiteLoginUrl(new Browser().request('/api/kite/login-url')));
    expect(Object.keys(answer).toSorted()).toEqual(['login_url', 'message']);
    expect(String(answer.login_url)).toMatch(
      /\/kite\/connect\/login\?v=3&api_key=demo&redirect_params=state%3D[\w-]{43}$/,
    );
  });

  it('gives it to no other site’s page, and to nobody without end', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await kiteLoginUrl(new Browser().request('/api/kite/login-url', { headers }))).status).toBe(403);
    const key = await makeKey(await demoCaller(), { name: 'script', scope: 'full' });
    const statuses: number[] = [];
    for (let i = 0; i < 11; i += 1) {
      const request = new Browser().request('/api/kite/login-url', { headers: { authorization: `Bearer ${key}` } });
      statuses.push((await kiteLoginUrl(request)).status);
    }
    expect(statuses).toEqual([...Array(10).fill(200), 429]);
  });
});

describe('Dhan', () => {
  it('consumes by GET where POST is refused', async () => {
    await order('settings', { dhanConsumeVerbs: 'GET' });
    expect((await new Browser().connect('dhan')).status).toBe(303);
    expect(await calls('dhan_consume')).toBe(2);
  });

  it('takes its token id by whatever case its name comes in', async () => {
    const browser = new Browser();
    const back = await browser.press(await browser.begin('dhan'), 'allow');
    expect((await browser.comeBack(back.href.replace('tokenId', 'tokenid'))).status).toBe(303);
  });

  it('answers status and login-url in the words of the predecessor, and never the token', async () => {
    const browser = new Browser();
    expect(await json(await dhanStatus(browser.request('/api/dhan/status')))).toEqual({
      authenticated: false,
      message: 'there is no token yet: log in to Dhan',
    });
    await browser.connect('dhan');
    expect(await json(await dhanStatus(browser.request('/api/dhan/status')))).toEqual({
      authenticated: true,
      client_id: '1000000001',
      client_name: 'DEMO USER',
      expiry: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000$/),
      generated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}$/),
    });
    const answer = await json(await dhanLoginUrl(browser.request('/api/dhan/login-url')));
    expect(Object.keys(answer).toSorted()).toEqual(['consent_app_id', 'login_url', 'message']);
    const refused = await dhanTokenRoute(browser.request('/api/dhan/token'));
    expect(refused.status).toBe(403);
    expect(await json(refused)).toMatchObject({ detail: expect.stringContaining('./gehra token dhan') });
  });

  it('says on the way to its page what is wrong with key and secret, the day, or Dhan itself', async () => {
    for (const [as, status, problem] of [
      ['secret', 502, 'secret_wrong'],
      ['server_error', 502, 'broker_error'],
    ] as const) {
      await order('fail', { call: 'dhan_generate', as });
      const response = await loginRoute('dhan')(new Browser().request('/api/dhan/login'));
      expect(await failure(response)).toEqual([status, problem]);
    }
    for (let i = 0; i < 25; i += 1) {
      await fetch(`${exchange.address}/dhan/app/generate-consent?client_id=1000000001`, {
        method: 'POST',
        headers: { app_id: 'demo-dhan-key', app_secret: 'demo-dhan-secret' },
      });
    }
    const response = await loginRoute('dhan')(new Browser().request('/api/dhan/login'));
    expect(await failure(response)).toEqual([429, 'login_limit']);
  });

  const paste = (body: object) =>
    pasteDhan(
      new Browser().request('/api/dhan/token', { method: 'POST', headers: POST_HEADERS, body: JSON.stringify(body) }),
    );
  const soon = (): number => Math.floor(Date.now() / 1000) + 3600;

  it('takes a pasted token that is alive and of this account, and asks before one of type APP', async () => {
    const app = dhanToken('1000000001', 'APP', soon() - 7200, soon());
    await order('token', { broker: 'dhan', action: 'accept', access_token: app });
    expect((await paste({ access_token: app })).status).toBe(409);
    expect(tokens()[1]).toBe('');
    expect((await paste({ access_token: app, accept_app: true })).status).toBe(200);
    expect(tokens()[1]).toBe(app);
    const self = dhanToken('1000000001', 'SELF', soon() - 3600, soon());
    await order('token', { broker: 'dhan', action: 'accept', access_token: self });
    expect((await paste({ access_token: `  ${self}\n` })).status).toBe(200);
    expect(tokens()[1]).toBe(self);
    expect((await paste({ access_token: app, accept_app: true })).status).toBe(409);
  });

  it('refuses a pasted token that is none, has ended, is of another account, or is not accepted', async () => {
    for (const [access_token, status] of [
      ['x'.repeat(40), 400],
      ['two words and more than twenty', 400],
      [dhanToken('1000000001', 'SELF', 1, soon() - 7200), 400],
      [dhanToken('1000000099', 'SELF', 1, soon()), 403],
      [dhanToken('1000000001', 'SELF', 1, soon()), 409],
    ] as const) {
      const response = await paste({ access_token });
      expect(response.status).toBe(status);
      expect(await response.text()).not.toContain(access_token);
    }
    expect(tokens()[1]).toBe('');
  });

  it('renews on request, disconnects, and says that Dhan keeps the token', async () => {
    const browser = new Browser();
    await browser.connect('dhan');
    const before = tokens()[1];
    const post = { method: 'POST', headers: { origin: APP } };
    expect((await dhanRenew(browser.request('/api/dhan/renew', post))).status).toBe(200);
    expect(tokens()[1]).not.toBe(before);
    await order('revoke', { broker: 'dhan' });
    expect((await dhanRenew(browser.request('/api/dhan/renew', post))).status).toBe(409);
    const answer = await json(
      await dhanLogout(browser.request('/api/dhan/logout', { method: 'DELETE', headers: { origin: APP } })),
    );
    expect(answer.message).toMatch(/no call that ends a token/);
    expect(tokens()[1]).toBe('');
  });
});

it('T1: says what is wrong with a token file, and a login puts it right', async () => {
  mkdirSync(tokenDir, { recursive: true });
  writeFileSync(path.join(tokenDir, 'access_token.txt'), '');
  writeFileSync(path.join(tokenDir, 'dhan_token.json'), '{"access_token": "ha');
  const browser = new Browser();
  const ask = async () =>
    ((await json(await connectionsRoute(browser.request('/api/connections')))) as unknown as Connections).brokers;
  expect(await ask()).toMatchObject([
    { state: 'damaged', detail: 'the file access_token.txt is empty: log in to Kite' },
    { state: 'damaged', detail: expect.stringMatching(/dhan_token\.json is not JSON.*kept aside/) },
  ]);
  await browser.connect('kite');
  await browser.connect('dhan');
  expect(await ask()).toMatchObject([{ state: expect.stringMatching(/valid|expiring/) }, { state: 'valid' }]);
  expect(readdirSync(tokenDir).filter((name) => name.includes('.damaged-'))).toHaveLength(2);
});

it.skipIf(process.getuid?.() !== 0)(
  'T5: says that a token could not be kept, and goes on with the old one (needs root)',
  async () => {
    const browser = new Browser();
    await browser.connect('dhan');
    const before = tokens()[1];
    execFileSync('mount', ['--bind', tokenDir, tokenDir]);
    try {
      execFileSync('mount', ['-o', 'remount,bind,ro', tokenDir]);
      expect(await failure(await browser.connect('dhan'))).toEqual([503, 'store_failed']);
      expect(tokens()[1]).toBe(before);
    } finally {
      execFileSync('umount', ['--lazy', tokenDir]);
    }
  },
);

it('S16: leaves no token, secret or state in Redis beyond the copy that was asked for', async () => {
  const browser = new Browser();
  const page = await browser.begin('kite');
  const back = await browser.press(page, 'allow');
  await browser.comeBack(back);
  await browser.connect('dhan');
  await browser.begin('dhan');
  const { redis } = services();
  const secrets = [
    ...tokens(),
    back.searchParams.get('state') ?? '',
    browser.cookie.split('=')[1] ?? '',
    'demo-kite-secret',
  ];
  for (const key of await redis.keys('*')) {
    const value =
      key in Object.fromEntries(Object.values(KEYS.kiteTokenCopy).map((name) => [name, true]))
        ? ''
        : await redis.get(key);
    for (const secret of secrets) expect(`${key} ${value}`).not.toContain(secret);
  }
});

it('S16: leaves no token, secret or state in the database', async () => {
  const browser = new Browser();
  const page = await browser.begin('kite');
  await browser.comeBack(await browser.press(page, 'allow'));
  await browser.connect('dhan');
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ detail: string }>('SELECT detail FROM gehra.audit');
  await client.end();
  expect(rows.length).toBeGreaterThan(1);
  for (const { detail } of rows) for (const token of tokens()) expect(detail).not.toContain(token);
});
