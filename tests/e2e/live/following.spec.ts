/** Following the market, leaving it, holding it still, and coming back. */
import { expect, test } from '../support/fixtures.ts';
import { belowBadges } from '../support/live-page.ts';

const US_PER_SECOND = 1_000_000;

test.beforeEach(({ live, instruments }) => live.openLive(instruments.nifty.slug));

test('the picture follows the market, stays where it is put, and comes back', async ({ live }) => {
  const first = await live.view();
  expect(first.following).toBe(true);
  await expect.poll(async () => (await live.view()).rightUs).toBeGreaterThan(first.rightUs + US_PER_SECOND);

  await live.follow.click();
  await expect(live.backToLive).toBeVisible();
  const left = await live.view();
  const { events } = await live.stats();
  await expect
    .poll(async () => (await live.stats()).events, { message: 'the market goes on' })
    .toBeGreaterThan(events + 5);
  expect((await live.view()).rightUs, 'the right edge').toBe(left.rightUs);

  await live.backToLive.click();
  await expect(live.backToLive).toHaveCount(0);
  await expect.poll(async () => (await live.view()).rightUs).toBeGreaterThan(left.rightUs + US_PER_SECOND);
  await expect(live.follow).toHaveAttribute('aria-pressed', 'true');
});

test('a pause holds every pixel of the chart, says so, and going on shows what came meanwhile', async ({
  page,
  live,
}) => {
  const { view, picture } = await live.hold();
  const paused = page.getByRole('main').getByText(/^Paused/);
  await expect(paused).toBeVisible();
  const { events } = await live.stats();
  await expect
    .poll(async () => (await live.stats()).events, { message: 'the market goes on' })
    .toBeGreaterThan(events + 10);
  await expect(paused).toContainText(/\d(\.\d)? m?s behind$/);
  const area = belowBadges(view.chart);
  expect((await live.picture()).changed(picture, area), 'share of pixels that changed').toBe(0);
  expect((await live.view()).rightUs, 'the right edge').toBe(view.rightUs);

  await live.goOn.click();
  await expect(paused).toHaveCount(0);
  await expect.poll(async () => (await live.view()).rightUs).toBeGreaterThan(view.rightUs + US_PER_SECOND);
  const { centrePrice } = await live.view();
  const during = await live.probe({ timeUs: view.rightUs + US_PER_SECOND / 2, priceUnits: centrePrice });
  expect(during.state, 'what came during the pause').toBe('data');
});

test('back to live ends a pause', async ({ live }) => {
  await live.hold();
  await live.backToLive.click();
  await expect(live.pause).toBeVisible();
  await expect.poll(async () => (await live.view()).following).toBe(true);
});
