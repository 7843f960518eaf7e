/** The page of a one-time link that leads nowhere. */
import { expect } from '../support/fixtures.ts';
import type { Absent, PageRow } from './page-table.ts';

const asksNothing: Absent = {
  absent: 'a text and a link: it asks nothing of the server and shows nothing of the market',
};

export const usedLinkPage: PageRow = {
  file: 'app/setup/not-found.tsx',
  name: 'used link',
  states: {
    loading: asksNothing,
    empty: asksNothing,
    live: {
      reach: async ({ page, signInServer, trouble }) => {
        trouble.allow(/^HTTP 404: .*\/setup/, 'there is no such link');
        const response = await page.goto(await signInServer.address('/setup?code=mistyped'));
        expect(response?.status()).toBe(404);
      },
      reads: async ({ page }) => {
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link does not work any more');
        await expect(page.getByRole('main')).toContainText(
          'It was used already or has expired; ask an owner for another, or run ./gehra sign-in-link on the machine.',
        );
        await expect(page.getByRole('navigation')).toHaveCount(0);
      },
      recovers: async ({ page }) => {
        await page.getByRole('link', { name: 'Sign in' }).click();
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to Gehra');
      },
    },
    stale: asksNothing,
    gap: asksNothing,
    error: asksNothing,
    'signed out': { absent: 'nobody who sees it is signed in' },
  },
};
