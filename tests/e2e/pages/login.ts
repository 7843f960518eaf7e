/** The page at which people sign in. */
import { expect } from '../support/fixtures.ts';
import { PASSWORD } from '../support/sign-in-server.ts';
import type { Absent, PageRow } from './page-table.ts';

const onlyAForm: Absent = { absent: 'a form, which asks nothing before it is sent and shows nothing of the market' };

export const loginPage: PageRow = {
  file: 'app/login/page.tsx',
  name: 'login',
  states: {
    loading: onlyAForm,
    empty: onlyAForm,
    live: {
      reach: async ({ page, signInServer }) => void (await page.goto(await signInServer.address('/live/NSE:SBIN'))),
      reads: async ({ page }) => {
        await expect(page).toHaveURL(/\/login\?next=%2Flive%2FNSE%3ASBIN$/);
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in to Gehra');
        await expect(page.getByText('./gehra sign-in-link')).toBeVisible();
      },
      recovers: async ({ page }) => {
        await page.getByLabel('Name').fill('Vik');
        await page.getByLabel('Password').fill(PASSWORD);
        await page.getByRole('button', { name: 'Sign in' }).click();
        await expect(page).toHaveURL(/\/live\/NSE:SBIN$/);
      },
    },
    stale: onlyAForm,
    gap: onlyAForm,
    error: {
      reach: async ({ page, signInServer, trouble }) => {
        trouble.allow(/^HTTP 401: .*\/callback\/credentials/, 'the password is wrong');
        await page.goto(await signInServer.address('/login'));
        await page.getByLabel('Name').fill('Asha');
        await page.getByLabel('Password').fill('wrong password');
        await page.getByRole('button', { name: 'Sign in' }).click();
      },
      reads: async ({ page }) => {
        await expect(page.getByRole('alert').filter({ hasText: 'wrong' })).toHaveText('Name or password is wrong.');
        await expect(page.getByRole('button', { name: 'Sign in' })).toBeEnabled();
      },
    },
    'signed out': { absent: 'nobody who sees it is signed in' },
  },
};
