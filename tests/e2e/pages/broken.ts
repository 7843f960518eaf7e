/** What stands in the place of a page that failed. */
import { livePath } from '../../../lib/client/instruments.ts';
import { expect } from '../support/fixtures.ts';
import type { Absent, PageRow } from './page-table.ts';

const onlyError: Absent = { absent: 'it is shown only where a page has failed' };

export const brokenPage: PageRow = {
  file: 'app/error.tsx',
  name: 'broken',
  states: {
    loading: onlyError,
    empty: onlyError,
    live: onlyError,
    stale: onlyError,
    gap: onlyError,
    error: {
      reach: async ({ page, server, instruments, trouble }) => {
        trouble.allow(/^HTTP 500: .*\/live\//, 'the page fails on the server');
        trouble.allow(/^console error: (page_failed|Error: Minified React error #441)/, 'React and the page say so');
        await server.breakDown();
        const response = await page.goto(livePath(instruments.nifty.slug));
        expect(response?.status()).toBe(500);
      },
      reads: async ({ page }) => {
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('This page failed');
        await expect(page.getByText('Recording is not affected.')).toBeVisible();
      },
      recovers: async ({ page, live, server, instruments }) => {
        await server.mend();
        await page.getByRole('button', { name: 'Try again' }).click();
        await expect(live.heatmap).toHaveAccessibleName(`Depth heatmap of ${instruments.nifty.symbol}`);
      },
    },
    'signed out': onlyError,
  },
};
