/** The tape: what a filter shows is what is stored, and it can be held still. */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import { openPane, paneState } from '../support/panes.ts';

interface TapePage {
  readonly trades: readonly { readonly stampUs: number; readonly n: number }[];
  readonly next: string | null;
}

const rowsOf = (page: Page) => page.getByRole('table').locator('[data-name]');

/** Names of all trades that the tape holds, newest first, by scrolling from its upper end to its lower one. */
async function shownNames(page: Page): Promise<string[]> {
  return page.getByRole('rowgroup', { name: 'Rows' }).evaluate(async (scroller) => {
    const names = new Set<string>();
    scroller.scrollTo({ top: 0 });
    for (;;) {
      // Twice: rows are made in the frame after the one that has scrolled.
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
      for (const row of scroller.querySelectorAll('[data-name]')) names.add(row.getAttribute('data-name') ?? '');
      if (scroller.scrollTop + scroller.clientHeight >= scroller.scrollHeight - 1) break;
      scroller.scrollBy({ top: scroller.clientHeight / 2 });
    }
    scroller.scrollTo({ top: 0 });
    return [...names].filter((name) => !name.startsWith('gap'));
  });
}

/** Names of what the API answers for a filter, newest first. */
async function storedNames(appUrl: string, query: Record<string, string>): Promise<string[]> {
  const names: string[] = [];
  let cursor: string | null = null;
  do {
    const parameters = new URLSearchParams({ ...query, order: 'newest', limit: '100', ...(cursor ? { cursor } : {}) });
    const response = await fetch(`${appUrl}/api/orderflow/tape?${parameters}`);
    const { trades, next } = (await response.json()) as TapePage;
    names.push(...trades.map(({ stampUs, n }) => `${stampUs}.${n}`));
    cursor = next;
  } while (cursor !== null);
  return names;
}

test('a filter shows the trades that are stored, all of them and no others', async ({
  page,
  market,
  instance,
  instruments,
}) => {
  const { nifty } = instruments;
  await openPane(page, 'tape', nifty);
  await expect(paneState(page, 'Live')).toBeVisible();
  await page.getByRole('combobox', { name: 'Side' }).selectOption('buy');
  await page.getByLabel('From lots').fill('2');
  await page.getByLabel('From lots').press('Enter');
  await expect(rowsOf(page).first()).toContainText('Buy');
  await market.freeze(nifty.slug);
  const day = new Date(Date.now() + 19_800_000).toISOString().slice(0, 10);
  const query = {
    instrument: nifty.slug,
    from: `${day}T00:00:00+05:30`,
    to: new Date(Date.now() + 60_000).toISOString(),
    side: 'buy',
    min_quantity: String(2 * nifty.lotSize),
  };
  let stored: string[] = [];
  await expect
    .poll(
      async () => {
        stored = await storedNames(instance.appUrl, query);
        const shown = await shownNames(page);
        return {
          missing: stored.filter((name) => !shown.includes(name)),
          more: shown.filter((name) => !stored.includes(name)),
        };
      },
      { message: 'trades that are stored and not shown, and the other way round' },
    )
    .toEqual({ missing: [], more: [] });
  expect(stored.length, 'trades compared').toBeGreaterThan(5);
});

test('a paused tape stands still, says how much has come, and goes on', async ({ page, instruments }) => {
  await openPane(page, 'tape', instruments.nifty);
  await expect(paneState(page, 'Live')).toBeVisible();
  await expect(rowsOf(page).nth(3)).toBeVisible();
  await page.getByRole('button', { name: 'Pause' }).click();
  const fresh = page.getByRole('button', { name: /^\d+ new$/ });
  await expect(fresh).toBeVisible();
  const price = await rowsOf(page).first().innerText();
  await expect(fresh).toHaveText(/^[2-9]\d* new$/, { timeout: 30_000 });
  // The same trade, though it may have been stored meanwhile.
  expect((await rowsOf(page).first().innerText()).split('\n')[0]).toBe(price.split('\n')[0]);
  await fresh.click();
  await expect(fresh).toHaveCount(0);
  await expect.poll(async () => (await rowsOf(page).first().innerText()).split('\n')[0]).not.toBe(price.split('\n')[0]);
});
