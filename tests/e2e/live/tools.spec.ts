/** The tools around the picture: colours on their histogram, views that come back, addresses, marks, columns, filters. */
import { expect, test } from '../support/fixtures.ts';
import { type LivePage, priceAt, timeAt, yOf } from '../support/live-page.ts';

const SECOND_US = 1_000_000;

test.beforeEach(({ live, instruments }) => live.openLive(instruments.nifty.slug));

test('the handles of the legend move the cut-offs, by keyboard too; a lock holds them', async ({ page, live }) => {
  const upper = live.toolbar.getByRole('slider', { name: 'Upper cut-off' });
  await expect(upper).toBeEnabled();
  await expect.poll(async () => (await live.view()).cutoffs).not.toBeNull();
  const before = (await live.view()).cutoffs?.hi ?? 0;
  await upper.focus();
  for (let press = 0; press < 20; press += 1) await page.keyboard.press('ArrowLeft');
  await expect.poll(async () => (await live.view()).cutoffs?.hi ?? 0).toBeLessThan(before * 0.95);

  await live.toolbar.getByRole('button', { name: 'Lock the colours' }).click();
  const locked = (await live.view()).cutoffs;
  await live.heatmap.focus();
  for (let press = 0; press < 8; press += 1) await page.keyboard.press('Shift+Equal');
  await expect.poll(async () => (await live.view()).cutoffs).toEqual(locked);
  await page.reload();
  await expect(live.toolbar.getByRole('button', { name: 'Let the colours follow' })).toBeVisible();
  await expect.poll(async () => (await live.viewIfShown())?.cutoffs ?? null).toEqual(locked);
});

test('what is chosen holds for its instrument, until it is applied to all', async ({ page, live, instruments }) => {
  const scale = live.options.getByLabel('Scale');
  await page.keyboard.press('o');
  await scale.selectOption('sqrt');
  await live.openLive(instruments.bankNifty.slug);
  await page.keyboard.press('o');
  await expect(scale).toHaveValue('log');
  await live.openLive(instruments.nifty.slug);
  await page.keyboard.press('o');
  await expect(scale).toHaveValue('sqrt');
  await live.options.getByRole('button', { name: 'Apply to all instruments' }).click();
  await live.openLive(instruments.bankNifty.slug);
  await page.keyboard.press('o');
  await expect(scale).toHaveValue('sqrt');
});

test('a rectangle is zoomed into, and the views before come back one by one', async ({ page, live }) => {
  const before = await live.leaveLive();
  const [from, to] = [
    [300, 200],
    [700, 400],
  ] as const;
  await page.keyboard.down('Shift');
  await live.drag(from, to);
  await page.keyboard.up('Shift');
  await expect.poll(async () => Math.round((await live.view()).rightUs)).toBe(Math.round(timeAt(before, to[0])));
  const zoomed = await live.view();
  expect(zoomed.highPrice).toBeCloseTo(priceAt(before, from[1]), 3);
  expect(zoomed.lowPrice).toBeCloseTo(priceAt(before, to[1]), 3);
  const undo = live.toolbar.getByRole('button', { name: 'View before' });
  await undo.click();
  await expect.poll(async () => (await live.view()).rightUs).toBe(before.rightUs);
  // A drag that a busy machine held up in the middle counts as two.
  await expect(async () => {
    if (!(await live.view()).following) await undo.click();
    expect((await live.view()).following, 'the view before the drag followed').toBe(true);
  }).toPass();
});

test('the address of a picture shows the same picture', async ({ page, context, live }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await live.leaveLive();
  // Far enough back that nothing of it changes any more.
  for (let press = 0; press < 2; press += 1) await page.keyboard.press('Shift+ArrowLeft');
  await live.trades.uncheck();
  await live.historyLoaded();
  await expect.poll(async () => (await live.view()).tier).toBe(0);
  await live.heatmap.focus();
  await page.keyboard.press('y');
  await expect(live.said).toHaveText('Address of this picture copied');
  const address = await live.clipboard();
  const first = await seenFrom(live, address);
  const second = await seenFrom(live, address);
  expect(second.view).toEqual(first.view);
  const area = second.quiet;
  expect(first.picture.changed(second.picture, area), 'share of pixels that differ').toBe(0);
  expect(first.picture.colours(area), 'colours in what is compared').toBeGreaterThan(10);
});

