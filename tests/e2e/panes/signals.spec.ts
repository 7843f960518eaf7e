/** Signals from the exchange to the eye: found, shown with what they rest on, acknowledged for good, and the same as stored. */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import { LivePage } from '../support/live-page.ts';
import { openPane, paneState } from '../support/panes.ts';

/** Times the largest level that the simulated future has near its touch. */
const WALL_LOTS = 4000;
const WALL_TICKS = 30;

const rowOf = (page: Page, title: string, price: string) =>
  page
    .getByRole('list', { name: 'Signals' })
    .locator('[data-row]')
    .filter({ hasText: title })
    .filter({ hasText: price });

test('a wall that is pulled is in the panel, leads to the heatmap, and stays acknowledged', async ({
  page,
  context,
  instance,
  instruments,
}, info) => {
  test.slow();
  const { slug, lotSize } = instruments.nifty;
  await openPane(page, 'signals', instruments.nifty);
  await expect(paneState(page, 'Live')).toBeVisible();
  await page.getByRole('combobox', { name: 'Order' }).selectOption('time');

  // The detectors may still be learning what is usual: until they know, walls come and go unseen.
  let [price, wallPrice, pulledMs] = ['', 0, 0];
  await expect(async () => {
    const wall = await instance.control<{ price: number }>('wall', {
      instrument: slug,
      side: 'bid',
      quantity: WALL_LOTS * lotSize,
      ticks: WALL_TICKS,
    });
    wallPrice = wall.price;
    price = (wall.price / 100).toLocaleString('en-IN', { minimumFractionDigits: 2 });
    const appeared = expect(rowOf(page, 'Wall appeared', price)).toBeVisible({ timeout: 5000 });
    await appeared.finally(() => instance.control('pull', { instrument: slug, side: 'bid', price: wall.price }));
    pulledMs = performance.now();
  }).toPass({ timeout: 120_000 });
  const row = rowOf(page, 'Wall pulled', price);
  await expect(row).toBeVisible();
  info.annotations.push({ type: 'from the pull to the panel', description: `${performance.now() - pulledMs} ms` });
  const id = await row.getAttribute('data-signal');

  const now = Date.now();
  const query = new URLSearchParams({
    instruments: slug,
    kinds: 'wall_pulled',
    from: new Date(now - 600_000).toISOString(),
    to: new Date(now + 60_000).toISOString(),
  });
  const answer = await page.request.get(`/api/signals?${query}`);
  const { signals } = (await answer.json()) as { signals: { id: string; lowPrice: number }[] };
  expect(signals.find((signal) => signal.id === id)?.lowPrice, 'price of the stored signal').toBe(wallPrice);
  await row.click();
  await expect(row).toHaveAttribute('aria-expanded', 'true');

  const opened = context.waitForEvent('page');
  await row.press('Enter');
  const live = new LivePage(await opened);
  await expect.poll(async () => (await live.viewIfShown())?.evidence?.side).toBe('bid');
  await live.page.close();

  await row.press('a');
  await expect(row).toHaveAttribute('data-phase', 'acknowledged');
  await page.reload();
  await page.getByRole('combobox', { name: 'Order' }).selectOption('time');
  await expect(row).toHaveAttribute('data-phase', 'acknowledged');
});
