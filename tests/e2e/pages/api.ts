/** The API to be read: made on the server with the page, of the schemas that it was built with. */
import { expect } from '../support/fixtures.ts';
import type { Absent, PageRow } from './page-table.ts';

const asksNothing: Absent = { absent: 'a text: it asks nothing of the server and shows nothing of the market' };

export const apiPage: PageRow = {
  file: 'app/docs/api/page.tsx',
  name: 'api',
  states: {
    loading: asksNothing,
    empty: asksNothing,
    live: {
      reach: async ({ page }) => void (await page.goto('/docs/api')),
      reads: async ({ page }) => {
        await expect(page.getByRole('heading', { level: 1 })).toHaveText('API');
        const cvd = page.getByRole('region', { name: 'Cumulative volume delta' });
        await expect(cvd).toContainText('GET /api/orderflow/cvd');
        await expect(cvd.getByText('anchor', { exact: true }).first()).toBeVisible();
        await cvd.getByText('Answer', { exact: true }).click();
        await expect(cvd.getByText('sinceAnchor', { exact: true }).first()).toBeVisible();
        const document = await page.request.get('/api/openapi.json');
        expect(document.status()).toBe(200);
        const { paths } = (await document.json()) as { paths: Record<string, object> };
        await expect(page.getByRole('main').getByRole('region')).toHaveCount(
          Object.values(paths).flatMap((methods) => Object.keys(methods)).length,
        );
      },
    },
    stale: asksNothing,
    gap: asksNothing,
    error: asksNothing,
    'signed out': {
      reach: async ({ page, signInServer }) => void (await page.goto(await signInServer.address('/docs/api'))),
      reads: async ({ page }) => {
        await expect(page).toHaveURL(/\/login\?next=%2Fdocs%2Fapi$/);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      },
    },
  },
};
