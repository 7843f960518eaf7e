/** Settings: the keys of scripts. */
import { answerBroken, answerSignedOut, neverAnswer } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import type { Absent, PageRow } from './page-table.ts';

const noMarket: Absent = { absent: 'it shows nothing of the market' };
const PATH = '/settings/keys';

export const keysPage: PageRow = {
  file: 'app/settings/keys/page.tsx',
  name: 'keys',
  states: {
    loading: {
      reach: async ({ page }) => {
        await neverAnswer(page, 'keys');
        await page.goto(PATH);
      },
      reads: async ({ page }) => expect(page.getByText('Loading keys…')).toBeVisible(),
    },
    empty: {
      reach: async ({ page }) => void (await page.goto(PATH)),
      reads: async ({ page }) => expect(page.getByText('There is no key yet.')).toBeVisible(),
    },
    live: {
      reach: async ({ page, signInServer }) => {
        await signInServer.signIn(page, 'Asha');
        await page.goto(await signInServer.address(PATH));
      },
      reads: async ({ page, signInServer }) => {
        await page.getByLabel('Name').fill('nightly export');
        await page.getByRole('button', { name: 'Make a key' }).click();
        const field = page.getByLabel('Key', { exact: true });
        await expect(field).toHaveValue(/^gehra_[\w-]{43}$/);
        const headers = { authorization: `Bearer ${await field.inputValue()}` };
        const ask = async () => (await fetch(await signInServer.address('/api/me'), { headers })).status;
        expect(await ask()).toBe(200);
        await page.getByRole('button', { name: 'Revoke nightly export' }).first().click();
        await expect(page.getByText(/revoked .* IST/).first()).toBeVisible();
        await expect(field).toHaveCount(0);
        expect(await ask()).toBe(401);
      },
    },
    stale: noMarket,
    gap: noMarket,
    error: {
      reach: async ({ page, trouble }) => {
        trouble.allow(/^HTTP 50[03]: .*\/api\/keys/, 'the list cannot be read');
        await answerBroken(page, 'keys');
        await page.goto(PATH);
      },
      reads: async ({ page }) => {
        await expect(page.getByRole('alert').filter({ hasText: 'could not be loaded' })).toContainText(
          'The log says why.',
        );
      },
      recovers: async ({ page }) => {
        await page.unrouteAll();
        await page.getByRole('button', { name: 'Try again' }).click();
        await expect(page.getByText('There is no key yet.')).toBeVisible();
      },
    },
    'signed out': {
      reach: async ({ page, trouble }) => {
        trouble.allow(/^HTTP 401: .*\/api\/keys/, 'the session has ended');
        await answerSignedOut(page, 'keys');
        await page.goto(PATH);
      },
      reads: async ({ page }) => {
        await expect(page.getByText('You are signed out.')).toBeVisible();
        await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible();
      },
    },
  },
};
