/** Every number in the picture is one that the database holds, while it is live and after the page was loaded again. */
import { expect, test } from '../support/fixtures.ts';
import { expectSameAsStored } from '../support/same-as-stored.ts';

/** Enough columns that frames of every kind are among them: keyframes, deltas, carried ones. */
const SECONDS = 8;
const US_PER_SECOND = 1_000_000;
/** 4 columns a second, most with 12 levels and one empty price. */
const CELLS_MIN = SECONDS * 4 * 10;

test('cells are what is stored, live and after a reload', async ({ page, live, instance, instruments }) => {
  await live.openLive(instruments.nifty.slug);
  const fromUs = (await live.stats()).paintedUs;
  const toUs = fromUs + SECONDS * US_PER_SECOND;
  await expect.poll(async () => (await live.stats()).paintedUs).toBeGreaterThan(toUs);
  const stretch = { fromUs, toUs };
  expect(await expectSameAsStored(live, instance, instruments.nifty, stretch)).toBeGreaterThan(CELLS_MIN);

  await page.reload();
  await expect(live.badge('Live')).toBeVisible();
  await live.historyLoaded();
  expect(await expectSameAsStored(live, instance, instruments.nifty, stretch)).toBeGreaterThan(CELLS_MIN);
});

test('rows of several ticks are the sums of what is stored, bids down and asks up', async ({
  live,
  instance,
  instruments,
}) => {
  await live.openLive(instruments.nifty.slug);
  const { leftUs, coverage } = await live.view();
  const toUs = (await live.stats()).paintedUs;
  const fromUs = Math.max(leftUs, coverage[0]?.fromUs ?? 0, toUs - SECONDS * US_PER_SECOND);
  for (const rowTicks of [5, 20]) {
    await expectSameAsStored(live, instance, instruments.nifty, { fromUs, toUs, rowTicks });
  }
});
