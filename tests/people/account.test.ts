/** One-time links, passwords and the second factor. */
import { Secret, TOTP } from 'otpauth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enabledOwners } from '../../db/people.ts';
import { services } from '../../lib/services/context.ts';
import { lookAtLink, makeLink } from '../../lib/services/one-time-links.ts';
import { firstOwnerLink, signInLink } from '../../scripts/instance/sign-in.ts';
import { addTestPerson, PASSWORD, signedIn, Visitor } from '../support/visitor.ts';
import { World } from './world.ts';

const MINUTE_MS = 60_000;
let world: World;

beforeAll(async () => {
  world = await World.begin();
});
afterAll(() => world.stop());
beforeEach(() => world.calm());

const codeOf = (path: string): string => new URL(path, 'http://x').searchParams.get('code') ?? '';
const setUp = (code: string, name: string, password = PASSWORD, visitor = new Visitor()) =>
  visitor.ask('POST', '/api/setup', { body: { code, name, password } });
const audited = async (action: string): Promise<string[]> =>
  (
    await services().db.query<{ detail: string }>('SELECT detail FROM gehra.audit WHERE action = $1', [action])
  ).rows.map(({ detail }) => detail);

describe('a one-time link', () => {
  it('S34: makes the first owner, once, within 15 minutes; there is no account before', async () => {
    const { db } = services();
    await db.query('UPDATE gehra.people SET disabled = true');
    expect(await enabledOwners(db)).toEqual([]);
    const late = codeOf((await firstOwnerLink(world.databaseUrl, services().nowMs())) ?? '');
    expect(await lookAtLink(late)).toMatchObject({ purpose: 'setup', role: 'owner' });
    world.turn(15 * MINUTE_MS + 1000);
    expect(await lookAtLink(late)).toBeNull();
    expect((await setUp(late, 'Late')).status).toBe(404);

    const [older, code] = [
      codeOf((await signInLink(world.databaseUrl, undefined, services().nowMs())).path),
      codeOf((await signInLink(world.databaseUrl, undefined, services().nowMs())).path),
    ];
    expect((await setUp(older, 'Older')).status, 'a newer one was made').toBe(404);
    const answers = await Promise.all([setUp(code, 'First'), setUp(code, 'Second')]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404]);
    expect(await enabledOwners(db)).toHaveLength(1);
    expect(await firstOwnerLink(world.databaseUrl, services().nowMs())).toBeUndefined();
    await db.query(`DELETE FROM gehra.people WHERE name IN ('First', 'Second')`);
    await db.query('UPDATE gehra.people SET disabled = false');
  });

  it('is no use with a password that is refused, or a name that is taken, and works on', async () => {
    const owner = await signedIn('Asha');
    const invited = await owner.ask('POST', '/api/people', { body: { role: 'viewer' } });
    const { path } = (await invited.json()) as { path: string };
    const code = codeOf(path);
    expect((await setUp(code, 'New', 'sunshine')).status).toBe(422);
    expect((await setUp(code, 'New', 'seven 7')).status).toBe(422);
    expect((await setUp(code, '  ')).status).toBe(422);
    expect((await setUp(code, 'aSHA')).status).toBe(409);
    const made = await setUp(code, '  New\u0001  Person ');
    expect(await made.json()).toEqual({ name: 'New Person' });
    expect((await setUp(code, 'Another')).status).toBe(404);
    const visitor = await signedIn('New Person');
    expect(await (await visitor.ask('GET', '/api/me')).json()).toMatchObject({ role: 'viewer' });
    expect(await audited('person_added')).toContainEqual(expect.stringContaining('as viewer'));
  });

  it('gives somebody a new password, and ends where they were signed in', async () => {
    await addTestPerson('Forgetful', 'viewer');
    const before = await signedIn('Forgetful');
    const { path, person } = await signInLink(world.databaseUrl, 'forgetful', services().nowMs());
    expect(person).toBe('Forgetful');
    expect((await setUp(codeOf(path), 'ignored', 'a new and longer one')).status).toBe(200);
    expect(await before.status()).toBe(401);
    expect((await new Visitor().signIn('Forgetful')).status).toBe(401);
    expect((await new Visitor().signIn('Forgetful', 'a new and longer one')).status).toBe(200);
  });

  it('of somebody who was disabled meanwhile is none', async () => {
    const id = await addTestPerson('Disabled', 'viewer');
    const { db, nowMs } = services();
    const link = { purpose: 'password', role: 'viewer', personId: id, madeBy: 'a test' } as const;
    const code = codeOf(await makeLink(db, link, nowMs()));
    await db.query('UPDATE gehra.people SET disabled = true WHERE person_id = $1', [id]);
    expect((await setUp(code, 'x')).status).toBe(404);
  });

  it('cannot be guessed: ten wrong ones a minute', async () => {
    const statuses = [];
    for (let i = 0; i < 11; i += 1) statuses.push((await setUp(`guess ${i}`, 'x')).status);
    expect(statuses).toEqual([...Array(10).fill(404), 429]);
  });

  it('is for the machine’s owner to make where it is clear for whom', async () => {
    await addTestPerson('Second owner', 'owner');
    const now = services().nowMs();
    await expect(signInLink(world.databaseUrl, undefined, now)).rejects.toThrow('several owners');
    await expect(signInLink(world.databaseUrl, 'Nobody', now)).rejects.toThrow('nobody named Nobody');
    expect((await signInLink(world.databaseUrl, 'Vik', now)).person).toBe('Vik');
    await services().db.query(`DELETE FROM gehra.people WHERE name = 'Second owner'`);
  });
});

