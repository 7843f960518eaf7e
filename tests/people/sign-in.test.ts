/** Signing in and out: sections B of the security checks, by their numbers. */
import { createHmac } from 'node:crypto';
import { encode } from 'next-auth/jwt';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../lib/config/config.ts';
import { services } from '../../lib/services/context.ts';
import { signIn } from '../../lib/services/sign-in.ts';
import { signInLink } from '../../scripts/instance/sign-in.ts';
import { median } from '../support/median.ts';
import { addTestPerson, ORIGIN, PASSWORD, signedIn, Visitor } from '../support/visitor.ts';
import { AUTH_SECRET, World } from './world.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
let world: World;

beforeAll(async () => {
  world = await World.begin();
});
afterAll(() => world.stop());
beforeEach(() => world.calm());

const rows = async <Row extends object>(sql: string, values: unknown[] = []): Promise<Row[]> =>
  (await services().db.query<Row>(sql, values)).rows;

describe('signing in', () => {
  it('opens everything to who knows the password, under whatever case the name is typed', async () => {
    const visitor = new Visitor();
    expect(await visitor.status()).toBe(401);
    const answer = await visitor.signIn('aSHA', PASSWORD, { callbackUrl: '/live/NFO:NIFTY?x=1#y' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ url: '/live/NFO:NIFTY?x=1#y' });
    const me = await visitor.ask('GET', '/api/me');
    expect(await me.json()).toEqual({ via: 'session', name: 'Asha', role: 'owner', simulated: false });
    const audit = await rows(`SELECT who, action FROM gehra.audit WHERE action = 'signed_in'`);
    expect(audit).toContainEqual({ who: 'Asha', action: 'signed_in' });
  });

  it('S9: begins by POST alone, from our own pages, with the token of a page', async () => {
    const visitor = new Visitor();
    const csrfToken = await visitor.csrfToken();
    const body = { csrfToken, name: 'Asha', password: PASSWORD, json: 'true' };
    const path = '/api/auth/callback/credentials';
    for (const asked of ['/api/auth/signin', path, '/api/auth/signout']) {
      expect((await visitor.ask('GET', asked)).status, asked).toBe(405);
    }
    const refused = async (change: object, headers: Record<string, string | null> = {}) =>
      (await visitor.ask('POST', path, { body: { ...body, ...change }, headers })).status;
    expect(await refused({ csrfToken: undefined })).toBe(403);
    expect(await refused({ csrfToken: 'f'.repeat(64) })).toBe(403);
    expect(await refused({}, { cookie: null })).toBe(403);
    expect(await refused({}, { origin: null })).toBe(403);
    expect(await refused({}, { origin: 'https://evil.example' })).toBe(403);
    expect(await refused({}, { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await visitor.status()).toBe(401);
    expect(await refused({})).toBe(200);
  });

  it.each([
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/%09/evil.example',
    'javascript:alert(1)',
    'https:evil.example',
  ])('S10: stays on this server, whatever next= says: %s', async (callbackUrl) => {
    const answer = await new Visitor().signIn('Asha', PASSWORD, { callbackUrl });
    expect(answer.status).toBe(200);
    const { url } = (await answer.json()) as { url: string };
    expect(new URL(url, ORIGIN).origin).toBe(ORIGIN);
    const plain = new Visitor();
    const csrfToken = await plain.csrfToken();
    const form = new URLSearchParams({ csrfToken, name: 'Asha', password: PASSWORD, callbackUrl });
    const sent = await plain.ask('POST', '/api/auth/callback/credentials', {
      body: form.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(sent.status).toBe(303);
    expect(new URL(sent.headers.get('location') ?? '', ORIGIN).origin).toBe(ORIGIN);
  });

  it('S43: answers 400 to a callbackUrl that is none, and takes one in a cookie for none', async () => {
    expect((await new Visitor().signIn('Asha', PASSWORD, { callbackUrl: 'http://[' })).status).toBe(400);
    const visitor = new Visitor();
    visitor.cookies.set('gehra.next', encodeURIComponent('http://['));
    const answer = await visitor.signIn('Asha');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ url: '/' });
  });

  it('S27: tells nobody which names there are, neither in words nor in time', { timeout: 240_000 }, async () => {
    const [known, unknown] = [new Visitor(), new Visitor()];
    const [a, b] = [await known.signIn('Asha', 'wrong password'), await unknown.signIn('Nobody', 'wrong password')];
    expect([b.status, await b.text()]).toEqual([a.status, await a.text()]);
    expect(Object.fromEntries(b.headers)).toEqual(Object.fromEntries(a.headers));
    expect(a.status).toBe(401);

    const timed = async (name: string): Promise<number> => {
      world.calm();
      const began = performance.now();
      await expect(signIn({ name, password: 'wrong password' }, '203.0.113.9')).rejects.toThrow('wrong');
      return performance.now() - began;
    };
    const times = { known: [] as number[], unknown: [] as number[] };
    for (let i = 0; i < 200; i += 1) {
      times.known.push(await timed('Asha'));
      times.unknown.push(await timed('Nobody'));
    }
    expect(Math.abs(median(times.known) - median(times.unknown)), 'difference of the medians, ms').toBeLessThan(20);
  });

  it('S28: refuses an address after ten wrong passwords in a minute, and says when to come again', {
    timeout: 240_000,
  }, async () => {
    const visitor = new Visitor();
    const answers = [];
    for (let i = 0; i < 200; i += 1) answers.push(await visitor.signIn(`name ${i}`, 'wrong password'));
    const late = answers.filter(({ status }) => status === 429);
    expect(late.length).toBeGreaterThanOrEqual(190);
    for (const { headers } of late) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    // The right password does not help there; elsewhere it does.
    expect((await visitor.signIn('Asha')).status).toBe(429);
    expect((await new Visitor('203.0.113.77').signIn('Asha')).status).toBe(200);
  });

  it('refuses a name after thirty wrong passwords from wherever', async () => {
    const statuses = [];
    for (let i = 0; i < 31; i += 1) statuses.push((await new Visitor(`198.51.100.${i}`).signIn('Vik', 'wrong')).status);
    expect(statuses.slice(0, 30).every((status) => status === 401)).toBe(true);
    expect(statuses.at(-1)).toBe(429);
  });

  it('lets nobody be shut out where they have been, nor by a link that gives a new password', async () => {
    await addTestPerson('Vera', 'viewer');
    expect((await new Visitor('203.0.113.50').signIn('Vera')).status).toBe(200);
    const there = await signedIn('Vera', '203.0.113.50');
    for (let i = 0; i < 31; i += 1) await new Visitor(`198.51.100.${i}`).signIn('Vera', 'wrong');
    expect((await new Visitor('203.0.113.51').signIn('Vera')).status).toBe(429);
    expect((await new Visitor('203.0.113.50').signIn('Vera')).status).toBe(200);
    expect((await there.ask('POST', '/api/account/confirm', { body: { password: PASSWORD } })).status).toBe(204);
    const { path } = await signInLink(world.databaseUrl, 'Vera', services().nowMs());
    const code = new URL(path, ORIGIN).searchParams.get('code');
    const visitor = new Visitor('203.0.113.52');
    expect(
      (await visitor.ask('POST', '/api/setup', { body: { code, name: '', password: 'a new one for Vera' } })).status,
    ).toBe(200);
    expect((await new Visitor('203.0.113.53').signIn('Vera', 'a new one for Vera')).status).toBe(200);
  });

  it('takes no name with NUL', async () => {
    expect((await new Visitor().signIn('a\0b')).status).toBe(400);
  });

  it('does not count what was right', async () => {
    for (let i = 0; i < 15; i += 1) expect((await new Visitor().signIn('Asha')).status).toBe(200);
  });

  it('S31: keeps argon2id hashes with 32 MiB, two passes and a salt of their own', async () => {
    const hashes = await rows<{ hash: string }>('SELECT password_hash AS hash FROM gehra.people');
    for (const { hash } of hashes) expect(hash).toMatch(/^\$argon2id\$v=19\$m=32768,t=2,p=1\$/);
    expect(new Set(hashes.map(({ hash }) => hash)).size).toBe(hashes.length);
  });

  it('S32: looks at two passwords at once and sends the rest away for a second', async () => {
    const visitors = Array.from({ length: 50 }, (_, i) => new Visitor(`198.51.100.${i}`));
    await Promise.all(visitors.map((visitor) => visitor.csrfToken()));
    const answers = await Promise.all(visitors.map((visitor) => visitor.signIn('Asha', 'wrong password')));
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(20);
  });

  it('S44: starts with no secret that is too short', () => {
    expect(() => loadConfig({ AUTH_SECRET: 'x'.repeat(31) })).toThrow('AUTH_SECRET has fewer than 32 characters');
  });

  it('S52, S80: takes nothing that it does not know', async () => {
    const visitor = new Visitor();
    expect((await visitor.signIn('Asha', PASSWORD, { role: 'owner' })).status).toBe(400);
    const csrfToken = await visitor.csrfToken();
    const body = `{"csrfToken":"${csrfToken}","name":"Vik","password":"${PASSWORD}","__proto__":{"role":"owner"},"json":"true"}`;
    expect((await visitor.ask('POST', '/api/auth/callback/credentials', { body })).status).toBe(400);
    expect(Object.hasOwn(Object.prototype, 'role')).toBe(false);
  });

  it('S81: a name with line ends and escapes is one of nobody, and stands in no log', async () => {
    const name = 'Asha\r\n{"level":"info"}\u001b[31m';
    expect((await new Visitor().signIn(name, 'wrong password')).status).toBe(401);
    const found = await rows(`SELECT who FROM gehra.audit WHERE who ~ '[\\r\\n]' OR detail ~ '[\\r\\n]'`);
    expect(found).toEqual([]);
  });

  it('what next-auth has besides is closed', async () => {
    for (const action of ['session', 'providers', 'verify-request', '_log', 'signin/credentials', 'signin/oidc']) {
      const visitor = new Visitor();
      for (const method of ['GET', 'POST'] as const) {
        expect([404, 405], `${method} ${action}`).toContain((await visitor.ask(method, `/api/auth/${action}`)).status);
      }
    }
  });
});

describe('a session', () => {
  it('S35: over https is kept by a cookie that only this host gets, over https, and no script reads', async () => {
    const visitor = new Visitor('203.0.113.5', 'https://gehra.test');
    const answer = await visitor.signIn('Asha');
    const cookies = answer.headers.getSetCookie();
    const session = cookies.find((cookie) => cookie.startsWith('__Host-gehra.session='));
    expect(session).toBeDefined();
    for (const cookie of cookies) {
      expect(cookie).toMatch(/^__Host-gehra\./);
      expect(cookie.split('; ')).toEqual(expect.arrayContaining(['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']));
      expect(cookie).not.toContain('Domain=');
    }
    expect(await visitor.status()).toBe(200);
  });

  it('over http has all of that but for https', async () => {
    const answer = await new Visitor().signIn('Asha');
    const session = answer.headers.getSetCookie().find((cookie) => cookie.startsWith('gehra.session='));
    expect(session?.split('; ')).toEqual(expect.arrayContaining(['Path=/', 'HttpOnly', 'SameSite=Lax']));
  });

  it('S37: ends with signing out, also for who has a copy of the cookie', async () => {
    const visitor = await signedIn('Asha');
    const thief = visitor.copy();
    expect(await thief.status()).toBe(200);
    expect((await visitor.signOut()).status).toBe(200);
    expect(visitor.cookies.has('gehra.session')).toBe(false);
    expect(await thief.status()).toBe(401);
  });

  it('S38: ends after ten idle hours, and after 24 in all', async () => {
    const idle = await signedIn('Asha');
    world.turn(10 * HOUR_MS - MINUTE_MS);
    expect(await idle.status()).toBe(200);
    world.turn(9 * HOUR_MS);
    expect(await idle.status()).toBe(200);
    world.turn(5 * HOUR_MS);
    expect(await idle.status(), 'almost 24 hours').toBe(200);
    world.turn(2 * MINUTE_MS);
    expect(await idle.status(), 'more than 24 hours').toBe(401);
    world.calm();
    const away = await signedIn('Asha');
    world.turn(10 * HOUR_MS + MINUTE_MS);
    expect(await away.status()).toBe(401);
  });

  it('S41: is not begun by a cookie that was changed, has expired, is unsigned or of another key', async () => {
    const visitor = await signedIn('Asha');
    const cookie = visitor.cookies.get('gehra.session') ?? '';
    const payload = Buffer.from(JSON.stringify({ secret: 'x', exp: 9_999_999_999 })).toString('base64url');
    const head = (alg: string) => Buffer.from(JSON.stringify({ alg, typ: 'JWT' })).toString('base64url');
    const signed = `${head('HS256')}.${payload}`;
    const tries: Record<string, string> = {
      changed: `${cookie.slice(0, -8)}AAAAAAAA`,
      'cut off': cookie.slice(0, 40),
      empty: '""',
      'alg none': `${head('none')}.${payload}.`,
      'a plain signature': `${signed}.${createHmac('sha256', AUTH_SECRET).update(signed).digest('base64url')}`,
      expired: await encode({ token: { secret: 'x' }, secret: AUTH_SECRET, maxAge: -60 }),
      'another key': await encode({ token: { secret: 'x' }, secret: 'b'.repeat(40) }),
      'a session that there is not': await encode({ token: { secret: 'x' }, secret: AUTH_SECRET }),
      'no text': await encode({ token: { secret: 5 }, secret: AUTH_SECRET }),
    };
    for (const [what, value] of Object.entries(tries)) {
      visitor.cookies.set('gehra.session', value);
      expect(await visitor.status(), what).toBe(401);
    }
    visitor.cookies.set('gehra.session', cookie);
    expect(await visitor.status()).toBe(200);
  });

  it('is a new one at each sign-in: none that was there before goes on', async () => {
    const visitor = new Visitor();
    visitor.cookies.set('gehra.session', 'planted');
    await visitor.signIn('Asha');
    const first = visitor.copy();
    await visitor.signIn('Vik');
    expect(visitor.cookies.get('gehra.session')).not.toBe(first.cookies.get('gehra.session'));
    expect(await first.status()).toBe(401);
    expect(await (await visitor.ask('GET', '/api/me')).json()).toMatchObject({ name: 'Vik', role: 'viewer' });
  });

  it('S46: ends when the person is disabled', async () => {
    const id = await addTestPerson('Gone', 'viewer');
    const [owner, gone] = [await signedIn('Asha'), await signedIn('Gone')];
    expect((await owner.ask('PATCH', '/api/people', { body: { id, disabled: true } })).status).toBe(204);
    expect(await gone.status()).toBe(401);
    expect((await gone.signIn('Gone')).status).toBe(401);
    await owner.ask('PATCH', '/api/people', { body: { id, disabled: false } });
    expect(await gone.status(), 'the old session does not come back').toBe(401);
    expect((await gone.signIn('Gone')).status).toBe(200);
  });

  it('stands in the database as a hash', async () => {
    const visitor = await signedIn('Asha');
    const [{ text = '' } = {}] = await rows<{ text: string }>(
      `SELECT string_agg(session::text, ' ') AS text FROM gehra.sessions AS session`,
    );
    expect(text).not.toContain(visitor.cookies.get('gehra.session'));
  });
});
