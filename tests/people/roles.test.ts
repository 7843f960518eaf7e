/** Who may do what: section C of the security checks, by their numbers, over every route that there is. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { services } from '../../lib/services/context.ts';
import { type ApiRoute, apiRoutes, METHODS, samplePath } from '../support/api-routes.ts';
import { median } from '../support/median.ts';
import { addTestPerson, ORIGIN, PASSWORD, signedIn, Visitor } from '../support/visitor.ts';
import { World } from './world.ts';

const MINUTE_MS = 60_000;
/** Routes that ask nobody who they are, and why they need not. */
const OPEN: Readonly<Record<string, string>> = {
  '/api/auth/[...nextauth]': 'signs in',
  '/api/setup': 'takes a one-time link',
  '/api/health/live': 'says that the process runs',
};

/** Routes that S67 passes over, and why. */
const NOTHING_TO_CHANGE: Readonly<Record<string, string>> = {
  '/api/auth/[...nextauth]': 'has a token of its own against it',
  '/api/[...unknown]': 'says that there is nothing, whoever asks how',
};

/** Somebody follows a link there: a redirect to the sign-in, where others refuse. */
const LINKS = /^\/api\/(kite|dhan)\/(login|callback)$/;

/** A key may ask so often in a second. */
const ASKED_OF_A_KEY = 20;

let world: World;
let all: ApiRoute[];

beforeAll(async () => {
  world = await World.begin();
  all = await apiRoutes();
});
afterAll(() => world.stop());
beforeEach(() => world.calm());

/** What the tables of people, keys and links hold, but for when somebody was seen. */
async function state(): Promise<unknown> {
  const { rows } = await services().db.query(
    `SELECT (SELECT json_agg(p ORDER BY person_id) FROM gehra.people AS p) AS people,
       (SELECT json_agg(to_jsonb(k) - 'last_used' ORDER BY key_id) FROM gehra.api_keys AS k) AS keys,
       (SELECT json_agg(l ORDER BY code_hash) FROM gehra.one_time_links AS l) AS links`,
  );
  return rows[0];
}

async function makeKey(owner: Visitor, scope: 'read' | 'full', name = 'a script'): Promise<string> {
  const answer = await owner.ask('POST', '/api/keys', { body: { name, scope } });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { key: string }).key;
}

const withKey = (key: string) => ({ headers: { authorization: `Bearer ${key}`, cookie: null, origin: null } });

