/** The ladder: its numbers are the stored book's, and it is worked by keys. */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/fixtures.ts';
import { openPane, paneState } from '../support/panes.ts';
import { ASK, BID, type StoredSide, storedSides } from '../support/stored-books.ts';

const US_PER_SECOND = 1_000_000;

/** Cells of the table that reads the ladder out, by row. */
const tableOf = (page: Page): Promise<string[][]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('table tbody tr')].map((row) => [...row.children].map((it) => it.textContent ?? '')),
  );

const priceOf = (text: string | undefined): number => Math.round(Number((text ?? '').replaceAll(',', '')) * 100);
const lotsOf = (text: string | undefined): number => (text === '–' ? 0 : Number((text ?? '').replaceAll(',', '')));

test('the ladder shows the book as it is stored, level by level', async ({ page, market, instance, instruments }) => {
  const { nifty } = instruments;
  await openPane(page, 'ladder', nifty);
  await expect(paneState(page, 'Live')).toBeVisible();
  await market.freeze(nifty.slug);
  const stored = async (): Promise<(StoredSide | undefined)[]> => {
    const nowUs = Date.now() * 1000;
    const sides = await storedSides(instance, nifty.id, nowUs - 5 * US_PER_SECOND, nowUs);
    return [BID, ASK].map((number) => sides.findLast(({ side }) => side === number));
  };
  await expect
    .poll(async () => {
      const [bid, ask] = await stored();
      const rows = await tableOf(page);
      const prices = rows.map(([price]) => priceOf(price));
      const quantity = (side: StoredSide | undefined, price: number) =>
        (side?.quantities[side.prices.indexOf(price)] ?? 0) / nifty.lotSize;
      const compared = [1, 3].map((column) => rows.filter((row) => lotsOf(row[column]) > 0).length > 0);
      const differences = prices.filter(
        (price, at) => lotsOf(rows[at]?.[1]) !== quantity(bid, price) || lotsOf(rows[at]?.[3]) !== quantity(ask, price),
      );
      return { compared, differences };
    })
    .toEqual({ compared: [true, true], differences: [] });
});

test('keys scroll the ladder and bring it back', async ({ page, instruments }) => {
  await openPane(page, 'ladder', instruments.nifty);
  await expect(paneState(page, 'Live')).toBeVisible();
  const follows = page.getByRole('button', { name: 'Bring the market to the middle' });
  await expect(follows).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('application', { name: /^Price ladder of / }).focus();
  const highest = async () => priceOf((await tableOf(page))[0]?.[0]);
  await expect.poll(highest).toBeGreaterThan(0);
  const before = await highest();
  await page.keyboard.press('PageUp');
  await page.keyboard.press('ArrowUp');
  await expect(follows).toHaveAttribute('aria-pressed', 'false');
  await expect.poll(highest).toBeGreaterThan(before);
  await page.keyboard.press('Home');
  await expect(follows).toHaveAttribute('aria-pressed', 'true');
});
