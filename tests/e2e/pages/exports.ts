/** Exports: the form, and the list of what was asked for. */
import { answerWith } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import type { Cell, PageRow } from './page-table.ts';
import { questionRow } from './question.ts';

const row = questionRow({
  file: 'app/exports/page.tsx',
  name: 'exports',
  path: '/exports',
  heading: 'Exports',
  api: 'exports',
  what: 'the exports',
  empty: {
    reach: async ({ page }) => {
      await answerWith(page, 'exports', { exports: [], keepDays: 7 });
      // What others have exported on this server would come by the events.
      await page.route(/\/api\/exports\/stream/, () => undefined);
      await page.goto('/exports');
    },
    reads: async ({ page }) => {
      await expect(page.getByText('Nothing has been exported yet.')).toBeVisible();
      await expect(page.getByRole('button', { name: 'Export', exact: true })).toBeDisabled();
    },
  },
  live: {
    reach: async ({ page, instruments }) => {
      await page.goto('/exports');
      await page.getByRole('button', { name: 'Choose an instrument' }).click();
      await page.getByRole('combobox', { name: 'Search instruments' }).fill(instruments.nifty.slug.split(':')[1] ?? '');
      await page
        .getByRole('option')
        .filter({ hasText: instruments.nifty.slug.split(':')[1] ?? '' })
        .first()
        .click();
      await page.getByLabel('Time it begins').fill('00:00:00');
      await page.getByLabel('Time it ends').fill('23:59:59');
      await expect(page.getByText(/About [1-9][\d,]* rows/)).toBeVisible();
      await page.getByRole('button', { name: 'Export', exact: true }).click();
    },
    reads: async ({ page, instruments }) => {
      const first = page.getByRole('main').getByRole('listitem').first();
      await expect(first).toContainText(instruments.nifty.slug);
      await expect(first).toContainText(/Done · [\d,]+ rows/, { timeout: 30_000 });
      await expect(first.getByRole('link', { name: /^Download/ })).toBeVisible();
      await expect(first.getByRole('link', { name: /^About it/ })).toBeVisible();
    },
  },
});

export const exportsPage: PageRow = {
  ...row,
  states: {
    ...row.states,
    error: {
      ...(row.states.error as Cell),
      // Whether anything was exported on this server before is no matter here.
      recovers: async ({ page }) => {
        await page.getByRole('main').getByRole('alert').first().getByRole('button', { name: 'Try again' }).click();
        await expect(page.getByText('Files are deleted 7 days after they were made.')).toBeVisible();
      },
    },
  },
};
