/** What has to be known stands under the header of every page until it is put aside. */
import { expect, test } from '../support/fixtures.ts';

test('a notice is shown, leads where it can be put right, and is put aside for good', async ({ page, instance }) => {
  await instance.sql(
    `INSERT INTO gehra.notices (event, level, title, detail, link)
     VALUES ('test', 'warn', 'When is the session of Sun 8 Nov?', 'Enter its hours.', '/settings/hours')
     ON CONFLICT (event) DO NOTHING`,
  );
  try {
    await page.goto('/rehearsal');
    const bar = page.getByRole('region', { name: 'Notice' });
    await expect(bar).toContainText('When is the session of Sun 8 Nov? Enter its hours.');
    await bar.getByRole('link', { name: 'Put it right' }).click();
    await expect(page).toHaveURL(/\/settings\/hours$/);
    await bar.getByRole('button', { name: 'Put aside' }).click();
    await expect(bar).toHaveCount(0);
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Special days' })).toBeVisible();
    await expect(bar).toHaveCount(0);
  } finally {
    await instance.sql(`DELETE FROM gehra.notices WHERE event = 'test'`);
  }
});
