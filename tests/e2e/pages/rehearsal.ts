/** The morning rehearsal: its last result and those before. */
import { answerWith } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import { questionRow } from './question.ts';

export const rehearsalPage = questionRow({
  file: 'app/rehearsal/page.tsx',
  name: 'rehearsal',
  path: '/rehearsal',
  heading: 'Morning rehearsal',
  api: 'rehearsal',
  what: 'the rehearsals',
  empty: {
    reach: async ({ page }) => {
      await answerWith(page, 'rehearsal', { rehearsals: [] });
      await page.goto('/rehearsal');
    },
    reads: async ({ page }) => {
      await expect(page.getByText('No rehearsal has been run yet.')).toBeVisible();
      await expect(page.getByRole('button', { name: 'Run now' })).toBeEnabled();
    },
  },
  live: {
    // What it finds of this machine is no matter here: that it is run and shown is.
    reach: async ({ page }) => {
      await page.goto('/rehearsal');
      await page.getByRole('button', { name: 'Run now' }).click();
    },
    reads: async ({ page }) => {
      const checks = page.getByRole('main').getByRole('listitem');
      for (const title of [
        'Kite token',
        'Dhan token',
        'Kite ticker',
        'Disk space',
        'Database',
        'Redis',
        'Writer',
        'Clock',
      ]) {
        await expect(checks.filter({ hasText: title }).first()).toBeVisible({ timeout: 30_000 });
      }
      await expect(checks.filter({ hasText: 'Database' }).first()).toContainText(/Passed.*PostgreSQL .* answers/);
    },
  },
});