describe('every route', () => {
  it('S47, S49: answers 401 to who is not known, without a proxy before it', async () => {
    const closed = all.filter(({ path }) => !(path in OPEN));
    expect(closed.length).toBeGreaterThan(10);
    for (const route of closed) {
      const what = `${route.method} ${route.path}`;
      expect(route.role, `${what} says whom it is for`).toBeDefined();
      const spoofs: Record<string, string>[] = [
        {},
        { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
        { 'x-gehra-person': '1' },
      ];
      for (const headers of spoofs) {
        const answer = await new Visitor().ask(route.method, samplePath(route), { headers });
        expect(answer.headers.get('cache-control'), what).toBe('no-store');
        if (LINKS.test(route.path)) {
          expect([answer.status, answer.headers.get('location')], what).toEqual([
            302,
            expect.stringMatching(/^\/login\?next=%2F(connections|api%2F)/),
          ]);
          continue;
        }
        expect(answer.status, what).toBe(401);
        expect(await answer.json(), what).toMatchObject({ status: 401, title: 'Signed out' });
      }
    }
  });

  it('S50: for owners answers 403 to a viewer, and changes nothing', async () => {
    const forOwners = all.filter(({ role }) => role === 'owner');
    expect(forOwners.length).toBeGreaterThan(5);
    const before = await state();
    const viewer = await signedIn('Vik');
    for (const route of forOwners) {
      const answer = await viewer.ask(route.method, samplePath(route), route.method === 'GET' ? {} : { body: {} });
      expect(answer.status, `${route.method} ${route.path}`).toBe(403);
    }
    const owner = await signedIn('Asha');
    const readers: string[] = [];
    while (readers.length * ASKED_OF_A_KEY < forOwners.length) readers.push(await makeKey(owner, 'read'));
    const afterKey = await state();
    for (const [i, route] of forOwners.entries()) {
      const reader = readers[Math.floor(i / ASKED_OF_A_KEY)] as string;
      const answer = await new Visitor().ask(route.method, samplePath(route), withKey(reader));
      expect(answer.status, `${route.method} ${route.path} with a key that only reads`).toBe(403);
    }
    expect(await state()).toEqual(afterKey);
    expect({ ...(afterKey as object), keys: null }).toEqual({ ...(before as object), keys: null });
  });

  it('S67: that changes something is for our own pages: 403 to all others', async () => {
    const owner = await signedIn('Asha');
    const changing = all.filter(({ method, path }) => method !== 'GET' && !(path in NOTHING_TO_CHANGE));
    const before = await state();
    for (const route of changing) {
      const tries: Record<string, Record<string, string | null>> = {
        'no origin': { origin: null },
        'another origin': { origin: 'https://evil.example' },
        'an origin that is none': { origin: 'null' },
        'another site': { 'sec-fetch-site': 'cross-site' },
        'a form': { 'content-type': 'application/x-www-form-urlencoded' },
        text: { 'content-type': 'text/plain' },
      };
      for (const [what, headers] of Object.entries(tries)) {
        const answer = await owner.ask(route.method, samplePath(route), { body: '{}', headers });
        expect(answer.status, `${route.method} ${route.path}, ${what}`).toBe(403);
      }
    }
    expect(await state()).toEqual(before);
  });

  it('that there is not answers with a problem to who is known, whatever the method', async () => {
    const viewer = await signedIn('Vik');
    for (const method of METHODS) {
      const answer = await viewer.ask(method, '/api/kite/orders?id=1', method === 'GET' ? {} : { body: {} });
      expect(answer.status, method).toBe(404);
      expect(answer.headers.get('content-type'), method).toBe('application/problem+json');
      expect(await answer.json(), method).toMatchObject({
        status: 404,
        detail: 'There is nothing at /api/kite/orders.',
      });
      expect((await new Visitor().ask(method, '/api/kite/orders')).status, `${method}, nobody`).toBe(401);
    }
  });

  it('S69: that takes a body takes 64 KiB', async () => {
    const owner = await signedIn('Asha');
    const body = JSON.stringify({ name: 'x'.repeat(64 * 1024), scope: 'read' });
    expect((await owner.ask('POST', '/api/keys', { body })).status).toBe(413);
  });
});

describe('keys of scripts', () => {
  it('S53: are shown once, and kept as the SHA-256 of 256 random bits', async () => {
    const owner = await signedIn('Asha');
    const key = await makeKey(owner, 'read', 'nightly');
    expect(key).toMatch(/^gehra_[\w-]{43}$/);
    const list = await (await owner.ask('GET', '/api/keys')).text();
    expect(list).toContain('nightly');
    expect(list).toContain(key.slice(0, 10));
    expect(list).not.toContain(key.slice(10));
    expect(JSON.stringify(await state())).not.toContain(key.slice(10));
    const { rows } = await services().db.query<{ bytes: number }>(
      'SELECT octet_length(key_hash) AS bytes FROM gehra.api_keys',
    );
    expect(rows.every(({ bytes }) => bytes === 32)).toBe(true);
  });

  it('S56: open what their scope says, without Origin and without a cookie', async () => {
    const owner = await signedIn('Asha');
    const [reader, full] = [await makeKey(owner, 'read'), await makeKey(owner, 'full')];
    const me = await new Visitor().ask('GET', '/api/me', withKey(reader));
    expect(await me.json()).toMatchObject({ via: 'key', role: 'viewer', name: 'key a script' });
    expect((await new Visitor().ask('GET', '/api/people', withKey(reader))).status).toBe(403);
    expect((await new Visitor().ask('GET', '/api/people', withKey(full))).status).toBe(200);
    // Who may come in is decided by people.
    const asked = await new Visitor().ask('POST', '/api/keys', {
      ...withKey(full),
      body: { name: 'x', scope: 'full' },
    });
    expect(asked.status).toBe(403);
  });

  it('S55: are worth nothing once they are revoked, or their maker is disabled or owner no more', async () => {
    const owner = await signedIn('Asha');
    const full = await makeKey(owner, 'full', 'short-lived');
    const { keys } = (await (await owner.ask('GET', '/api/keys')).json()) as { keys: { id: number; name: string }[] };
    const id = keys.find(({ name }) => name === 'short-lived')?.id;
    expect((await owner.ask('DELETE', '/api/keys', { body: { id } })).status).toBe(204);
    expect((await new Visitor().ask('GET', '/api/me', withKey(full))).status).toBe(401);
    expect((await owner.ask('DELETE', '/api/keys', { body: { id } })).status, 'a second time').toBe(404);

    const of = await makeKey(owner, 'full');
    const asked = () => new Visitor().ask('GET', '/api/people', withKey(of)).then(({ status }) => status);
    expect(await asked()).toBe(200);
    await services().db.query(`UPDATE gehra.people SET role = 'viewer' WHERE name = 'Asha'`);
    expect(await asked()).toBe(403);
    await services().db.query(`UPDATE gehra.people SET disabled = true WHERE name = 'Asha'`);
    expect(await asked()).toBe(401);
    await services().db.query(`UPDATE gehra.people SET role = 'owner', disabled = false WHERE name = 'Asha'`);
  });

  it('that are none are no way in, beside a good cookie either', async () => {
    const owner = await signedIn('Asha');
    for (const key of ['gehra_nonsense', 'x'.repeat(5000), "' OR 1=1 --", '']) {
      const answer = await owner.ask('GET', '/api/me', { headers: { authorization: `Bearer ${key}` } });
      expect(answer.status, key).toBe(401);
    }
    const proxy = await owner.ask('GET', '/api/me', { headers: { authorization: 'Basic dXNlcjpwYXNz' } });
    expect(proxy.status, 'what a proxy in front asks for is not ours').toBe(200);
  });

  it('S57: take as long to be refused as to be taken', async () => {
    const owner = await signedIn('Asha');
    const key = await makeKey(owner, 'read');
    const timed = async (text: string): Promise<number> => {
      world.calm();
      const began = performance.now();
      await new Visitor().ask('GET', '/api/me', withKey(text));
      return performance.now() - began;
    };
    const times = { valid: [] as number[], invalid: [] as number[] };
    for (let i = 0; i < 500; i += 1) {
      times.valid.push(await timed(key));
      times.invalid.push(await timed(`${key.slice(0, -4)}AAAA`));
    }
    expect(Math.abs(median(times.valid) - median(times.invalid)), 'difference of the medians, ms').toBeLessThan(5);
  });

  it('S58: may ask 20 times a second, 40 at once, each for itself', async () => {
    const owner = await signedIn('Asha');
    const [busy, other] = [await makeKey(owner, 'read'), await makeKey(owner, 'read')];
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => new Visitor().ask('GET', '/api/me', withKey(busy))),
    );
    const statuses = answers.map(({ status }) => status);
    // The second may end within the hundred: then twenty more are let through.
    const passed = statuses.filter((status) => status === 200).length;
    expect(passed).toBeGreaterThanOrEqual(40);
    expect(passed).toBeLessThanOrEqual(60);
    expect(answers.find(({ status }) => status === 429)?.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await new Visitor().ask('GET', '/api/me', withKey(other))).status).toBe(200);
  });
});

