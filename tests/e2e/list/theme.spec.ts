/** The light theme: follows the system, is chosen, is kept, can be read, and reaches what is drawn. */
import { expect, test } from '../support/fixtures.ts';
import { expectAccessible } from '../support/reading.ts';

const ground = 'getComputedStyle(document.body).backgroundColor';
const WHITE = 'rgb(255, 255, 255)';

test('the theme follows the system until one is chosen, and the choice is kept', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/connections');
  expect(await page.evaluate(ground)).toBe(WHITE);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => page.evaluate(ground)).not.toBe(WHITE);
  await page.getByRole('combobox', { name: 'Theme' }).selectOption('light');
  await expect.poll(() => page.evaluate(ground)).toBe(WHITE);
  await page.reload();
  expect(await page.evaluate(ground)).toBe(WHITE);
  await expect(page.getByRole('combobox', { name: 'Theme' })).toHaveValue('light');
});

for (const path of ['/', '/workspace', '/connections', '/settings/hours', '/exports']) {
  test(`${path} can be read in the light theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
    await expect(page.getByRole('banner')).toContainText('Simulated');
    await expectAccessible(page);
  });
}

test('the heatmap is drawn in the theme that is chosen meanwhile', async ({ page, live, instruments }) => {
  await live.openLive(instruments.nifty.slug);
  await page.emulateMedia({ colorScheme: 'light' });
  await expect.poll(() => page.evaluate(ground)).toBe(WHITE);
  await expectAccessible(page);
  // The axis on the right has nothing but the ground and its numbers.
  await expect
    .poll(async () => {
      const { width } = await live.box();
      const area = { x: width - 70, y: 0, width: 60, height: 200 };
      return (await live.picture()).share(area, (colour) => colour.every((channel) => channel === 255));
    })
    .toBeGreaterThan(0.5);
});
