/** Settings: who may come in. */
import { answerBroken, answerSignedOut, neverAnswer } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import type { Absent, PageRow } from './page-table.ts';

const noMarket: Absent = { absent: 'it shows nothing of the market' };

export const peoplePage: PageRow = {
  file: 'app/settings/page.tsx',
  name: 'people',
  states: {
    loading: {
      reach: async ({ page }) => {
        await neverAnswer(page, 'people');
        await page.goto('/settings');
      },
      reads: async ({ page }) => expect(page.getByText('Loading people…')).toBeVisible(),
    },
    empty: {
      reach: async ({ page }) => void (await page.goto('/settings')),
      reads: async ({ page }) => {
        await expect(page.getByText('Nobody has a sign-in yet.')).toBeVisible();
        await expect(page.getByText('· open on this machine')).toBeVisible();
      },
    },
    live: {
      reach: async ({ page, signInServer }) => {
        await signInServer.signIn(page, 'Asha');
        await page.goto(await signInServer.address('/settings'));
      },
      reads: async ({ page }) => {
        await expect(page.getByRole('listitem').filter({ hasText: 'Asha' })).toContainText('(you)');
        await expect(page.getByLabel('Role of Vik')).toHaveValue('viewer');
        await page.getByRole('button', { name: 'Link for a viewer' }).click();
        await expect(page.getByLabel('Link', { exact: true })).toHaveValue(/\/setup\?code=[\w-]{43}$/);
      },
    },
    stale: noMarket,
    gap: noMarket,
    error: {
      reach: async ({ page, trouble }) => {
        trouble.allow(/^HTTP 50[03]: .*\/api\/people/, 'the list cannot be read');
        await answerBroken(page, 'people');
        await page.goto('/settings');
      },
      reads: async ({ page }) => {
        await expect(page.getByRole('alert').filter({ hasText: 'could not be loaded' })).toContainText(
          'The log says why.',
        );
      },
      recovers: async ({ page }) => {
        await page.unrouteAll();
        await page.getByRole('button', { name: 'Try again' }).click();
        await expect(page.getByText('Nobody has a sign-in yet.')).toBeVisible();
      },
    },
    'signed out': {
      reach: async ({ page, trouble }) => {
        trouble.allow(/^HTTP 401: .*\/api\/people/, 'the session has ended');
        await answerSignedOut(page, 'people');
        await page.goto('/settings');
      },
      reads: async ({ page }) => {
        await expect(page.getByText('You are signed out.')).toBeVisible();
        await expect(page.getByRole('link', { name: 'Sign in' })).toHaveAttribute('href', '/login?next=%2Fsettings');
      },
    },
  },
};