describe('people', () => {
  it('S52: are changed by what is known, and nothing else', async () => {
    const owner = await signedIn('Asha');
    for (const body of [
      { id: 2, role: 'root' },
      { id: 2, role: 'viewer', userId: 1 },
      { id: '2 OR 1=1', role: 'viewer' },
      { id: -1 },
      { role: 'viewer' },
    ]) {
      expect((await owner.ask('PATCH', '/api/people', { body })).status, JSON.stringify(body)).toBe(400);
    }
  });

  it('S51: that there are not are 404', async () => {
    const owner = await signedIn('Asha');
    expect((await owner.ask('PATCH', '/api/people', { body: { id: 999, disabled: true } })).status).toBe(404);
    expect((await owner.ask('POST', '/api/people/link', { body: { id: 999 } })).status).toBe(404);
    expect((await owner.ask('DELETE', '/api/keys', { body: { id: 999 } })).status).toBe(404);
  });

  it('take back what they have handed out when they may hand out nothing any more', async () => {
    const owner = await signedIn('Asha');
    for (const [name, change] of [
      ['Owen', { disabled: true }],
      ['Odile', { role: 'viewer' }],
    ] as const) {
      const id = await addTestPerson(name, 'owner');
      const other = await signedIn(name);
      const invited = (await (await other.ask('POST', '/api/people', { body: { role: 'owner' } })).json()) as {
        path: string;
      };
      expect((await owner.ask('PATCH', '/api/people', { body: { id, ...change } })).status).toBe(204);
      const code = new URL(invited.path, ORIGIN).searchParams.get('code');
      const body = { code, name: `ghost of ${name}`, password: 'a password of its own' };
      expect((await new Visitor().ask('POST', '/api/setup', { body })).status, name).toBe(404);
    }
  });

  it('always have an owner among them', async () => {
    const owner = await signedIn('Asha');
    const { people } = (await (await owner.ask('GET', '/api/people')).json()) as {
      people: { id: number; self: boolean }[];
    };
    const id = people.find(({ self }) => self)?.id;
    for (const change of [{ role: 'viewer' }, { disabled: true }]) {
      const answer = await owner.ask('PATCH', '/api/people', { body: { id, ...change } });
      expect(answer.status).toBe(409);
      expect(((await answer.json()) as { detail: string }).detail).toContain('last owner');
    }
    expect(await owner.status()).toBe(200);
  });

  it('S40: are managed by who entered the password within a quarter of an hour', async () => {
    const owner = await signedIn('Asha');
    const viewerId = 2;
    const grave = () => owner.ask('POST', '/api/people/link', { body: { id: viewerId } });
    expect((await grave()).status).toBe(200);
    world.turn(15 * MINUTE_MS + 1000);
    const asked = await grave();
    expect(asked.status).toBe(403);
    expect(await asked.json()).toMatchObject({ title: 'Password needed' });
    expect((await owner.ask('GET', '/api/people')).status, 'seeing takes no password').toBe(200);
    const enter = (password: string) => owner.ask('POST', '/api/account/confirm', { body: { password } });
    expect((await enter('wrong password')).status).toBe(422);
    expect((await grave()).status).toBe(403);
    expect((await enter(PASSWORD)).status).toBe(204);
    expect((await grave()).status).toBe(200);
  });
});