test('a jump goes to a time and finds its price', async ({ page, live }) => {
  await page.keyboard.press('j');
  const dialog = page.getByRole('dialog', { name: 'Jump to a day and time' });
  const at = new Date(Date.now() + 19_800_000 - 20_000).toISOString();
  await dialog.getByLabel('Day', { exact: true }).fill(at.slice(0, 10));
  await dialog.getByLabel('Time, IST').fill(at.slice(11, 19));
  await dialog.getByRole('button', { name: 'Jump', exact: true }).click();
  const wanted = Date.parse(`${at.slice(0, 19)}+05:30`) * 1000;
  await expect.poll(async () => (await live.view()).rightUs).toBe(wanted);
  const view = await live.view();
  expect(view.following).toBe(false);
  const [bid, ask] = [await live.bestPrice('Bid'), await live.bestPrice('Ask')];
  const y = (yOf(view, (bid + ask) / 2) - view.chart.y) / view.chart.height;
  expect(Math.abs(y - 0.5), 'share of the height that the book is off the middle').toBeLessThan(0.5);
});

test('a level and a note stay until they are removed', async ({ page, live }) => {
  await live.leaveLive();
  await page.keyboard.press('x');
  await expect(live.crosshair).toBeVisible();
  for (const [key, name] of [
    ['v', 'Level'],
    ['n', 'Note'],
  ] as const) {
    await page.keyboard.press(key);
    const dialog = page.getByRole('dialog', { name });
    await dialog.getByLabel('Text').fill(`my ${name}`);
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await expect(dialog).toBeHidden();
  }
  await page.reload();
  // Keys are heard once the page lives.
  await expect.poll(() => live.viewIfShown()).not.toBeNull();
  await page.keyboard.press('o');
  await expect(live.options.getByRole('listitem')).toHaveText([/my Level/, /my Note/]);
  await live.options.getByRole('button', { name: 'Remove level my Level' }).click();
  await expect(live.options.getByRole('listitem')).toHaveText([/my Note/]);
});

test('a rule on a price is a line with a bell in the picture, and is deleted there', async ({
  page,
  live,
  instance,
  instruments,
}) => {
  const { slug, tickSize } = instruments.nifty;
  const view = await live.leaveLive();
  const middle = Math.round(view.centrePrice / tickSize) * tickSize;
  const rule = (name: string, level: number) => ({
    name,
    isOn: false,
    watch: { by: 'metric', metric: 'last_price', direction: 'above', level },
    instruments: [slug],
    hours: { from: '00:00', to: '23:59' },
    cooldownS: 60,
    cooldownOf: 'rule',
    channels: ['screen'],
  });
  const reach = Math.round((100 * view.unitsPerPx) / tickSize) * tickSize;
  const made = [rule('Upper alert', middle + reach), rule('Lower alert', middle - reach)];
  try {
    for (const data of made) {
      const answer = await page.request.post('/api/signals/rules', { headers: { origin: instance.appUrl }, data });
      expect(answer.status()).toBe(201);
    }
    // The page asks for rules now and then.
    await expect.poll(async () => (await live.view()).alerts, { timeout: 30_000 }).toBe(2);
    const shown = await live.view();
    const box = await live.box();
    await page.mouse.click(box.x + shown.chart.x + 12, box.y + yOf(shown, middle + reach));
    const dialog = page.getByRole('dialog', { name: 'Alert' });
    await expect(dialog).toContainText('Upper alert');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await expect(dialog).toBeHidden();
    await expect.poll(async () => (await live.view()).alerts).toBe(1);

    // By keyboard alone: the list in the options.
    await live.heatmap.focus();
    await page.keyboard.press('o');
    await live.options.getByRole('button', { name: 'Delete alert Lower alert' }).press('Enter');
    await expect.poll(async () => (await live.view()).alerts).toBe(0);
    await expect(live.options).toContainText('None yet: A writes one at the crosshair.');
    const { rules } = await (await page.request.get('/api/signals/rules')).json();
    expect(rules).toEqual([]);
  } finally {
    await instance.sql('DELETE FROM gehra.alert_rules');
  }
});

