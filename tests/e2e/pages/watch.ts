/** What is recorded: watchlists, slots, dumps. */
import { answerSignedOut, answerWith, neverAnswer } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import type { Cell, PageRow, Visit } from './page-table.ts';

const PATH = '/instruments';
const APIS = ['watchlists', 'subscriptions', 'masters'] as const;

async function readsAll({ page, instruments }: Visit): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Instruments');
  const list = page.getByRole('article', { name: 'Watchlist Recorded' });
  await expect(list.getByRole('list')).toContainText('NIFTY: nearest future · 1 instrument');
  await expect(list.getByRole('list')).toContainText(instruments.hdfcBank.symbol);
  const slots = page.getByRole('region', { name: 'Slots' });
  await expect(slots).toContainText('Dhan: 200 levels');
  await expect(slots).toContainText('5 of 5 places');
  await expect(slots).toContainText(instruments.nifty.slug);
  await expect(page.getByRole('region', { name: 'Instrument dumps' })).toContainText('Kite: 14 instruments');
}

const duringTrouble = (begin: (visit: Visit) => Promise<void>): Cell => ({
  reach: async (visit) => {
    await begin(visit);
    await visit.page.goto(PATH);
  },
  reads: readsAll,
});

export const watchPage: PageRow = {
  file: 'app/instruments/page.tsx',
  name: 'watchlists',
  states: {
    loading: {
      reach: async ({ page }) => {
        for (const api of APIS) await neverAnswer(page, api);
        await page.goto(PATH);
      },
      reads: async ({ page }) => {
        await expect(page.getByText('Loading watchlists…')).toBeVisible();
        await expect(page.getByText('Loading slots…')).toBeVisible();
      },
    },
    empty: {
      reach: async ({ page }) => {
        await answerWith(page, 'watchlists', { watchlists: [], mayChange: true });
        await answerWith(page, 'subscriptions', { kinds: [] });
        await answerWith(page, 'masters', {
          loadedS: null,
          files: [],
          exchanges: [],
          unjoined: { total: 0, rows: [] },
        });
        await page.goto(PATH);
      },
      reads: async ({ page }) => {
        await expect(page.getByText('There is no watchlist: nothing is recorded.')).toBeVisible();
        await expect(page.getByRole('link', { name: 'Log in to a broker' })).toBeVisible();
        await expect(page.getByText('the first watchlist is made by itself')).toBeVisible();
        await expect(page.getByText('Nothing is asked of the brokers yet.')).toBeVisible();
        await expect(page.getByText('No list has been loaded yet.')).toBeVisible();
        await expect(page.getByRole('textbox', { name: 'Name of the new watchlist' })).toBeEditable();
      },
    },
    live: { reach: async ({ page }) => void (await page.goto(PATH)), reads: readsAll },
    stale: duringTrouble(({ market, instruments }) => market.muteSide(instruments.nifty.slug, 'ask')),
    gap: duringTrouble(({ market }) => market.cutFeeds()),
    error: {
      reach: async ({ page, server, trouble }) => {
        trouble.allow(/^HTTP 50[03]: .*\/api\/(watchlists|subscriptions)/, 'the lists cannot be read');
        await server.breakDown();
        await page.goto(PATH);
      },
      reads: async ({ page }) => {
        await expect(page.getByText(/The watchlists could not be loaded/)).toBeVisible();
        await expect(page.getByText(/The slots could not be loaded/)).toBeVisible();
      },
      recovers: async (visit) => {
        await visit.server.mend();
        await readsAll(visit);
      },
    },
    'signed out': {
      reach: async ({ page, trouble }) => {
        trouble.allow(/^HTTP 401: .*\/api\/(watchlists|subscriptions|masters)/, 'the server knows nobody');
        for (const api of APIS) await answerSignedOut(page, api);
        await page.goto(PATH);
      },
      reads: async ({ page }) => {
        await expect(page.getByRole('link', { name: 'Sign in' })).toHaveCount(APIS.length);
      },
    },
  },
};
