/** The pixels: they move with the market, and what is known to be in the book is seen where it is. */
import type { ProbeAnswer, ViewAnswer } from '../../../lib/client/session-messages.ts';
import { expect, test } from '../support/fixtures.ts';
import { type LivePage, xOf, yOf } from '../support/live-page.ts';
import { type Area, brightness, type Picture } from '../support/picture.ts';
import { expectSameAsStored } from '../support/same-as-stored.ts';

const US_PER_SECOND = 1_000_000;
/** A second of a running market changes more of the newest fifth of the chart than this. */
const MOVED_SHARE_MIN = 0.02;

test('moves while the market is live', async ({ live, instruments }) => {
  await live.openLive(instruments.nifty.slug);
  const { chart } = await live.view();
  const newest: Area = { ...chart, x: chart.x + chart.width * 0.8, width: chart.width * 0.2 };
  for (let second = 1; second <= 3; second += 1) {
    const before = await live.picture();
    await expect
      .poll(async () => (await live.picture()).changed(before, newest), { message: `pixels changed, time ${second}` })
      .toBeGreaterThan(MOVED_SHARE_MIN);
  }
});

/** An order this large is a wall in any scale of colours. */
const WALL_LOTS = 40_000;
/** Below the middle: far enough that nobody trades into it, near enough to be seen. */
const WALL_TICKS = { from: 20, to: 30 };
/** A wall is brighter than the rows around it, and than its own row before it came, by this at least; of 255. */
const STANDS_OUT = 60;
/** A cell is looked at this long before and after the wall came: some pixels away from its edge. */
const AWAY_US = US_PER_SECOND;

test('a known order is found in the numbers, in the database and as a bright pixel', async ({
  live,
  market,
  instance,
  instruments,
}) => {
  const { hdfcBank } = instruments;
  const { tickSize, lotSize } = hdfcBank;
  await live.openLive(hdfcBank.slug);
  // The book stands still: what changes in it is the order.
  await market.freeze(hdfcBank.slug);
  const { centrePrice } = await live.view();
  const frozenUs = (await live.stats()).paintedUs;
  await expect.poll(async () => (await live.stats()).paintedUs).toBeGreaterThan(frozenUs + 2 * AWAY_US);
  const { price, before } = await thinnestBelow(live, Math.round(centrePrice / tickSize), tickSize);

  const quantity = WALL_LOTS * lotSize;
  await market.order(hdfcBank.slug, 'bid', price, quantity);
  const [bidQuantity, bidOrders] = [(before.bidQuantity ?? 0) + quantity, (before.bidOrders ?? 0) + 1];
  await expect.poll(() => newestCell(live, price)).toMatchObject({ bidQuantity, bidOrders });
  const wallUs = (await live.stats()).paintedUs;
  await expect.poll(async () => (await live.stats()).paintedUs).toBeGreaterThan(wallUs + 2 * AWAY_US);
  await expectSameAsStored(live, instance, hdfcBank, { fromUs: wallUs, toUs: wallUs + AWAY_US });

  const first = await live.hold();
  expect(standingOut(first, wallUs + AWAY_US, price, tickSize)).toBeGreaterThan(STANDS_OUT);
  const cameAt = brightnessAt(first, wallUs + AWAY_US, price) - brightnessAt(first, wallUs - AWAY_US, price);
  expect(cameAt, 'brighter than before the order came').toBeGreaterThan(STANDS_OUT);

  await live.goOn.click();
  await expect.poll(async () => (await live.stats()).paintedUs).toBeGreaterThan(wallUs + 4 * AWAY_US);
  const later = await live.hold();
  expect(xOf(later.view, wallUs), 'the wall has moved left').toBeLessThan(xOf(first.view, wallUs) - 2);
  expect(standingOut(later, wallUs + AWAY_US, price, tickSize)).toBeGreaterThan(STANDS_OUT);
});

interface Still {
  readonly view: ViewAnswer;
  readonly picture: Picture;
}

/** The price with the least quantity among those that a wall may come to: it is dark before. */
async function thinnestBelow(live: LivePage, middleTicks: number, tickSize: number) {
  const cells: { price: number; before: ProbeAnswer }[] = [];
  for (let ticks = WALL_TICKS.from; ticks <= WALL_TICKS.to; ticks += 1) {
    const price = (middleTicks - ticks) * tickSize;
    cells.push({ price, before: await newestCell(live, price) });
  }
  return cells.reduce((thinnest, cell) =>
    (cell.before.bidQuantity ?? 0) < (thinnest.before.bidQuantity ?? 0) ? cell : thinnest,
  );
}

/** What the column of the newest frame says of a price. */
async function newestCell(live: LivePage, priceUnits: number): Promise<ProbeAnswer> {
  const { paintedUs } = await live.stats();
  return live.probe({ priceUnits, timeUs: paintedUs });
}

const brightnessAt = ({ view, picture }: Still, timeUs: number, price: number): number =>
  brightness(picture.at(xOf(view, timeUs), yOf(view, price)));

/** How much brighter a cell is than the middle one of the cells above and below it. */
function standingOut(still: Still, timeUs: number, price: number, tickSize: number): number {
  const rowUnits = still.view.rowTicks * tickSize;
  const around = [-8, -6, -4, -2, 2, 4, 6, 8]
    .map((rows) => brightnessAt(still, timeUs, price + rows * rowUnits))
    .sort((a, b) => a - b);
  return brightnessAt(still, timeUs, price) - (around[around.length / 2] as number);
}
