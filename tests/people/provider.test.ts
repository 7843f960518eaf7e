/** Signing in with a provider of OpenID Connect. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../lib/config/config.ts';
import { services } from '../../lib/services/context.ts';
import { CLIENT, OidcProvider } from '../support/oidc-provider.ts';
import { ORIGIN, Visitor } from '../support/visitor.ts';
import { World } from './world.ts';

let world: World;
let provider: OidcProvider;

beforeAll(async () => {
  provider = await OidcProvider.start();
  world = await World.begin({
    OIDC_ISSUER: provider.issuer,
    OIDC_CLIENT_ID: CLIENT.id,
    OIDC_CLIENT_SECRET: CLIENT.secret,
    OIDC_OWNERS: 'boss@example.test',
    OIDC_VIEWERS: 'eve@example.test, mal@example.test',
  });
});
afterAll(async () => {
  await world.stop();
  await provider.stop();
});
beforeEach(() => {
  world.calm();
  provider.spoilt = 'not';
});

/** Presses the button. @returns where the provider is asked */
async function begin(visitor: Visitor, callbackUrl = '/'): Promise<string> {
  const body = { csrfToken: await visitor.csrfToken(), callbackUrl, json: 'true' };
  const answer = await visitor.ask('POST', '/api/auth/signin/oidc', { body });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { url: string }).url;
}

/** Goes to the provider. @returns where it sends the browser back to */
async function atTheProvider(address: string): Promise<string> {
  const answer = await fetch(address, { redirect: 'manual' });
  expect(answer.status, await answer.text()).toBe(302);
  const back = new URL(answer.headers.get('location') ?? '');
  expect(back.origin).toBe(ORIGIN);
  return `${back.pathname}${back.search}`;
}

async function comeIn(visitor = new Visitor(), callbackUrl = '/'): Promise<string | null> {
  const answer = await visitor.ask('GET', await atTheProvider(await begin(visitor, callbackUrl)));
  expect(answer.status).toBe(302);
  return answer.headers.get('location');
}

describe('a provider', () => {
  it('lets in whose verified address is on a list, with the role of the list', async () => {
    provider.claims = { sub: 'b-1', email: 'Boss@Example.test', email_verified: true, name: 'The Boss' };
    const boss = new Visitor();
    expect(await comeIn(boss, '/live/x')).toBe('/live/x');
    expect(await (await boss.ask('GET', '/api/me')).json()).toMatchObject({ name: 'The Boss', role: 'owner' });
    provider.claims = { sub: 'e-1', email: 'eve@example.test', email_verified: true, name: 'The Boss' };
    const eve = new Visitor();
    expect(await comeIn(eve)).toBe('/');
    // The name is taken, and no reason to stay outside.
    expect(await (await eve.ask('GET', '/api/me')).json()).toMatchObject({ name: 'eve@example.test', role: 'viewer' });
    await eve.signOut();
    expect(await eve.status()).toBe(401);
    provider.claims = { sub: 'e-2', email: 'eve@example.test', email_verified: true };
    const another = new Visitor();
    expect(await comeIn(another), 'another account with the same address').toBe('/');
    const me = (await (await another.ask('GET', '/api/me')).json()) as { name: string };
    expect(me.name).toMatch(/^person [0-9a-f]{12}$/);
  });

  it.each([
    ['somebody else', { sub: 'x-1', email: 'x@example.test', email_verified: true }],
    ['an address that is not verified', { sub: 'x-2', email: 'boss@example.test', email_verified: false }],
    ['an address of which it does not say so', { sub: 'x-3', email: 'boss@example.test' }],
    ['no address', { sub: 'x-4', email_verified: true }],
  ])('does not let in %s', async (_, claims) => {
    provider.claims = claims;
    const visitor = new Visitor();
    expect(await comeIn(visitor)).toMatch(/^\/login\?error=AccessDenied$/);
    expect(await visitor.status()).toBe(401);
  });

  it('does not let in who was disabled here', async () => {
    provider.claims = { sub: 'm-1', email: 'mal@example.test', email_verified: true, name: 'Mal' };
    const visitor = new Visitor();
    await comeIn(visitor);
    expect(await visitor.status()).toBe(200);
    await services().db.query(`UPDATE gehra.people SET disabled = true WHERE name = 'Mal'`);
    expect(await visitor.status()).toBe(401);
    expect(await comeIn(new Visitor())).toBe('/login?error=AccessDenied');
  });

  it.each(['nonce', 'audience', 'signature', 'expired'] as const)(
    'is not believed with a token whose %s is wrong',
    async (spoilt) => {
      provider.claims = { sub: 'b-1', email: 'boss@example.test', email_verified: true };
      provider.spoilt = spoilt;
      const visitor = new Visitor();
      expect(await comeIn(visitor)).toMatch(/^\/login\?error=OAuthCallback$/);
      expect(await visitor.status()).toBe(401);
    },
  );

  it('answers to the browser that began, once, and to no state of another', async () => {
    provider.claims = { sub: 'b-1', email: 'boss@example.test', email_verified: true };
    const [mine, theirs] = [new Visitor(), new Visitor()];
    const back = await atTheProvider(await begin(mine));
    await begin(theirs);
    const before = provider.exchanges;
    for (const thief of [theirs, new Visitor()]) {
      const answer = await thief.ask('GET', back);
      expect(answer.headers.get('location')).toBe('/login?error=OAuthCallback');
      expect(await thief.status()).toBe(401);
    }
    expect(provider.exchanges).toBe(before);
    await mine.ask('GET', back);
    expect(await mine.status()).toBe(200);
    const again = await new Visitor().ask('GET', back);
    expect(again.headers.get('location')).toBe('/login?error=OAuthCallback');
  });

  it('that sends an error, nonsense or a place elsewhere leads back to the sign-in page', async () => {
    const visitor = new Visitor();
    await begin(visitor);
    for (const query of ['error=access_denied', 'code=1&state=2', 'code=1', 'callbackUrl=https://evil.example']) {
      const answer = await visitor.ask('GET', `/api/auth/callback/oidc?${query}`);
      expect(answer.headers.get('location'), query).toMatch(/^\/login\?error=/);
    }
    expect((await visitor.ask('GET', '/api/auth/callback/oidc?callbackUrl=http://[')).status).toBe(400);
    expect((await visitor.ask('GET', '/api/auth/callback/oidc?code=1&code=2')).status).toBe(400);
  });

  it('is begun by POST with the token of a page', async () => {
    const visitor = new Visitor();
    expect((await visitor.ask('GET', '/api/auth/signin/oidc')).status).toBe(405);
    expect((await visitor.ask('POST', '/api/auth/signin/oidc', { body: { json: 'true' } })).status).toBe(403);
  });

  it('is configured whole, and over https but on this machine', () => {
    expect(() => loadConfig({ OIDC_ISSUER: 'https://id.example' })).toThrow('OIDC_CLIENT_SECRET is needed');
    const ids = { OIDC_CLIENT_ID: 'a', OIDC_CLIENT_SECRET: 'b' };
    expect(() => loadConfig({ ...ids, OIDC_ISSUER: 'http://id.example' })).toThrow('OIDC_ISSUER is not https');
    expect(loadConfig({ ...ids, OIDC_ISSUER: 'https://id.example/' }).oidc?.issuer).toBe('https://id.example');
    expect(() => loadConfig({ OIDC_OWNERS: 'boss' })).toThrow('OIDC_OWNERS');
  });
});
