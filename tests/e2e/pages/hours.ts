/** The market's hours, and entering what was announced late. */
import { expect } from '../support/fixtures.ts';
import { questionRow } from './question.ts';

export const hoursPage = questionRow({
  file: 'app/settings/hours/page.tsx',
  name: 'hours',
  path: '/settings/hours',
  heading: 'Settings',
  api: 'settings/hours',
  what: 'the market hours',
  empty: { absent: 'every day of the calendar has something to say' },
  live: {
    reach: async ({ page }) => void (await page.goto('/settings/hours')),
    reads: async ({ page }) => {
      const main = page.getByRole('main');
      await expect(main.getByRole('listitem').filter({ hasText: 'NSE derivatives' })).toHaveText(
        /open|pause|closed|pre-open|recorded all day/,
      );
      await expect(main.getByText('The simulated market trades around the clock')).toBeVisible();
      await expect(main.getByRole('heading', { name: 'The next two weeks' })).toBeVisible();
      await expect(main.getByRole('button', { name: 'Enter' })).toBeEnabled();
    },
  },
});
