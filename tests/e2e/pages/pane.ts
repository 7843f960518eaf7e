/** A pane of the workspace in a window of its own: a heatmap stands for all kinds. */
import { answerSignedOut, neverAnswer } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import type { Cell, PageRow, Visit } from './page-table.ts';

const open = async ({ page, instruments }: Visit): Promise<void> =>
  void (await page.goto(`/pane/heatmap/${instruments.nifty.slug}`));

const says =
  (words: string): Cell['reads'] =>
  async ({ page }) => {
    await expect(page.getByRole('main').getByText(words, { exact: true }).first()).toBeVisible();
  };

const during = (words: string, begin: (visit: Visit) => Promise<void>): Cell => ({
  reach: async (visit) => {
    await open(visit);
    await says('Live')(visit);
    await begin(visit);
  },
  reads: says(words),
});

export const panePage: PageRow = {
  file: 'app/pane/[kind]/[instrument]/page.tsx',
  name: 'pane',
  states: {
    loading: {
      reach: async (visit) => {
        await neverAnswer(visit.page, 'stream');
        await open(visit);
      },
      reads: says('Connecting'),
    },
    empty: {
      reach: async ({ page, instruments }) => void (await page.goto(`/pane/heatmap/${instruments.index.slug}`)),
      reads: says('Nothing recorded yet'),
    },
    live: { reach: open, reads: says('Live') },
    stale: during('No data on the ask side', ({ market, instruments }) =>
      market.muteSide(instruments.nifty.slug, 'ask'),
    ),
    gap: during('Feed cut', ({ market }) => market.cutFeeds()),
    error: {
      reach: async ({ page, trouble }) => {
        trouble.allow(/^HTTP 404: .*\/pane\//, 'there is no such kind of pane');
        await page.goto('/pane/pong/NSE:INFY');
      },
      reads: async ({ page }) => {
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      },
    },
    'signed out': {
      reach: async (visit) => {
        visit.trouble.allow(/^HTTP 401: .*\/api\/stream/, 'the server knows nobody');
        await answerSignedOut(visit.page, 'stream');
        await open(visit);
      },
      reads: async ({ page }) => {
        await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible();
      },
    },
  },
};
