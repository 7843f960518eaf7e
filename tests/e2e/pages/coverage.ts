/** The calendar of what was recorded, and a day's comparison with the broker's candles. */
import { answerWith } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import { questionRow } from './question.ts';

export const coveragePage = questionRow({
  file: 'app/coverage/page.tsx',
  name: 'coverage',
  path: '/coverage',
  heading: 'Coverage',
  api: 'orderflow/reconciliation/month',
  what: 'the coverage',
  empty: {
    reach: async ({ page }) => {
      await answerWith(page, 'orderflow/reconciliation', { day: '2026-11-22', count: 0, instruments: [] });
      await page.goto('/coverage');
    },
    reads: async ({ page }) => {
      await expect(page.getByText('Nothing was recorded on this day.')).toBeVisible();
    },
  },
  live: {
    reach: async ({ page }) => void (await page.goto('/coverage')),
    reads: async ({ page, instruments }) => {
      const list = page.getByRole('list', { name: 'Instruments' });
      await expect(list.getByText(instruments.nifty.slug).first()).toBeVisible();
      await expect(list.getByText(/\d\.\d\d %/).first()).toBeVisible();
      await expect(page.getByRole('list', { name: 'Days' }).getByRole('button', { pressed: true })).toHaveCount(1);
    },
  },
});
