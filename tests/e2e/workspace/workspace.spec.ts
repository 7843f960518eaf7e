/** Panes are added, split, moved, resized, closed, linked and kept; layouts are saved, sent and read. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '../support/fixtures.ts';
import { WorkspaceView } from '../support/workspace.ts';

test('panes are split, moved, maximised and closed by keyboard alone', async ({ page, server }) => {
  const view = new WorkspaceView(page);
  await view.begin('Heatmap');
  await view.expectLive(view.pane(1));
  await page.keyboard.press('Alt+Shift+KeyR');
  await page.keyboard.press('Alt+Shift+KeyD');
  await expect(view.panes).toHaveCount(3);
  expect(await view.shown()).toEqual(['p1', 'p2', 'p3']);
  for (const n of [1, 2, 3]) await view.expectLive(view.pane(n));
  await expect.poll(() => server.streams(), { message: 'one connection for all panes' }).toBe(1);

  await page.keyboard.press('F6');
  await expect(view.pane(1)).toBeFocused();
  await page.keyboard.press('Shift+F6');
  await expect(view.pane(3)).toBeFocused();
  await page.keyboard.press('Alt+Shift+ArrowUp');
  await expect.poll(() => view.shown()).toEqual(['p1', 'p3', 'p2']);
  await expect(view.pane(3), 'the focus moves with the pane').toBeFocused();
  await page.keyboard.press('Alt+Shift+KeyM');
  await expect(view.pane(1)).toBeHidden();
  await page.keyboard.press('Alt+Shift+KeyM');
  await expect(view.pane(1)).toBeVisible();
  await page.keyboard.press('Alt+Shift+KeyX');
  await expect(view.panes).toHaveCount(2);
  // A reload brings back what was left.
  await page.reload();
  await expect.poll(() => view.shown()).toEqual(['p1', 'p2']);
});

test('a pane keeps its picture when it is moved by mouse, and sizes are kept', async ({ page }) => {
  const view = new WorkspaceView(page);
  await view.begin('Heatmap');
  await view.pane(1).getByRole('button', { name: 'Add a pane to the right' }).click();
  await view.expectLive(view.pane(2));
  const drawn = async () => (await page.evaluate(() => window.gehra?.stats()))?.framesDrawn ?? 0;
  await expect.poll(drawn).toBeGreaterThan(0);
  const before = await drawn();
  const box = await view.pane(1).boundingBox();
  await view
    .pane(2)
    .locator('header')
    .dragTo(view.pane(1), { sourcePosition: { x: 6, y: 6 }, targetPosition: { x: 10, y: (box?.height ?? 0) / 2 } });
  await expect.poll(() => view.shown()).toEqual(['p2', 'p1']);
  expect(await drawn(), 'pictures of the session that was there before').toBeGreaterThanOrEqual(before);

  const separator = page.getByRole('separator', { name: 'Width of panes' });
  await separator.focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowLeft');
  const width = async () => Math.round((await view.pane(2).boundingBox())?.width ?? 0);
  await expect.poll(width).toBeLessThan(700);
  const chosen = await width();
  await page.reload();
  await expect.poll(width).toBe(chosen);
});

test('panes of a group change instrument together, and others stay', async ({ page, instruments }) => {
  const view = new WorkspaceView(page);
  await view.begin('Heatmap');
  for (let i = 0; i < 2; i++) await view.pane(1).getByRole('button', { name: 'Add a pane to the right' }).click();
  await expect(view.panes).toHaveCount(3);
  await view.pane(2).getByRole('combobox', { name: 'Group' }).selectOption('');
  const was = await view
    .pane(2)
    .getByRole('button', { name: /choose another instrument/ })
    .innerText();
  await view
    .pane(1)
    .getByRole('button', { name: /choose another instrument/ })
    .click();
  const { symbol } = instruments.infosys;
  await page.getByRole('combobox', { name: 'Search instruments' }).fill(symbol);
  await page.getByRole('option').filter({ hasText: symbol }).first().click();
  for (const n of [1, 3]) {
    await expect(view.pane(n).getByRole('application')).toHaveAccessibleName(`Depth heatmap of ${symbol}`);
  }
  await expect(view.pane(2).getByRole('application')).toHaveAccessibleName(`Depth heatmap of ${was}`);
});

test('the cursor and the visible time go to the other panes of the group', async ({ page }) => {
  const view = new WorkspaceView(page);
  await view.begin('Heatmap');
  await view.pane(1).getByRole('button', { name: 'Add a pane below' }).click();
  for (const n of [1, 2]) await view.expectLive(view.pane(n));
  // Panning the first leaves live in both, and going back to live is for both too.
  await view.pane(1).getByRole('application').focus();
  await page.keyboard.press('Shift+ArrowRight');
  for (const n of [1, 2]) await expect(view.pane(n).getByRole('button', { name: 'Back to live' })).toBeVisible();
  await view.pane(2).getByRole('button', { name: 'Back to live' }).click();
  for (const n of [1, 2]) await expect(view.pane(n).getByRole('button', { name: 'Back to live' })).toHaveCount(0);
});

test('layouts are saved, opened, exported, imported and deleted', async ({ page }, info) => {
  const view = new WorkspaceView(page);
  await view.begin('Heatmap');
  await view.pane(1).getByRole('button', { name: 'Add a pane below' }).click();
  await view.layouts.locator('summary').click();
  await view.layouts.getByLabel('Name of the layout').fill('Two high');
  await view.layouts.getByRole('button', { name: 'Save' }).click();
  await page.keyboard.press('Escape');
  const download = page.waitForEvent('download');
  await view.choose('Export as a file');
  const file = info.outputPath('layout.json');
  await (await download).saveAs(file);
  expect((await download).suggestedFilename()).toBe('gehra-two-high.json');
  expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ version: 1, root: { split: 'column' } });

  for (const n of [1, 2]) await view.pane(n).getByRole('button', { name: 'Close pane' }).click();
  await expect(page.getByRole('heading', { name: 'Nothing is open here yet' })).toBeVisible();
  await view.choose('Two high');
  await expect.poll(() => view.shown()).toEqual(['p1', 'p2']);
  await view.pane(1).getByRole('button', { name: 'Close pane' }).click();
  await page.getByLabel('File with a layout').setInputFiles(file);
  await expect.poll(() => view.shown()).toEqual(['p1', 'p2']);

  const bad = {
    name: 'bad.json',
    mimeType: 'application/json',
    buffer: Buffer.from('{"version":1,"root":{"id":"p1"}}'),
  };
  await page.getByLabel('File with a layout').setInputFiles(bad);
  await expect(view.fault).toContainText('“bad.json” could not be imported. root.kind is no kind of pane.');
  expect(await view.shown(), 'nothing has changed').toEqual(['p1', 'p2']);
  await view.fault.getByRole('button', { name: 'Dismiss' }).click();

  await view.layouts.locator('summary').click();
  await view.layouts.getByRole('button', { name: 'Delete Two high' }).click();
  await expect(view.layouts.getByRole('list', { name: 'Saved layouts' })).toHaveCount(0);
});

test('a layout is sent as an address, and does not take the place of what is there', async ({ context, page }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const view = new WorkspaceView(page);
  await view.begin('Heatmap');
  await view.pane(1).getByRole('button', { name: 'Add a pane to the right' }).click();
  await view.choose('Copy a link to this layout');
  await expect(page.getByText('Link copied.')).toBeVisible();
  const address = await page.evaluate(() => navigator.clipboard.readText());
  expect(address).toMatch(/\/workspace#layout=[\w-]+$/);
  await view.pane(2).getByRole('button', { name: 'Close pane' }).click();

  const other = new WorkspaceView(await context.newPage());
  await other.page.goto(address);
  await expect(other.page.getByText('a layout that somebody has sent')).toBeVisible();
  await expect(other.panes).toHaveCount(2);
  await other.page.getByRole('button', { name: 'Back to mine' }).click();
  await expect(other.panes).toHaveCount(1);
  await other.page.goto(`${address.slice(0, -12)}`);
  await expect(other.fault).toContainText('The address is damaged');
});
