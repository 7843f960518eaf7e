/** Settings: one's own password, second factor and sessions. */
import { answerBroken, answerSignedOut, neverAnswer } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import type { Absent, PageRow, Visit } from './page-table.ts';

const noMarket: Absent = { absent: 'it shows nothing of the market' };

async function open({ page, signInServer }: Visit): Promise<void> {
  await signInServer.signIn(page, 'Vik');
  await page.goto(await signInServer.address('/settings/security'));
}

export const securityPage: PageRow = {
  file: 'app/settings/security/page.tsx',
  name: 'security',
  states: {
    loading: {
      reach: async (visit) => {
        await neverAnswer(visit.page, 'account');
        await open(visit);
      },
      reads: async ({ page }) => expect(page.getByText('Loading your account…')).toBeVisible(),
    },
    empty: {
      reach: async ({ page }) => void (await page.goto('/settings/security')),
      reads: async ({ page }) => expect(page.getByText('nobody is signed in')).toBeVisible(),
    },
    live: {
      reach: open,
      reads: async ({ page }) => {
        await expect(page.getByRole('heading', { name: 'Password' })).toBeVisible();
        await expect(page.getByText('This browser').first()).toBeVisible();
        await page.getByRole('button', { name: 'Switch on' }).click();
        await expect(page.getByRole('img', { name: 'QR code of the secret below' })).toBeVisible();
        await expect(page.getByLabel('Secret')).toHaveValue(/^[A-Z2-7]{32}$/);
      },
    },
    stale: noMarket,
    gap: noMarket,
    error: {
      reach: async (visit) => {
        visit.trouble.allow(/^HTTP 50[03]: .*\/api\/account/, 'the account cannot be read');
        await answerBroken(visit.page, 'account');
        await open(visit);
      },
      reads: async ({ page }) => {
        await expect(page.getByRole('alert').filter({ hasText: 'could not be loaded' })).toContainText(
          'The log says why.',
        );
      },
      recovers: async ({ page }) => {
        await page.unrouteAll();
        await page.getByRole('button', { name: 'Try again' }).click();
        await expect(page.getByRole('heading', { name: 'Password' })).toBeVisible();
      },
    },
    'signed out': {
      reach: async (visit) => {
        visit.trouble.allow(/^HTTP 401: .*\/api\/account/, 'the session has ended');
        await answerSignedOut(visit.page, 'account');
        await open(visit);
      },
      reads: async ({ page }) => {
        await expect(page.getByText('You are signed out.')).toBeVisible();
        await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible();
      },
    },
  },
};
