/** The palette of commands, and keys bound otherwise. */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import { WorkspaceView } from '../support/workspace.ts';

/** Opens the palette, looks for something, and takes the first that is found. */
async function command(page: Page, text: string, first: RegExp): Promise<void> {
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Commands' });
  await expect(palette.getByRole('combobox')).toBeFocused();
  await page.keyboard.type(text);
  await expect(palette.getByRole('option', { selected: true })).toHaveText(first);
  await page.keyboard.press('Enter');
  await expect(palette).toBeHidden();
}

test('the palette goes to pages, instruments, themes, panes and layouts', async ({ page, live, instruments }) => {
  await page.goto('/connections');
  await expect(page.getByRole('banner')).toContainText('Simulated');
  await command(page, 'theme light', /^Theme: light$/);
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await command(page, 'go workspace', /^Go to Workspace$/);
  const view = new WorkspaceView(page);
  await expect(page.getByRole('heading', { name: 'Nothing is open here yet' })).toBeVisible();
  await command(page, 'sample options', /^Sample layout: Options$/);
  await expect(view.panes).toHaveCount(4);
  await command(page, 'open pane tape', /^Open a pane: Tape$/);
  await expect(view.panes).toHaveCount(5);
  await page.goto('/connections');
  await command(page, instruments.infosys.symbol, new RegExp(`^${instruments.infosys.symbol}`));
  await expect(live.heatmap).toHaveAccessibleName(`Depth heatmap of ${instruments.infosys.symbol}`);
});

test('a key is bound otherwise, used, kept and put back', async ({ page, live, instruments }) => {
  await live.openLive(instruments.nifty.slug);
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keys and gestures' });
  const row = sheet.getByRole('listitem').filter({ hasText: 'Follow the market' });
  const change = row.getByRole('button', { name: /^Change the key/ });
  await change.click();
  await page.keyboard.press('l');
  await expect(row.getByRole('alert')).toContainText('L is taken: Back to live.');
  await page.keyboard.press('q');
  await expect(row.locator('[data-keys]')).toHaveText('Q');
  await expect(change).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();

  const following = async () => (await live.view()).following;
  await page.keyboard.press('q');
  await expect.poll(following).toBe(false);
  await page.reload();
  await expect(live.badge('Live')).toBeVisible();
  await expect.poll(() => live.viewIfShown()).not.toBeNull();
  await page.keyboard.press('q');
  await expect.poll(following).toBe(false);
  await page.keyboard.press('?');
  await row.getByRole('button', { name: /^Put back/ }).click();
  await expect(row.locator('[data-keys]')).toHaveText('F');
});
