/** What is said while the exchanges are closed, which the simulated market never is: that is no fault, and has no numbers. */
import type { BrokerConnection, Connections, FeedLine } from '../../../lib/core/connections.ts';
import type { FeedView, KindView } from '../../../lib/core/watching.ts';
import { answerWith } from '../support/answers.ts';
import { ConnectionsView } from '../support/connections.ts';
import { expect, test } from '../support/fixtures.ts';

const DETAIL = 'market closed, opens on Fri 27 Nov at 09:00 IST; recording begins 5 minutes before';
const NOW_MS = Date.parse('2026-11-26T20:00:00+05:30');

const closedFeed = (name: string): FeedLine => ({
  name,
  state: 'market_closed',
  cause: 'market_closed',
  detail: DETAIL,
  sinceMs: NOW_MS - 3_600_000,
  instruments: 2,
  frames: 0,
  lagMs: 0,
  gapFromMs: null,
  gapsToday: 0,
  gapMsToday: 0,
});

const KITE: BrokerConnection = {
  broker: 'kite',
  configured: true,
  missingSettings: [],
  state: 'valid',
  detail: '',
  expiresMs: NOW_MS + 8_610_000,
  account: 'DEM001',
  accountName: null,
  consumerType: null,
  redirectUrl: 'http://127.0.0.1:3000/api/kite/callback',
  feeds: [closedFeed('kite-ticks-1')],
  ticksSinceMs: null,
  notes: [],
};

const answer = (brokers: readonly BrokerConnection[], appUrl: string | undefined): Connections => ({
  nowMs: NOW_MS,
  appUrl: appUrl ?? '',
  mayChange: true,
  brokers,
});

test('a closed market is no fault of a connection', async ({ page, baseURL }) => {
  await answerWith(page, 'connections', answer([KITE], baseURL));
  const view = new ConnectionsView(page);
  await view.open();
  const card = view.card('Kite');
  await expect(card).toContainText('Market closed');
  await expect(card).not.toContainText('Token valid, no data');
  await expect(card).toContainText('none while the market is closed');
  await expect(card).toContainText('in 2 h 23 min');
  const row = card.locator('tbody tr');
  await expect(row).toContainText('Market closed, opens on Fri 27 Nov at 09:00 IST');
  await expect(row).not.toContainText('0 ms');
  expect(((await row.textContent()) ?? '').match(/market closed/gi)).toHaveLength(1);
});

test('before the first login it is said what comes after it, and what Dhan is needed for', async ({
  page,
  baseURL,
}) => {
  const none = { account: null, expiresMs: null, feeds: [], detail: 'there is no token yet' };
  const dhan = { broker: 'dhan', configured: false, missingSettings: ['DHAN_CLIENT_ID'] } as const;
  await answerWith(
    page,
    'connections',
    answer(
      [
        { ...KITE, ...none, state: 'missing' },
        { ...KITE, ...none, ...dhan, state: 'missing' },
      ],
      baseURL,
    ),
  );
  const view = new ConnectionsView(page);
  await view.open();
  await expect(view.card('Kite')).toContainText('log in first. Then its list of instruments is loaded');
  await expect(view.card('Kite')).not.toContainText('comes from Dhan alone');
  await expect(view.card('Dhan')).toContainText('Depth beyond 5 levels a side, 20 and 200, comes from Dhan alone');
});

test('the slots of a closed market are planned, and none is open', async ({ page }) => {
  const feed = (name: string, state: string): FeedView => ({
    name,
    state,
    detail: state === 'market_closed' ? DETAIL : '',
    instruments: 1,
    silent: 0,
    only: 'NFO:NIFTY26DECFUT',
  });
  const limits = { slots: 5, instruments: 1 };
  const kind = (...states: string[]): KindView => ({
    kind: 'depth200',
    documented: limits,
    allowed: limits,
    because: null,
    used: states.length,
    feeds: states.map((state, i) => feed(`dhan-depth200-${i + 1}`, state)),
  });
  await answerWith(page, 'subscriptions', { kinds: [kind('market_closed', 'market_closed')] });
  await page.goto('/instruments');
  const slots = page.getByRole('region', { name: 'Slots' });
  await expect(slots).toContainText('2 of 5 connections, none open');
  await expect(slots).toContainText('The market is closed: nothing is asked of the brokers until it opens.');
  await expect(slots.getByRole('listitem').filter({ hasText: 'dhan-depth200-1' }).last()).toContainText(`· ${DETAIL}`);
  await answerWith(page, 'subscriptions', { kinds: [kind('market_closed', 'live')] });
  await expect(slots).toContainText('2 of 5 connections, 1 open');
  await expect(slots).toContainText('Everything whose market is open has given data.');
});