describe('a password', () => {
  it('S39: changes by the one before, and ends all other sessions', async () => {
    await addTestPerson('Careful', 'viewer');
    const [here, elsewhere] = [await signedIn('Careful'), await signedIn('Careful')];
    const change = (current: string, next: string) =>
      here.ask('PUT', '/api/account/password', { body: { current, next } });
    expect((await change('wrong password', 'another good one')).status).toBe(422);
    expect((await change(PASSWORD, 'password1')).status).toBe(422);
    expect(await elsewhere.status()).toBe(200);
    expect((await change(PASSWORD, 'another good one')).status).toBe(204);
    expect(await elsewhere.status()).toBe(401);
    expect(await here.status()).toBe(200);
    expect((await new Visitor().signIn('Careful', 'another good one')).status).toBe(200);
  });

  it('is not asked for where nobody is signed in', async () => {
    const owner = await signedIn('Asha');
    const { key } = (await (await owner.ask('POST', '/api/keys', { body: { name: 'k', scope: 'full' } })).json()) as {
      key: string;
    };
    const asked = await new Visitor().ask('GET', '/api/account', { headers: { authorization: `Bearer ${key}` } });
    expect(asked.status).toBe(409);
  });

  it('is typed where sessions are listed, and others can be ended', async () => {
    await addTestPerson('Roaming', 'viewer');
    const [here, elsewhere] = [await signedIn('Roaming'), await signedIn('Roaming', '203.0.113.99')];
    const { sessions } = (await (await here.ask('GET', '/api/account')).json()) as {
      sessions: { address: string; current: boolean }[];
    };
    expect(sessions.map(({ address, current }) => [address, current])).toEqual(
      expect.arrayContaining([
        ['203.0.113.5', true],
        ['203.0.113.99', false],
      ]),
    );
    expect((await here.ask('DELETE', '/api/account/sessions')).status).toBe(204);
    expect([await here.status(), await elsewhere.status()]).toEqual([200, 401]);
  });
});

