/** The search of the header, on the pages that have none of their own. */
import { expect, test } from '../support/fixtures.ts';
import { InstrumentList } from '../support/instrument-list.ts';

for (const start of ['/connections', '/settings/hours']) {
  test(`/ on ${start} finds an instrument`, async ({ page, live, instruments }) => {
    await page.goto(start);
    await expect(page.getByRole('banner')).toContainText('Simulated');
    await page.keyboard.press('/');
    const dialog = page.getByRole('dialog', { name: 'Choose an instrument' });
    await expect(dialog).toBeVisible();
    await dialog.getByRole('combobox').fill(instruments.nifty.symbol);
    await expect(new InstrumentList(dialog).options.first()).toContainText(instruments.nifty.symbol);
    await page.keyboard.press('Enter');
    await expect(live.heatmap).toHaveAccessibleName(`Depth heatmap of ${instruments.nifty.symbol}`);
    await expect(dialog).toBeHidden();
  });
}

test('/ is a letter where one types, and the list keeps its own search', async ({ page }) => {
  await page.goto('/settings/hours');
  const name = page.getByLabel('Name');
  await expect(name).toBeEnabled();
  await name.focus();
  await page.keyboard.press('/');
  await expect(name).toHaveValue('/');
  await page.goto('/');
  const list = new InstrumentList(page);
  await expect(list.options.first()).toBeVisible();
  await page.keyboard.press('/');
  await expect(list.search).toBeFocused();
  await expect(page.getByRole('dialog')).toHaveCount(0);
});