test('the ruler draws while it is held and is gone with Escape', async ({ page, live }) => {
  const { view, picture } = await live.hold();
  const { chart } = view;
  const area = { x: chart.x + 300, y: chart.y + 300, width: 200, height: 100 };
  await page.keyboard.down('Alt');
  await live.drag([area.x, area.y], [area.x + area.width, area.y + area.height]);
  await page.keyboard.up('Alt');
  await page.mouse.move(0, 0);
  await expect.poll(async () => (await live.picture()).changed(picture, area)).toBeGreaterThan(0.5);
  await page.keyboard.press('Escape');
  await expect.poll(async () => (await live.picture()).changed(picture, area)).toBe(0);
});

test("the day's profile is what the server sums up", async ({ page, live, instruments }) => {
  await page.keyboard.press('p');
  await page.keyboard.press('o');
  await live.options.getByLabel('Profile of').selectOption('session');
  await live.rows.selectOption('5');
  const fromMs = Math.floor((Date.now() + 19_800_000) / 86_400_000) * 86_400_000 - 19_800_000;
  await expect
    .poll(
      async () => {
        const query = `instrument=${encodeURIComponent(instruments.nifty.slug)}&from=${fromMs}&to=${Date.now()}&row_ticks=5`;
        const asked = await (await page.request.get(`/api/orderflow/profile?${query}`)).json();
        const { valueLines, profileRows } = await live.view();
        const said = { poc: asked.poc, high: asked.valueAreaHigh, low: asked.valueAreaLow };
        return { same: JSON.stringify(said) === JSON.stringify(valueLines), rows: profileRows > 3 };
      },
      { timeout: 45_000 },
    )
    .toEqual({ same: true, rows: true });
});

test('each column beside the chart takes room from it, and the book as much as is chosen', async ({ page, live }) => {
  const { chart } = await live.view();
  await page.keyboard.press('o');
  for (const [i, name] of [/^Volume profile/, 'Delta profile', 'Number of trades', /^Pull and stack/].entries()) {
    await live.options.getByRole('checkbox', { name }).check();
    await expect.poll(async () => chart.width - (await live.view()).chart.width).toBe(72 * (i + 1));
  }
  const { chart: beside } = await live.view();
  await live.options.getByLabel('Volume stands').selectOption('left');
  await expect.poll(async () => (await live.view()).chart).toEqual({ ...beside, x: 72 });
  await live.options.getByLabel('Volume stands').selectOption('right');
  await expect.poll(async () => (await live.view()).chart).toEqual(beside);
  await live.options.getByRole('slider', { name: 'Width, px' }).fill('240');
  await expect.poll(async () => chart.width - (await live.view()).chart.width).toBe(72 * 4 + 80);
  // The edge of the book can be dragged as well.
  const { chart: now } = await live.view();
  const edge = now.x + now.width + 4 * 72;
  await page.keyboard.press('o');
  await live.drag([edge, 300], [edge + 40, 300]);
  await expect.poll(async () => chart.width - (await live.view()).chart.width).toBe(72 * 4 + 40);
});

test('a side of the book column can be switched off', async ({ page, live }) => {
  const { view } = await live.hold();
  const { chart } = view;
  // What is above the market, without the total of the side.
  const [bid, ask] = [await live.bestPrice('Bid'), await live.bestPrice('Ask')];
  const y = chart.y + 30;
  const area = { x: chart.x + chart.width + 4, y, width: 150, height: yOf(view, (bid + ask) / 2) - y - 20 };
  const ground = await live.themeColour('panel');
  const empty = async () => (await live.picture()).share(area, (colour) => colour.every((c, i) => c === ground[i]));
  expect(await empty()).toBeLessThan(0.95);
  await page.keyboard.press('o');
  await live.options.getByLabel('Sides').selectOption('bid');
  await page.mouse.move(0, 0);
  await expect.poll(empty).toBe(1);
});

test('what lies outside of the picture is summed up', async ({ page, live }) => {
  for (let press = 0; press < 6; press += 1) await page.keyboard.press('Shift+Equal');
  await expect.poll(async () => (await live.view()).outside?.above.total ?? 0).toBeGreaterThan(0);
  const { outside } = await live.view();
  expect(outside?.below.total).toBeGreaterThan(0);
  for (let press = 0; press < 20; press += 1) await page.keyboard.press('Shift+Minus');
  await expect
    .poll(async () => (await live.view()).outside)
    .toMatchObject({ above: { total: 0 }, below: { total: 0 } });
});

