/** Both axes pan and zoom with mouse and wheel; what is under the pointer stays under it. */
import { expect, test } from '../support/fixtures.ts';
import { priceAt, timeAt, xOf, yOf } from '../support/live-page.ts';

/** One notch of a wheel. */
const NOTCH = 100;
/** Of a place on the screen, px: views are computed in floating point, and events carry whole px. */
const PX = 1;

test.beforeEach(({ live, instruments }) => live.openLive(instruments.nifty.slug));

test('a drag moves the picture with the pointer and leaves live', async ({ live }) => {
  const before = await live.view();
  const { chart } = before;
  const [fromX, fromY] = [chart.width / 2, chart.height / 2];
  await live.drag([fromX, fromY], [fromX + 150, fromY + 60]);
  await expect(live.backToLive).toBeVisible();
  const after = await live.view();
  expect(after.following).toBe(false);
  expect(after.usPerPx).toBe(before.usPerPx);
  expect(after.unitsPerPx).toBe(before.unitsPerPx);
  // What was grabbed is where it was let go: both slid a few px before the drag counted as one.
  expect(yOf(after, before.centrePrice) - yOf(before, before.centrePrice)).toBeCloseTo(60, -1);
  expect(xOf(after, before.rightUs) - (chart.x + chart.width)).toBeGreaterThan(130);
});

test('the wheel zooms time around the pointer, and around the live edge while following', async ({ live }) => {
  const following = await live.view();
  const [x, y] = [following.chart.width / 3, following.chart.height / 3];
  await live.point(x, y);
  await live.page.mouse.wheel(0, NOTCH);
  await expect.poll(async () => (await live.view()).usPerPx).toBeGreaterThan(following.usPerPx);
  expect((await live.view()).following, 'still following').toBe(true);

  const before = await live.leaveLive();
  const timeUnder = timeAt(before, x);
  await live.point(x, y);
  await live.page.mouse.wheel(0, -2 * NOTCH);
  await expect.poll(async () => (await live.view()).usPerPx).toBeLessThan(before.usPerPx);
  const after = await live.view();
  expect(Math.abs(xOf(after, timeUnder) - x), 'px that the time under the pointer moved').toBeLessThan(PX);
  expect(after.unitsPerPx, 'the price scale').toBe(before.unitsPerPx);
});

test('the wheel over the price axis zooms price around the pointer', async ({ live }) => {
  const before = await live.leaveLive();
  const { width } = await live.box();
  const [x, y] = [width - 20, before.chart.height / 4];
  const priceUnder = priceAt(before, y);
  await live.point(x, y);
  await live.page.mouse.wheel(0, -NOTCH);
  await expect.poll(async () => (await live.view()).unitsPerPx).toBeLessThan(before.unitsPerPx);
  const after = await live.view();
  expect(Math.abs(yOf(after, priceUnder) - y), 'px that the price under the pointer moved').toBeLessThan(PX);
  expect(after.usPerPx, 'the time scale').toBe(before.usPerPx);
});

test('the wheel with Shift, or sideways, pans time', async ({ live }) => {
  const before = await live.leaveLive();
  await live.point(before.chart.width / 2, before.chart.height / 2);
  await live.page.mouse.wheel(-NOTCH, 0);
  await expect.poll(async () => (await live.view()).rightUs).toBe(before.rightUs - NOTCH * before.usPerPx);
  await live.page.keyboard.down('Shift');
  await live.page.mouse.wheel(0, NOTCH);
  await live.page.keyboard.up('Shift');
  await expect.poll(async () => (await live.view()).rightUs).toBe(before.rightUs);
});

test('dragging an axis zooms it, a double click resets it', async ({ live }) => {
  const first = await live.view();
  const { chart } = first;
  const { width, height } = await live.box();
  const priceAxis: readonly [number, number] = [width - 20, chart.height / 2];
  const timeAxis: readonly [number, number] = [chart.width / 2, height - 8];

  await live.drag(priceAxis, [priceAxis[0], priceAxis[1] + 80]);
  await expect.poll(async () => (await live.view()).unitsPerPx).toBeGreaterThan(first.unitsPerPx * 1.2);
  expect((await live.view()).usPerPx).toBe(first.usPerPx);
  await live.drag(timeAxis, [timeAxis[0] - 80, timeAxis[1]]);
  await expect.poll(async () => (await live.view()).usPerPx).toBeGreaterThan(first.usPerPx * 1.2);

  await live.point(...timeAxis);
  await live.page.mouse.dblclick((await live.box()).x + timeAxis[0], (await live.box()).y + timeAxis[1]);
  await expect.poll(async () => (await live.view()).usPerPx).toBe(first.usPerPx);
  await live.page.mouse.dblclick((await live.box()).x + priceAxis[0], (await live.box()).y + priceAxis[1]);
  // The book has moved on since: its span now is near to what it was, not the same.
  await expect.poll(async () => (await live.view()).unitsPerPx / first.unitsPerPx).toBeCloseTo(1, 0.5);
});

test('the pointer reads the cell under it', async ({ live, instruments }) => {
  const { view } = await live.hold();
  const { chart } = view;
  const [x, y] = [chart.width - 100, chart.height * 0.6];
  await live.point(x, y);
  await expect(live.crosshair).toBeVisible();
  const { priceUnits } = await live.crosshairAt();
  const rowUnits = view.rowTicks * instruments.nifty.tickSize;
  expect(Math.abs(priceUnits - priceAt(view, y)), 'price units off').toBeLessThanOrEqual(rowUnits / 2 + 1);
  const cell = await live.probe({ priceUnits, timeUs: timeAt(view, x), rowTicks: view.rowTicks });
  expect(cell.state).toBe('data');
  await expect(live.crosshair).toContainText(new Intl.NumberFormat('en-IN').format(cell.bidQuantity ?? Number.NaN));
  await live.page.mouse.move(0, 0);
  await expect(live.crosshair).toHaveCount(0);
});
