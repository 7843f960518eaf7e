/** The chart of bars: its numbers are those of the API, while they grow and after. */
import { answerWith } from '../support/answers.ts';
import { expect, test } from '../support/fixtures.ts';
import { barsOfApi, FlowPane, fromFirstOf } from '../support/flow-panes.ts';

const FIELDS = ['us', 'open', 'high', 'low', 'close', 'volume', 'delta', 'cvd'] as const;
const wordsOf = (bars: readonly Record<(typeof FIELDS)[number], number | null>[]) =>
  bars.map((bar) => FIELDS.map((field) => `${field} ${bar[field]}`).join(', '));

test('bars are those of the API, the open one with the trades that the stream told of', async ({
  page,
  market,
  instance,
  instruments,
}) => {
  const pane = new FlowPane(page, 'chart');
  const { slug } = instruments.nifty;
  await pane.openLive(slug);
  const volumeOf = async () => (await pane.bars()).reduce((sum, { volume }) => sum + volume, 0);
  const before = await volumeOf();
  // It grows by itself, without a request.
  await expect.poll(volumeOf).toBeGreaterThan(before);
  await market.freeze(slug);
  await expect
    .poll(async () => {
      const drawn = await pane.bars();
      const stored = fromFirstOf(await barsOfApi(instance.appUrl, slug), drawn);
      const [ours, theirs] = [wordsOf(drawn), wordsOf(stored)];
      const [here, there] = [ours, theirs].map((mine, i) => mine.filter((bar) => ![theirs, ours][i]?.includes(bar)));
      return ours.length > 0 && ours.join('\n') === theirs.join('\n') ? 'the same' : { here, there };
    })
    .toBe('the same');
  expect(
    (await pane.bars()).some(({ isOpen }) => isOpen),
    'a bar with trades of the stream',
  ).toBe(true);
});

test('keys move the crosshair and the values under it, and the table reads the bars', async ({ page, instruments }) => {
  const pane = new FlowPane(page, 'chart');
  await pane.openLive(instruments.nifty.slug);
  await expect.poll(async () => (await pane.bars()).length).toBeGreaterThan(1);
  const momentOf = (values: string): string => /\d\d \w+ \d\d:\d\d IST/.exec(values)?.[0] ?? 'none';
  const newest = momentOf(await pane.values.innerText());
  await pane.chart.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(pane.values).not.toContainText(newest);
  const moment = momentOf(await pane.values.innerText());
  const cells = pane.table.getByRole('row', { name: moment }).getByRole('cell');
  // A bar that lies behind the newest does not change under our hands.
  const close = await cells.nth(3).innerText();
  await expect(pane.values).toContainText(`C ${close}`);
  await page.keyboard.press('Escape');
  await expect(pane.values).not.toContainText(moment);
});

test('rows are switched, and each has its number', async ({ page, instruments }) => {
  const pane = new FlowPane(page, 'chart');
  await pane.openLive(instruments.nifty.slug);
  await expect(pane.values).toContainText(/VWAP [\d,]+\.\d\d/);
  // What books say is told of bars that are over, and a market that has just opened has no minute that is.
  await page.getByLabel('Bars').selectOption('5s');
  await expect.poll(async () => (await pane.bars()).length, { timeout: 40_000 }).toBeGreaterThan(4);
  await page.getByText('Rows', { exact: true }).first().click();
  for (const row of ['OI', 'Imbalance', 'OFI', 'Spread', 'Cost'])
    await page.getByRole('checkbox', { name: row, exact: true }).check();
  await page.getByRole('checkbox', { name: 'Volume' }).uncheck();
  await expect(pane.values).toContainText(/OI [\d,]+/);
  await expect(pane.values).not.toContainText('Volume');
  await pane.chart.focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect(pane.values).toContainText(/Imbalance [+−]?0\.\d\d/);
  await expect(pane.values).toContainText(/OFI [+−]?[\d,]+/);
  await expect(pane.values).toContainText(/Spread \d+\.\d\d/);
  await expect(pane.values).toContainText(/Cost of 10 lots, bps \d+\.\d\d/);
});

test('a bar of a second is one too', async ({ page, instruments }) => {
  const pane = new FlowPane(page, 'chart');
  await pane.openLive(instruments.nifty.slug);
  await page.getByLabel('Bars').selectOption('1s');
  await expect(pane.values).toContainText(/\d\d:\d\d:\d\d IST/);
  const newest = async () => (await pane.bars()).at(-1)?.us ?? 0;
  const before = await newest();
  expect(before % 1_000_000).toBe(0);
  await expect.poll(newest).toBeGreaterThan(before);
});

test("a broker's candles stand before our own bars, and say that they are", async ({ page, instance, instruments }) => {
  const { slug } = instruments.nifty;
  const [first] = await barsOfApi(instance.appUrl, slug);
  if (!first || first.open === null) throw new Error('nothing has traded');
  const { open } = first;
  const at = (minutes: number) => new Date(first.us / 1000 - minutes * 60_000).toISOString().replace('Z', '+00:00');
  await answerWith(page, 'orderflow/candles', {
    instrument: slug,
    priceScale: 100,
    interval: 'minute',
    from: at(100),
    to: at(0),
    source: 'kite',
    stored: { kite: 3, dhan: 0 },
    recordedFrom: at(0),
    candles: [3, 2, 1].map((minutes) => ({
      time: at(minutes),
      open,
      high: open + 500,
      low: open - 500,
      close: open - 250,
      volume: 650,
      oi: null,
      source: 'kite',
    })),
  });
  const pane = new FlowPane(page, 'chart');
  await pane.openLive(slug);
  // Before they are there the oldest bar is one of ours.
  await expect(page.getByText('Kite candles before our recording')).toBeVisible();
  await pane.chart.focus();
  await page.keyboard.press('Home');
  const row = pane.table.getByRole('row').filter({ hasText: 'Kite candle, before our recording' }).first();
  await expect(row).toBeAttached();
  // None of their numbers is in a bar of ours.
  expect((await pane.bars()).every(({ us }) => us >= first.us)).toBe(true);
});