test('bubbles are joined and filtered as is chosen', async ({ page, live, market, instruments }) => {
  // About one tick a second would have few neighbours to be joined with.
  await market.tickRate(instruments.nifty.slug, 4);
  await page.keyboard.press('o');
  await expect.poll(async () => (await live.view()).bubbles.count).toBeGreaterThan(0);
  const join = live.options.getByLabel('Join trades within, ms');
  const countOf = async (withinMs: '0' | '1000'): Promise<number> => {
    await join.selectOption(withinMs);
    await live.drawn();
    return (await live.view()).bubbles.count;
  };
  const withinTicks = live.options.getByLabel(/^And within, ticks/);
  await withinTicks.selectOption('100');
  await expect
    .poll(async () => (await countOf('0')) - (await countOf('1000')), { message: 'joined bubbles', timeout: 60_000 })
    .toBeGreaterThan(0);
  // Held still, nothing but what is chosen changes them.
  const { bubbles: joined } = (await live.hold()).view;
  await withinTicks.selectOption('0');
  await expect.poll(async () => (await live.view()).bubbles.count).toBeGreaterThan(joined.count);
  // At the edge of the picture a bubble takes some in, or some out, that was not, or was, in sight: trades.test.ts counts exactly.
  expect((await live.view()).bubbles.volume).toBeGreaterThan(0.7 * joined.volume);
  await live.goOn.click();
  await live.options.getByLabel(/^Least (lots|shares) of a bubble/).fill('1000000');
  await expect.poll(async () => (await live.view()).bubbles.count).toBe(0);
  await live.options.getByLabel(/^Least (lots|shares) of a bubble/).fill('0');
  await live.options.getByLabel(/^Least (lots|shares) of a trade/).fill('1000000');
  await expect.poll(async () => (await live.view()).bubbles.count).toBe(0);
});

test('cells too small for the filter have no colour', async ({ page, live }) => {
  const { view } = await live.hold();
  const area = { x: view.chart.width - 60, y: 80, width: 56, height: view.chart.height * 0.2 };
  const ground = await live.themeColour('ground');
  const empty = async () =>
    (await live.picture()).share(
      area,
      (colour) => Math.max(...colour.map((c, i) => Math.abs(c - (ground[i] ?? 0)))) < 3,
    );
  const before = await empty();
  await page.keyboard.press('o');
  await live.options.getByLabel(/^Least (lots|shares)$/).fill('1000000');
  await page.keyboard.press('Escape');
  await page.mouse.move(0, 0);
  await expect.poll(empty).toBeGreaterThan(Math.max(0.8, before));
});

/** Opens an address in the page, and waits until all of its picture is there. */
async function seenFrom(live: LivePage, address: string) {
  await live.page.goto(address);
  await expect.poll(() => live.viewIfShown(), { message: 'the heatmap is shown' }).not.toBeNull();
  await live.historyLoaded();
  const asked = Number(new URL(address).searchParams.get('at'));
  const view = await live.view();
  expect(Math.abs(view.rightUs - asked), 'µs off the time of the address').toBeLessThan(1);
  expect(view.following).toBe(false);
  await live.holds(view.leftUs, Math.min(view.rightUs, view.leftUs + 60 * SECOND_US));
  await live.page.mouse.move(0, 0);
  // The level of the last price goes on: what is compared is away from it.
  const { chart } = view;
  const isHigh = yOf(view, await live.lastUnits()) < chart.y + chart.height / 2;
  const quiet = {
    ...chart,
    y: chart.y + (isHigh ? chart.height * 0.7 : 60),
    height: chart.height * 0.3 - 60,
    x: chart.x + chart.width * 0.35,
    width: chart.width * 0.6,
  };
  let picture = await live.picture();
  await expect
    .poll(async () => {
      const before = picture;
      picture = await live.picture();
      return picture.changed(before, quiet);
    })
    .toBe(0);
  const { leftUs, rightUs, lowPrice, highPrice, rowTicks, tier, cutoffs } = view;
  return { picture, quiet, view: { chart, leftUs, rightUs, lowPrice, highPrice, rowTicks, tier, cutoffs } };
}
