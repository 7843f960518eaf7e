import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { describeWithShared, readSharedJson } from '../tests/support/shared.ts';
import { type TestExchange, testExchange } from './testing/exchange.ts';
import { DEMO } from './tokens.ts';

const HOUR_MS = 3_600_000;

/** Presses a button of Kite's or Dhan's page. @returns where it leads */
async function press(exchange: TestExchange, path: string, fields: Record<string, string>): Promise<URL> {
  const response = await fetch(exchange.address + path, {
    method: 'POST',
    body: new URLSearchParams(fields),
    redirect: 'manual',
  });
  expect(response.status).toBe(302);
  return new URL(response.headers.get('location') ?? '');
}

async function kiteRequestToken(exchange: TestExchange): Promise<string> {
  const back = await press(exchange, '/kite/connect/finish', { answer: 'allow', redirect_params: 'state=abc' });
  return back.searchParams.get('request_token') ?? '';
}

const checksum = (requestToken: string, secret: string = DEMO.kite.apiSecret): string =>
  createHash('sha256').update(`demo${requestToken}${secret}`).digest('hex');

async function exchangeKite(exchange: TestExchange, requestToken: string, sum = checksum(requestToken)) {
  const response = await fetch(`${exchange.address}/session/token`, {
    method: 'POST',
    body: new URLSearchParams({ api_key: 'demo', request_token: requestToken, checksum: sum }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const kiteToken = async (exchange: TestExchange): Promise<string> => {
  const { body } = await exchangeKite(exchange, await kiteRequestToken(exchange));
  return (body.data as { access_token: string }).access_token;
};

const kiteProfile = (exchange: TestExchange, token: string): Promise<Response> =>
  exchange.get('/user/profile', { authorization: `token demo:${token}` });

const KEY = { app_id: DEMO.dhan.apiKey, app_secret: DEMO.dhan.apiSecret };

async function dhanCall(exchange: TestExchange, path: string, method = 'POST', headers: Record<string, string> = KEY) {
  const response = await fetch(`${exchange.address}/dhan${path}`, { method, headers });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
}

async function dhanTokenId(exchange: TestExchange): Promise<string> {
  const { body } = await dhanCall(exchange, '/app/generate-consent?client_id=1000000001');
  const consentAppId = body.consentAppId ?? '';
  const back = await press(exchange, '/dhan/login/finish', { answer: 'allow', consentAppId });
  expect(back.pathname).toBe('/api/dhan/callback/');
  return back.searchParams.get('tokenId') ?? '';
}

async function dhanGrant(exchange: TestExchange): Promise<string> {
  const { body } = await dhanCall(exchange, `/app/consumeApp-consent?tokenId=${await dhanTokenId(exchange)}`);
  return body.accessToken ?? '';
}

describeWithShared('protocols/fixtures', 'the shapes of the brokers', () => {
  const keysOf = (value: unknown): string[] => Object.keys(value as object).toSorted();

  it("are Kite's of its own samples", async () => {
    const exchange = await testExchange();
    const sample = readSharedJson<{ data: object }>('protocols/fixtures/kite/mocks/generate_session.json');
    const { body } = await exchangeKite(exchange, await kiteRequestToken(exchange));
    expect(keysOf(body.data)).toEqual(keysOf(sample.data));
    const profile = readSharedJson<{ data: object }>('protocols/fixtures/kite/mocks/profile.json');
    const answer = await kiteProfile(exchange, (body.data as { access_token: string }).access_token);
    expect(keysOf(((await answer.json()) as { data: object }).data)).toEqual(keysOf(profile.data));
    for (const { body: words, when } of readSharedJson<{ body: unknown; when?: string }[]>(
      'protocols/fixtures/kite/authored/rest_errors.json',
    )) {
      if (when?.includes('used or old')) expect((await exchangeKite(exchange, 'used')).body).toEqual(words);
      if (!when?.includes('bad checksum')) continue;
      const requestToken = await kiteRequestToken(exchange);
      expect((await exchangeKite(exchange, requestToken, checksum(requestToken, 'other'))).body).toEqual(words);
    }
  });

  it("are Dhan's of the documents", async () => {
    const exchange = await testExchange();
    const shapes = readSharedJson<Record<string, object>>('protocols/fixtures/dhan/authored/rest_shapes.json');
    const { body: consent } = await dhanCall(exchange, '/app/generate-consent?client_id=1000000001');
    expect(keysOf(consent)).toEqual(keysOf(shapes['app/generate-consent']));
    const { body } = await dhanCall(exchange, `/app/consumeApp-consent?tokenId=${await dhanTokenId(exchange)}`, 'GET');
    expect(keysOf(body)).toEqual(keysOf(shapes['app/consumeApp-consent']));
    const token = body.accessToken ?? '';
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
    expect(keysOf(claims)).toEqual(keysOf(shapes.jwt_payload_claims_seen));
    const profile = await dhanCall(exchange, '/v2/profile', 'GET', { 'access-token': token });
    expect(keysOf(profile.body)).toEqual(keysOf(shapes.profile));
    const renewed = await dhanCall(exchange, '/v2/RenewToken', 'GET', {
      'access-token': token,
      dhanClientId: '1000000001',
    });
    expect(keysOf(renewed.body)).toEqual(keysOf(shapes.RenewToken));
    const refused = await dhanCall(exchange, '/v2/profile', 'GET', { 'access-token': token });
    expect(refused.body).toEqual((shapes.errors as Record<string, unknown>).invalid_token_seen_on_profile);
  });
});

it('takes the official Kite client through login, profile and logout', async () => {
  const { KiteConnect } = await import('kiteconnect');
  const exchange = await testExchange();
  const kite = new KiteConnect({ api_key: 'demo', root: exchange.address });
  const session = await kite.generateSession(await kiteRequestToken(exchange), DEMO.kite.apiSecret);
  expect(session).toMatchObject({ user_id: 'DEM001', access_token: expect.stringMatching(/^\w{32}$/) });
  kite.setAccessToken(session.access_token);
  expect(await kite.getProfile()).toMatchObject({ user_id: 'DEM001', user_name: 'Demo User', broker: 'ZERODHA' });
  expect(await kite.invalidateAccessToken()).toBe(true);
  await expect(kite.getProfile()).rejects.toMatchObject({ error_type: 'TokenException' });
  await expect(kite.generateSession(await kiteRequestToken(exchange), 'wrong')).rejects.toMatchObject({
    message: 'Invalid `checksum`.',
  });
});

it('shows pages with both answers, and hands the state back', async () => {
  const exchange = await testExchange();
  const page = await exchange.get('/kite/connect/login?v=3&api_key=demo&redirect_params=state%3D%3Cabc%22');
  const html = await page.text();
  expect(html).toContain('Log in as demo user');
  expect(html).toContain('value="state=&lt;abc&quot;"');
  expect((await exchange.get('/kite/connect/login?v=3&api_key=other')).status).toBe(400);
  const allowed = await press(exchange, '/kite/connect/finish', { answer: 'allow', redirect_params: 'state=abc' });
  expect(Object.fromEntries(allowed.searchParams)).toMatchObject({ state: 'abc', status: 'success', action: 'login' });
  const denied = await press(exchange, '/kite/connect/finish', { answer: 'deny', redirect_params: 'state=abc' });
  expect(denied.searchParams.get('status')).not.toBe('success');
  expect(denied.searchParams.has('request_token')).toBe(false);
  expect((await exchange.get('/dhan/login/consentApp-login?consentAppId=unknown')).status).toBe(400);
});

it('takes a request token once, and for some minutes of its own time', async () => {
  const exchange = await testExchange();
  const requestToken = await kiteRequestToken(exchange);
  expect((await exchangeKite(exchange, requestToken)).status).toBe(200);
  expect((await exchangeKite(exchange, requestToken)).status).toBe(403);
  const late = await kiteRequestToken(exchange);
  await exchange.advance(5 * 60_000);
  expect((await exchangeKite(exchange, late)).status).toBe(403);
  const tokenId = await dhanTokenId(exchange);
  await exchange.advance(5 * 60_000);
  expect((await dhanCall(exchange, `/app/consumeApp-consent?tokenId=${tokenId}`)).status).toBe(400);
});

it('ends a Kite token at 06:00 IST of its own time, and a Dhan token after 24 hours', {
  timeout: 120_000,
}, async () => {
  // The day begins at 09:15 IST, with a market that has nothing to send.
  const exchange = await testExchange({ session: 'nse' });
  const kite = await kiteToken(exchange);
  const dhan = await dhanGrant(exchange);
  await exchange.advance(8 * HOUR_MS);
  await exchange.advance(8 * HOUR_MS);
  await exchange.advance(4.9 * HOUR_MS);
  expect((await kiteProfile(exchange, kite)).status).toBe(200);
  await exchange.advance(0.2 * HOUR_MS);
  expect((await kiteProfile(exchange, kite)).status).toBe(403);
  expect((await dhanCall(exchange, '/v2/profile', 'GET', { 'access-token': dhan })).status).toBe(200);
  await exchange.advance(3 * HOUR_MS);
  expect((await dhanCall(exchange, '/v2/profile', 'GET', { 'access-token': dhan })).status).toBe(401);
});

it('gives a second login to Kite the same token, or a new one that ends the old: as it is told', async () => {
  const exchange = await testExchange();
  const first = await kiteToken(exchange);
  expect(await kiteToken(exchange)).toBe(first);
  await exchange.order('settings', { kiteSecondLogin: 'new' });
  const second = await kiteToken(exchange);
  expect(second).not.toBe(first);
  expect((await kiteProfile(exchange, first)).status).toBe(403);
  await exchange.order('elsewhere', { broker: 'kite' });
  expect((await kiteProfile(exchange, second)).status).toBe(403);
});

it('lets one Dhan token of a client live at a time', async () => {
  const exchange = await testExchange();
  const first = await dhanGrant(exchange);
  const second = await dhanGrant(exchange);
  expect((await dhanCall(exchange, '/v2/profile', 'GET', { 'access-token': first })).status).toBe(401);
  await exchange.order('elsewhere', { broker: 'dhan' });
  expect((await dhanCall(exchange, '/v2/profile', 'GET', { 'access-token': second })).status).toBe(401);
});

it('answers a verb that it is told not to know with 405, and a twenty-sixth consent of a day with a refusal', async () => {
  const exchange = await testExchange();
  await exchange.order('settings', { dhanConsumeVerbs: 'GET' });
  const tokenId = await dhanTokenId(exchange);
  expect((await dhanCall(exchange, `/app/consumeApp-consent?tokenId=${tokenId}`)).status).toBe(405);
  expect((await dhanCall(exchange, `/app/consumeApp-consent?tokenId=${tokenId}`, 'GET')).status).toBe(200);
  for (let i = 0; i < 24; i += 1) await dhanCall(exchange, '/app/generate-consent?client_id=1000000001');
  expect((await dhanCall(exchange, '/app/generate-consent?client_id=1000000001')).body.errorMessage).toMatch(/limit/);
});

it.each([
  ['token', 403],
  ['secret', 403],
  ['server_error', 500],
  ['html_502', 502],
  ['limit', 429],
  ['redirect', 302],
  ['html_200', 200],
] as const)('fails a call with %s when told to, so many times, and counts it', async (as, status) => {
  const exchange = await testExchange();
  await exchange.order('fail', { call: 'kite_profile', as });
  const failed = await fetch(`${exchange.address}/kite/user/profile`, { redirect: 'manual' });
  expect(failed.status).toBe(status);
  expect((await kiteProfile(exchange, 'demo')).status).toBe(200);
  expect(await (await exchange.get('/control/state')).json()).toMatchObject({ login_calls: { kite_profile: 2 } });
});