describe('the second factor', () => {
  const PATH = '/api/account/second-factor';

  async function switchOn(name: string): Promise<{ visitor: Visitor; totp: TOTP; recoveryCodes: string[] }> {
    await addTestPerson(name, 'viewer');
    const visitor = await signedIn(name);
    const begun = await visitor.ask('POST', PATH, { body: {} });
    const { secret, address } = (await begun.json()) as { secret: string; address: string };
    expect(address).toContain(`otpauth://totp/Gehra:${name}?`);
    const totp = new TOTP({ secret: Secret.fromBase32(secret) });
    const wrong = await visitor.ask('PUT', PATH, { body: { code: wrongCode(totp) } });
    expect(wrong.status).toBe(422);
    const on = await visitor.ask('PUT', PATH, { body: { code: totp.generate() } });
    expect(on.status).toBe(200);
    const { recoveryCodes } = (await on.json()) as { recoveryCodes: string[] };
    return { visitor, totp, recoveryCodes };
  }

  /** Right at no time near now. */
  function wrongCode(totp: TOTP): string {
    const near = [-60, -30, 0, 30, 60].map((s) => totp.generate({ timestamp: services().nowMs() + s * 1000 }));
    return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code)) as string;
  }

  it('S45: takes each code once, and few wrong ones', async () => {
    const { totp } = await switchOn('Twofold');
    const asked = await new Visitor().signIn('Twofold');
    expect(asked.status).toBe(401);
    expect(await asked.json()).toMatchObject({ title: 'Code needed' });
    world.turn(MINUTE_MS);
    const code = totp.generate({ timestamp: services().nowMs() });
    expect((await new Visitor().signIn('Twofold', 'wrong password', { code })).status).toBe(401);
    expect((await new Visitor().signIn('Twofold', PASSWORD, { code })).status).toBe(200);
    const again = await new Visitor('203.0.113.6').signIn('Twofold', PASSWORD, { code });
    expect(again.status, 'in the same 30 seconds').toBe(401);
    const statuses = [];
    for (let i = 0; i < 6; i += 1) {
      const visitor = new Visitor(`198.51.100.${i}`);
      statuses.push((await visitor.signIn('Twofold', PASSWORD, { code: wrongCode(totp) })).status);
    }
    expect(statuses.at(-1)).toBe(429);
    world.turn(MINUTE_MS);
    const right = totp.generate({ timestamp: services().nowMs() });
    expect((await new Visitor('198.51.100.9').signIn('Twofold', PASSWORD, { code: right })).status).toBe(429);
  });

  it('has recovery codes, each for once', async () => {
    const { recoveryCodes } = await switchOn('Phoneless');
    expect(recoveryCodes).toHaveLength(10);
    const [code = ''] = recoveryCodes;
    expect(code).toMatch(/^[a-z2-9]{5}-[a-z2-9]{5}$/);
    const typed = code.toUpperCase().replace('-', ' ');
    expect((await new Visitor().signIn('Phoneless', PASSWORD, { code: typed })).status).toBe(200);
    expect((await new Visitor().signIn('Phoneless', PASSWORD, { code })).status).toBe(401);
  });

  it('is kept sealed, and its codes as hashes', async () => {
    const { totp, recoveryCodes } = await switchOn('Sealed');
    const { rows } = await services().db.query<{ text: string }>(
      `SELECT string_agg(p::text, '') AS text FROM gehra.people AS p`,
    );
    expect(rows[0]?.text).not.toContain(totp.secret.base32);
    expect(rows[0]?.text).not.toContain(recoveryCodes[0]);
  });

  it('is switched off by one of its codes, and goes with a link for a new password', async () => {
    const { visitor, totp, recoveryCodes } = await switchOn('Changing');
    expect((await visitor.ask('DELETE', PATH)).status).toBe(400);
    expect((await visitor.ask('DELETE', PATH, { body: { code: wrongCode(totp) } })).status).toBe(422);
    expect((await visitor.ask('POST', PATH, { body: {} })).status, 'another in its place').toBe(409);
    expect((await visitor.ask('DELETE', PATH, { body: { code: recoveryCodes[0] } })).status).toBe(204);
    expect((await visitor.ask('DELETE', PATH, { body: { code: recoveryCodes[1] } })).status).toBe(409);
    expect((await new Visitor().signIn('Changing')).status).toBe(200);
    await switchOn('Lost');
    const { path } = await signInLink(world.databaseUrl, 'Lost', services().nowMs());
    expect((await setUp(codeOf(path), '', 'found it once more')).status).toBe(200);
    expect((await new Visitor().signIn('Lost', 'found it once more')).status).toBe(200);
  });

  it('is changed by who entered the password within a quarter of an hour', async () => {
    await addTestPerson('Old session', 'viewer');
    const visitor = await signedIn('Old session');
    world.turn(16 * MINUTE_MS);
    expect((await visitor.ask('POST', PATH, { body: {} })).status).toBe(403);
    expect((await visitor.ask('DELETE', PATH, { body: { code: '123456' } })).status).toBe(403);
  });
});
