/** Finding an instrument by keyboard alone, on the start page and over a chart. */
import { expect, test } from '../support/fixtures.ts';
import { InstrumentList } from '../support/instrument-list.ts';

test('from the start page: a key, some letters, arrows, Enter', async ({ page, live, instruments }) => {
  await page.goto('/');
  const list = new InstrumentList(page);
  await expect(list.options).toHaveCount(instruments.count);
  await page.keyboard.press('/');
  await expect(list.search).toBeFocused();
  await page.keyboard.type('nifty fut');
  await expect(list.options).toHaveCount(2);
  // The shorter name is nearer to what was typed.
  await expect(list.chosen).toContainText(instruments.nifty.symbol);
  await page.keyboard.press('ArrowDown');
  await expect(list.chosen).toContainText(instruments.bankNifty.symbol);
  await expect(list.search).toHaveAttribute('aria-activedescendant', (await list.chosen.getAttribute('id')) ?? '');
  await page.keyboard.press('ArrowDown');
  await expect(list.chosen).toContainText(instruments.bankNifty.symbol);
  await page.keyboard.press('ArrowUp');
  await expect(list.chosen).toContainText(instruments.nifty.symbol);
  await page.keyboard.press('Enter');
  await expect(live.heatmap).toHaveAccessibleName(`Depth heatmap of ${instruments.nifty.symbol}`);
  await expect(live.badge('Live')).toBeVisible();
});

test('over a chart: the dialog opens on another instrument and goes', async ({ page, live, instruments }) => {
  await live.openLive(instruments.nifty.slug);
  await page.keyboard.press('/');
  const dialog = page.getByRole('dialog', { name: 'Choose an instrument' });
  const list = new InstrumentList(dialog);
  await expect(list.search).toBeFocused();
  await page.keyboard.type('hdfc');
  await expect(list.options).toHaveCount(1);
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(live.heatmap).toHaveAccessibleName(`Depth heatmap of ${instruments.hdfcBank.symbol}`);
  await expect(page).toHaveTitle(`${instruments.hdfcBank.slug} · Gehra`);
  await expect(live.badge('Live')).toBeVisible();
  await page.goBack();
  await expect(live.heatmap).toHaveAccessibleName(`Depth heatmap of ${instruments.nifty.symbol}`);
  await expect(live.badge('Live')).toBeVisible();
});

test('words may come in any order and in any case', async ({ page, instruments }) => {
  await page.goto('/');
  const list = new InstrumentList(page);
  await list.search.fill('  Pe  NIFTY 25900 ');
  await expect(list.options).toHaveCount(1);
  await expect(list.options).toContainText('Put 25,900.00');
  await list.search.fill('');
  await expect(list.options).toHaveCount(instruments.count);
});
