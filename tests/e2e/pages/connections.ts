/** The brokers: tokens, feeds, logins. */
import { answerSignedOut, neverAnswer } from '../support/answers.ts';
import { ConnectionsView } from '../support/connections.ts';
import { expect } from '../support/fixtures.ts';
import type { PageRow, Visit } from './page-table.ts';

const open = ({ page }: Visit): Promise<void> => new ConnectionsView(page).open();

async function readsConnected({ page }: Visit): Promise<void> {
  const view = new ConnectionsView(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Connections');
  for (const broker of ['Kite', 'Dhan'] as const) {
    const card = view.card(broker);
    await expect(card).toContainText(/Connected|Ended|Ending soon/);
    await expect(card).toContainText('first tick received at');
    await expect(card.getByRole('link', { name: 'Connect again' })).toBeVisible();
    await expect(card.locator('tbody tr').first()).toContainText('live since');
    await expect(card.getByText('/callback')).toBeVisible();
  }
  await expect(view.failure).toHaveCount(0);
}

export const connectionsPage: PageRow = {
  file: 'app/connections/page.tsx',
  name: 'connections',
  states: {
    loading: {
      reach: async (visit) => {
        await neverAnswer(visit.page, 'connections');
        await open(visit);
      },
      reads: async ({ page }) => {
        await expect(page.getByText('Loading connections…')).toBeVisible();
      },
    },
    empty: { absent: 'both brokers stand there, connected or not' },
    live: { reach: open, reads: readsConnected },
    stale: {
      reach: async (visit) => {
        await visit.market.muteSide(visit.instruments.nifty.slug, 'ask');
        await open(visit);
      },
      // One side of one instrument is missing; its feed gives data all the same.
      reads: readsConnected,
    },
    gap: {
      reach: async (visit) => {
        await visit.market.cutFeeds();
        await open(visit);
      },
      reads: async ({ page }) => {
        const row = new ConnectionsView(page).card('Kite').locator('tbody tr').first();
        await expect(row).toContainText('waiting to try again');
        await expect(row).toContainText('HTTP 503');
        await expect(row).toContainText('open since');
      },
    },
    error: {
      reach: async (visit) => {
        const { page, trouble } = visit;
        trouble.allow(/^HTTP 50[03]: .*\/api\/connections/, 'the server cannot say');
        await page.route(/\/api\/connections$/, (route) =>
          route.fulfill({
            status: 500,
            contentType: 'application/problem+json',
            body: JSON.stringify({ title: 'Internal error', status: 500, detail: 'The request failed on the server.' }),
          }),
        );
        await open(visit);
      },
      reads: async ({ page }) => {
        await expect(new ConnectionsView(page).failure).toContainText('The connections could not be loaded');
      },
      recovers: async (visit) => {
        await visit.page.unroute(/\/api\/connections$/);
        await readsConnected(visit);
      },
    },
    'signed out': {
      reach: async (visit) => {
        visit.trouble.allow(/^HTTP 401: .*\/api\/connections/, 'the server knows nobody');
        await answerSignedOut(visit.page, 'connections');
        await open(visit);
      },
      reads: async ({ page }) => {
        await expect(new ConnectionsView(page).failure).toContainText('You are signed out.');
      },
    },
  },
};
