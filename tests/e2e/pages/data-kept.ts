/** What is kept, for how long, and how much room it takes. */
import { expect } from '../support/fixtures.ts';
import { questionRow } from './question.ts';

export const dataKeptPage = questionRow({
  file: 'app/settings/data/page.tsx',
  name: 'data kept',
  path: '/settings/data',
  heading: 'Settings',
  api: 'settings/data',
  what: 'what is kept',
  empty: { absent: 'there are always six tiers, if empty ones' },
  live: {
    reach: async ({ page }) => void (await page.goto('/settings/data')),
    reads: async ({ page }) => {
      const tiers = page.getByRole('main').getByRole('listitem');
      await expect(tiers).toHaveCount(6);
      await expect(tiers.filter({ hasText: 'Depth' }).first()).toContainText(/60 days.*[kMG]B/);
      await expect(page.getByText(/are free on the disk/)).toBeVisible();
    },
  },
});
