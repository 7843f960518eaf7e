/** Both brokers' logins, clicked through, and everything that can go wrong on the way: each ends in words. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { livePath } from '../../../lib/client/instruments.ts';
import type { Instance } from '../../support/instance.ts';
import { type BrokerName, ConnectionsView } from '../support/connections.ts';
import { expect, test } from '../support/fixtures.ts';

const BROKERS = [
  { broker: 'Kite', id: 'kite', exchange: 'kite_exchange', carries: 'request_token' },
  { broker: 'Dhan', id: 'dhan', exchange: 'dhan_consume', carries: 'tokenId' },
] as const satisfies readonly { broker: BrokerName; id: 'kite' | 'dhan'; exchange: string; carries: string }[];

const ALLOW = 'Log in as demo user';

/** Addresses that the browser asked for, which hold what the brokers gave. */
function watchAddresses(page: Page): string[] {
  const seen: string[] = [];
  page.on('request', (request) => seen.push(request.url()));
  return seen;
}

const callbackOf = (addresses: readonly string[]): string => {
  const found = addresses.find((address) => /\/callback\/?\?/.test(address));
  if (!found) throw new Error('the broker has led nowhere yet');
  return found;
};

/** The tokens on the disk, and what the brokers' redirects carried. */
function secretsOf({ dataDir }: Instance, addresses: readonly string[]): string[] {
  const dir = path.join(dataDir, 'simulated-tokens');
  const kite = readFileSync(path.join(dir, 'access_token.txt'), 'utf8');
  const { access_token: dhan } = JSON.parse(readFileSync(path.join(dir, 'dhan_token.json'), 'utf8')) as {
    access_token: string;
  };
  const carried = addresses
    .filter((address) => address.includes('/callback'))
    .flatMap((address) =>
      ['request_token', 'tokenId', 'state'].flatMap((name) => new URL(address).searchParams.get(name) ?? []),
    );
  // The demonstration's own token is a word of every page.
  return [kite, dhan, 'demo-kite-secret', 'demo-dhan-secret', ...carried].filter((secret) => secret !== 'demo');
}

/** No token or secret is in the page, its address, or a log. */
async function expectNothingTold(page: Page, instance: Instance, addresses: readonly string[]): Promise<void> {
  const content = await page.content();
  const logs = readdirSync(path.join(instance.dataDir, 'logs')).map((name) =>
    readFileSync(path.join(instance.dataDir, 'logs', name), 'utf8'),
  );
  for (const secret of secretsOf(instance, addresses)) {
    expect(content).not.toContain(secret);
    expect(page.url()).not.toContain(secret);
    for (const text of logs) expect(text).not.toContain(secret);
  }
}

