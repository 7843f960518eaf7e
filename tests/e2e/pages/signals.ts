/** The history of signals. */
import { expect } from '../support/fixtures.ts';
import { questionRow } from './question.ts';

const shown = /^\d+ shown$|^No signal is as the filter asks\.$/;

export const signalsPage = questionRow({
  file: 'app/signals/page.tsx',
  name: 'signal history',
  path: '/signals',
  heading: 'Signals',
  api: 'signals',
  what: 'the signals',
  empty: {
    reach: async ({ page }) => {
      await page.goto('/signals');
      await page.getByLabel('Day').fill('2020-01-01');
    },
    reads: async ({ page }) => {
      await expect(page.getByText('No signal is as the filter asks.')).toBeVisible();
    },
  },
  live: {
    reach: async ({ page }) => void (await page.goto('/signals')),
    reads: async ({ page }) => {
      await expect(page.getByText(shown)).toBeVisible();
    },
  },
});
