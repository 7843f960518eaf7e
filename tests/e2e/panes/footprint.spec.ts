/** The footprint chart: its cells and marks are those of the API, while they grow and after. */
import { expect, test } from '../support/fixtures.ts';
import { FlowPane, footprintsOfApi, fromFirstOf } from '../support/flow-panes.ts';

/** Rows of this many ticks at the beginning. */
const ROW_TICKS = 5;

test('cells and marks are those of the API, the open bar with the trades that the stream told of', async ({
  page,
  market,
  instance,
  instruments,
}) => {
  const pane = new FlowPane(page, 'footprint');
  const { slug } = instruments.nifty;
  await pane.openLive(slug);
  const tradesOf = async () =>
    (await pane.footprints()).flatMap(({ cells }) => cells).reduce((sum, { trades }) => sum + trades, 0);
  const before = await tradesOf();
  await expect.poll(tradesOf).toBeGreaterThan(before);
  await market.freeze(slug);
  await expect
    .poll(async () => {
      const drawn = (await pane.footprints()).map(({ isOpen: _, words: __, ...bar }) => bar);
      const stored = fromFirstOf(await footprintsOfApi(instance.appUrl, slug, ROW_TICKS), drawn);
      return drawn.length > 0 && sorted(drawn) === sorted(stored) ? 'the same' : { drawn, stored };
    })
    .toBe('the same');
  expect(
    (await pane.footprints()).some(({ isOpen }) => isOpen),
    'a bar with trades of the stream',
  ).toBe(true);
});

test('each way of writing a cell says its number, in lots', async ({ page, market, instruments }) => {
  const pane = new FlowPane(page, 'footprint');
  const { slug, lotSize } = instruments.nifty;
  await pane.openLive(slug);
  await market.freeze(slug);
  const lots = (quantity: number) => (quantity / lotSize).toLocaleString('en-IN', { maximumFractionDigits: 1 });
  const ways = {
    bidAsk: ({ buy, sell }: Cell) => [lots(sell), lots(buy)],
    delta: ({ buy, sell }: Cell) => [`${buy > sell ? '+' : buy < sell ? '−' : ''}${lots(Math.abs(buy - sell))}`],
    volume: ({ buy, sell, unknown }: Cell) => [lots(buy + sell + unknown)],
    trades: ({ trades }: Cell) => [String(trades)],
  };
  for (const [mode, wordsOf] of Object.entries(ways)) {
    await page.getByLabel('Cells').selectOption(mode);
    await expect
      .poll(async () => {
        const bars = await pane.footprints();
        return bars.length > 0 && bars.every(({ cells, words }) => sorted(cells.map(wordsOf)) === sorted(words));
      })
      .toBe(true);
  }
});

test('keys move the crosshair over bars and prices, and the table reads the bars', async ({ page, instruments }) => {
  const pane = new FlowPane(page, 'footprint');
  await pane.openLive(instruments.nifty.slug);
  await pane.chart.focus();
  await page.keyboard.press('ArrowUp');
  await expect(pane.values).toContainText(/₹ [\d,]+\.\d\d/);
  const priceOf = async () => /₹ ([\d,]+\.\d\d)/.exec(await pane.values.innerText())?.[1]?.replaceAll(',', '');
  const before = Number(await priceOf());
  await page.keyboard.press('ArrowUp');
  const { tickSize, priceScale } = instruments.nifty;
  await expect.poll(async () => Number(await priceOf())).toBeCloseTo(before + (ROW_TICKS * tickSize) / priceScale, 2);
  await expect(pane.table.getByRole('columnheader', { name: 'Delta' })).toBeAttached();
  await page.keyboard.press('Escape');
  await expect(pane.values).not.toContainText('₹');
});

test('rows of more ticks are fewer, and hold the same', async ({ page, market, instruments }) => {
  const pane = new FlowPane(page, 'footprint');
  await pane.openLive(instruments.nifty.slug);
  await market.freeze(instruments.nifty.slug);
  const sums = async () => {
    const cells = (await pane.footprints()).flatMap((bar) => bar.cells);
    return { rows: cells.length, trades: cells.reduce((sum, { trades }) => sum + trades, 0) };
  };
  let fine = await sums();
  // What was on its way when trading stopped.
  await expect
    .poll(async () => {
      const before = fine;
      fine = await sums();
      return before.trades === fine.trades;
    })
    .toBe(true);
  await page.getByLabel('Row').selectOption('50');
  await expect.poll(async () => (await sums()).trades).toBe(fine.trades);
  expect((await sums()).rows).toBeLessThan(fine.rows);
});

type Cell = Awaited<ReturnType<FlowPane['footprints']>>[number]['cells'][number];

/** As text, whatever the order of the names. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