for (const { broker, id, exchange, carries } of BROKERS) {
  test.describe(broker, () => {
    test('two clicks lead from an instrument to its page, and the login back to it', async ({
      page,
      instance,
      instruments,
    }) => {
      const addresses = watchAddresses(page);
      const start = livePath(instruments.nifty.slug);
      await page.goto(start);
      await page.getByRole('link', { name: 'Connections' }).click();
      await new ConnectionsView(page).connect(broker);
      await expect(page.getByRole('heading', { name: `${broker} login` })).toBeVisible();
      await new ConnectionsView(page).answer(ALLOW);
      const notice = page.getByRole('status').filter({ hasText: `${broker} is connected` });
      await expect(notice).toContainText(broker === 'Kite' ? 'Account DEM001' : 'Account 1000000001');
      await expect(notice).toContainText(/Until \d+ \w+ \d{4}, \d\d:\d\d IST, in \d+/);
      await expect(notice).toContainText('First tick received at');
      await expectNothingTold(page, instance, addresses);
      // Said once: a page that is loaded again, or shared, says nothing of a login.
      await page.waitForURL(new RegExp(`${start}$`));
      await notice.getByRole('button', { name: 'Close the notice' }).click();
      await expect(notice).toHaveCount(0);
    });

    test('denied', async ({ page, instance, trouble }) => {
      trouble.allow(/^HTTP 400: .*callback/, 'the login was denied');
      const view = new ConnectionsView(page);
      const addresses = watchAddresses(page);
      await view.open();
      await view.connect(broker);
      await view.answer('Deny');
      await expect(view.failure).toContainText(`Access was denied on the page of ${broker}.`);
      await expect(view.failure).toContainText('Press Connect');
      await expectNothingTold(page, instance, addresses);
    });

    test('an answer to a login that was not begun here', async ({ page, trouble }) => {
      trouble.allow(/^HTTP 400: .*callback/, 'nobody began it');
      await page.goto(`/api/${id}/callback?status=success&${carries}=abc&state=${'x'.repeat(43)}`);
      const view = new ConnectionsView(page);
      await expect(view.failure).toContainText('nothing was exchanged');
      await expect(view.failure).toContainText(/Connect/);
      expect(page.url()).not.toContain('abc');
    });

    test('an answer that comes a second time', async ({ page, instance, trouble }) => {
      trouble.allow(/^HTTP 400: .*callback/, 'it was used');
      const view = new ConnectionsView(page);
      const addresses = watchAddresses(page);
      await view.open();
      await view.connect(broker);
      await view.answer(ALLOW);
      await expect(view.connected(broker)).toBeVisible();
      await page.goto(callbackOf(addresses));
      await expect(view.failure).toContainText(`This answer of ${broker} was used before`);
      await expectNothingTold(page, instance, addresses);
      // What was answered is not in the way back either.
      await page.goBack();
      expect(page.url()).not.toContain(carries);
    });

    for (const [as, status, words] of [
      ['token', 400, /used or is too old/],
      ['secret', 502, /does not accept the key and secret/],
      ['server_error', 502, /has a failure of its own/],
      ['html_502', 502, /has a failure of its own/],
      ['limit', 429, /HTTP 429/],
      ['timeout', 504, /did not answer in time/],
    ] as const) {
      test(`the exchange fails: ${as}`, async ({ page, instance, market, trouble }) => {
        trouble.allow(new RegExp(`^HTTP ${status}: .*callback`), 'the exchange is told to fail');
        const view = new ConnectionsView(page);
        const addresses = watchAddresses(page);
        await view.open();
        await market.failCall(exchange, as);
        await view.connect(broker);
        await view.answer(ALLOW);
        await expect(view.failure).toContainText(words);
        await expect(view.card(broker)).toContainText('Failed:');
        await expectNothingTold(page, instance, addresses);
        // The token of before is still used.
        await expect(view.card(broker).locator('tbody tr').first()).toContainText('live since');
      });
    }

    for (const [what, end] of [
      ['revoked in the middle of the session', 'revoke'],
      ['ended by a login elsewhere', 'loginElsewhere'],
    ] as const) {
      test(`T7: the token is ${what}`, async ({ page, instance, market }) => {
        const view = new ConnectionsView(page);
        const addresses = watchAddresses(page);
        await view.open();
        await expect(view.card(broker)).toContainText('first tick received');
        await market[end](id);
        await expect(view.card(broker)).toContainText('Login needed');
        await expect(view.card(broker)).toContainText(
          broker === 'Kite'
            ? /the token is not accepted\. Log in again/
            : /another login to the account has taken its place/,
        );
        await view.connect(broker);
        await view.answer(ALLOW);
        await expect(view.connected(broker)).toBeVisible();
        await expect(view.card(broker).locator('tbody tr').first()).toContainText('live since');
        await expect(view.card(broker)).toContainText('Connected');
        await expectNothingTold(page, instance, addresses);
      });
    }
  });
}

test('that a broker is connected is said once, and no longer than it is so', async ({ page }) => {
  const view = new ConnectionsView(page);
  await view.open();
  await view.connect('Kite');
  await view.answer(ALLOW);
  await expect(view.connected('Kite')).toBeVisible();
  await page.waitForURL(/\/connections$/);
  await page.reload();
  await expect(view.card('Kite')).toContainText('Connected');
  await expect(view.connected('Kite')).toHaveCount(0);
  await view.connect('Kite');
  await view.answer(ALLOW);
  await expect(view.connected('Kite')).toBeVisible();
  await view.card('Kite').getByRole('button', { name: 'Disconnect' }).click();
  await expect(view.card('Kite')).toContainText('Kite is disconnected.');
  await expect(view.connected('Kite')).toHaveCount(0);
  // An address from before says nothing either.
  await page.goto('/connections?connected=kite');
  await expect(view.card('Kite')).toContainText('Not connected');
  await page.waitForURL(/\/connections$/);
  await expect(view.connected('Kite')).toHaveCount(0);
  await view.connect('Kite');
  await view.answer(ALLOW);
  await expect(view.connected('Kite')).toBeVisible();
});

test('S21: a token is tested, given up, and another one asked for', async ({ page }) => {
  const view = new ConnectionsView(page);
  await view.open();
  await view.card('Dhan').getByRole('button', { name: 'Test 200 levels' }).click();
  await expect(view.card('Dhan')).toContainText(/It works: \d+ frames in 10 s, [\d.]+ a second/, { timeout: 20_000 });
  await view.card('Kite').getByRole('button', { name: 'Disconnect' }).click();
  await expect(view.card('Kite')).toContainText('Kite is disconnected.');
  await expect(view.card('Kite')).toContainText('Not connected');
  await expect(view.card('Kite').getByRole('button', { name: 'Disconnect' })).toBeDisabled();
  await view.connect('Kite');
  await view.answer(ALLOW);
  await expect(view.card('Kite')).toContainText('Connected');
});
