/** The page that a one-time link leads to. */
import { expect } from '../support/fixtures.ts';
import type { Absent, PageRow } from './page-table.ts';

const onlyAForm: Absent = { absent: 'a form, which asks nothing before it is sent and shows nothing of the market' };

export const setupPage: PageRow = {
  file: 'app/setup/page.tsx',
  name: 'setup',
  states: {
    loading: onlyAForm,
    empty: onlyAForm,
    live: {
      reach: async ({ page, signInServer }) => void (await page.goto(await signInServer.link('Vik'))),
      reads: async ({ page }) => {
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('Choose a new password');
        await expect(page.getByText('For Vik.')).toBeVisible();
      },
    },
    stale: onlyAForm,
    gap: onlyAForm,
    error: {
      reach: async ({ page, signInServer, trouble }) => {
        trouble.allow(/^HTTP 422: .*\/api\/setup/, 'the password is refused');
        await page.goto(await signInServer.link('Vik'));
        await page.getByLabel('Password', { exact: true }).fill('sunshine');
        await page.getByLabel('Password, once more').fill('sunshine');
        await page.getByRole('button', { name: 'Set the password and sign in' }).click();
      },
      reads: async ({ page }) => {
        await expect(page.getByRole('alert').filter({ hasText: 'lists' })).toContainText('tried first');
      },
    },
    'signed out': { absent: 'nobody who sees it is signed in' },
  },
};
