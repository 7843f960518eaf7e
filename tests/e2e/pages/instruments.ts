/** The list of instruments, which is the start page. */
import { answerSignedOut, neverAnswer } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import { InstrumentList } from '../support/instrument-list.ts';
import type { Cell, PageRow, Visit } from './page-table.ts';

async function readsAll({ page, instruments }: Visit): Promise<void> {
  const list = new InstrumentList(page);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Depth');
  await expect(list.options).toHaveCount(instruments.count);
  await expect(list.option(instruments.bankNifty.symbol)).toContainText('Future');
  await expect(list.option(instruments.bankNifty.symbol)).toContainText('200 levels');
  await expect(list.failure).toHaveCount(0);
}

/** What goes wrong with a feed is no business of this page: the list stays as it is. */
const duringTrouble = (begin: (visit: Visit) => Promise<void>): Cell => ({
  reach: async (visit) => {
    await begin(visit);
    await visit.page.goto('/');
  },
  reads: readsAll,
});

export const instrumentsPage: PageRow = {
  file: 'app/page.tsx',
  name: 'instruments',
  states: {
    loading: {
      reach: async ({ page }) => {
        await neverAnswer(page, 'instruments');
        await page.goto('/');
      },
      reads: async ({ page }) => {
        await expect(page.getByText('Loading instruments…')).toBeVisible();
        await expect(new InstrumentList(page).search).toBeEditable();
      },
    },
    empty: {
      reach: async ({ page }) => {
        await page.goto('/');
        await new InstrumentList(page).search.fill('zzz');
      },
      reads: async ({ page }) => {
        await expect(page.getByText('No instrument matches “zzz”.')).toBeVisible();
        await expect(new InstrumentList(page).options).toHaveCount(0);
      },
    },
    live: { reach: async ({ page }) => void (await page.goto('/')), reads: readsAll },
    stale: duringTrouble(({ market, instruments }) => market.muteSide(instruments.nifty.slug, 'ask')),
    gap: duringTrouble(({ market }) => market.cutFeeds()),
    error: {
      reach: async ({ page, server, trouble }) => {
        trouble.allow(/^HTTP 50[03]: .*\/api\/instruments/, 'the list cannot be read');
        await server.breakDown();
        await page.goto('/');
      },
      reads: async ({ page }) => {
        await expect(new InstrumentList(page).failure).toContainText('The instruments could not be loaded');
      },
      recovers: async (visit) => {
        await visit.server.mend();
        await new InstrumentList(visit.page).failure.getByRole('button', { name: 'Try again' }).click();
        await readsAll(visit);
      },
    },
    'signed out': {
      reach: async ({ page, trouble }) => {
        trouble.allow(/^HTTP 401: .*\/api\/instruments/, 'the server knows nobody');
        await answerSignedOut(page, 'instruments');
        await page.goto('/');
      },
      reads: async ({ page }) => {
        const list = new InstrumentList(page);
        await expect(list.failure).toContainText('You are signed out.');
        await expect(list.failure.getByRole('link', { name: 'Sign in' })).toBeVisible();
      },
    },
  },
};
