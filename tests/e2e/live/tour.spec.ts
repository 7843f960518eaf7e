/** Who sees the heatmap for the first time is shown around, once. */
import { expect, test } from '../support/fixtures.ts';
import { InstrumentList } from '../support/instrument-list.ts';
import { expectAccessible } from '../support/reading.ts';

test.use({ firstVisit: true });

test('the tour goes by keyboard, and is not shown again', async ({ page, live, instruments }) => {
  await live.openLive(instruments.nifty.slug);
  const tour = page.getByRole('dialog');
  for (let step = 1; step <= 5; step += 1) {
    await expect(tour).toContainText(`Tour, ${step} of 5`);
    await expect(tour.getByRole('button', { name: step < 5 ? 'Next' : 'Done' })).toBeFocused();
    if (step === 2) await expectAccessible(page);
    await page.keyboard.press('Enter');
  }
  await expect(tour).toHaveCount(0);
  await expect(live.heatmap).toBeFocused();
  await page.reload();
  await expect(live.badge('Live')).toBeVisible();
  await live.historyLoaded();
  await expect(tour).toHaveCount(0);
});

test('the tour is left with Escape, for good', async ({ page, live, instruments }) => {
  await live.openLive(instruments.nifty.slug);
  await expect(page.getByRole('dialog')).toContainText('Tour, 1 of 5');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  expect(await page.evaluate(() => localStorage.getItem('gehra.tour'))).toBe('true');
});

test('the start page says where to begin, until it is put aside', async ({ page, instruments }) => {
  await page.goto('/');
  const start = page.getByRole('region', { name: 'Start here' });
  await expect(start).toContainText('The market is simulated');
  await expect(start.getByRole('link', { name: /^Open the heatmap of / })).toHaveAttribute('href', /^\/live\//);
  await expect(new InstrumentList(page).options).toHaveCount(instruments.count);
  await expectAccessible(page);
  await start.getByRole('button', { name: 'Put aside' }).click();
  await expect(start).toHaveCount(0);
  await page.reload();
  await expect(new InstrumentList(page).options).toHaveCount(instruments.count);
  await expect(start).toHaveCount(0);
});
