/** The page of an address that leads nowhere. */
import { expect } from '../support/fixtures.ts';
import type { Absent, PageRow } from './page-table.ts';

const asksNothing: Absent = {
  absent: 'a text and a link: it asks nothing of the server and shows nothing of the market',
};

export const nowherePage: PageRow = {
  file: 'app/not-found.tsx',
  name: 'nowhere',
  states: {
    loading: asksNothing,
    empty: asksNothing,
    live: {
      reach: async ({ page, trouble }) => {
        trouble.allow(/^HTTP 404: .*\/no\/such\/page/, 'there is no such page');
        const response = await page.goto('/no/such/page');
        expect(response?.status()).toBe(404);
      },
      reads: async ({ page }) => {
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('There is no such page');
      },
      recovers: async ({ page }) => {
        await page.getByRole('link', { name: 'list of instruments' }).click();
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('Depth');
      },
    },
    stale: asksNothing,
    gap: asksNothing,
    error: asksNothing,
    'signed out': asksNothing,
  },
};
