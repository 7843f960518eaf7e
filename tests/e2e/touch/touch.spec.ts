/** The chart under fingers, on the phone layout. */
import type { CDPSession } from '@playwright/test';
import type { ViewAnswer } from '../../../lib/client/session-messages.ts';
import { expect, test } from '../support/fixtures.ts';
import { type LivePage, timeAt, xOf, yOf } from '../support/live-page.ts';

interface Point {
  readonly x: number;
  readonly y: number;
}

/** Moves of a finger between touch and release. */
const STEPS = 8;
/** Of a place on the screen, px: a finger's places are whole px. */
const PX = 3;

/** Fingers on the heatmap. Playwright's own touch screen knows one finger and only taps. */
class Fingers {
  private constructor(
    private readonly session: CDPSession,
    private readonly origin: Point,
  ) {}

  static async on(live: LivePage): Promise<Fingers> {
    return new Fingers(await live.page.context().newCDPSession(live.page), await live.box());
  }

  /** Each finger goes in a straight line from where it touches to where it lets go; places are those of the heatmap. */
  async move(...paths: readonly { readonly from: Point; readonly to: Point }[]): Promise<void> {
    for (let step = 0; step <= STEPS; step += 1) {
      const share = step / STEPS;
      const touchPoints = paths.map(({ from, to }, id) => ({
        id,
        x: this.origin.x + from.x + (to.x - from.x) * share,
        y: this.origin.y + from.y + (to.y - from.y) * share,
      }));
      await this.session.send('Input.dispatchTouchEvent', {
        type: step === 0 ? 'touchStart' : 'touchMove',
        touchPoints,
      });
    }
    await this.session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  }
}

test.beforeEach(({ live, instruments }) => live.openLive(instruments.nifty.slug));

test('one finger pans both axes and leaves live, and a tap on the way back returns', async ({ live }) => {
  const before = await live.view();
  const middle = middleOf(before);
  await (await Fingers.on(live)).move({ from: middle, to: { x: middle.x + 80, y: middle.y + 60 } });
  await expect(live.backToLive).toBeVisible();
  const after = await live.view();
  expect(after.following).toBe(false);
  expect(after.rightUs).toBeLessThan(before.rightUs);
  expect(after.centrePrice).toBeGreaterThan(before.centrePrice);
  expect([after.usPerPx, after.unitsPerPx]).toEqual([before.usPerPx, before.unitsPerPx]);
  // Browsers take a tap that follows close upon a swipe for the end of the swipe: a person taps again.
  await expect(async () => {
    if (await live.backToLive.isVisible()) await live.backToLive.tap();
    expect((await live.view()).following).toBe(true);
  }).toPass();
});

test('two fingers zoom the axis along which they part, around the place between them', async ({ live }) => {
  const fingers = await Fingers.on(live);
  const start = await live.view();
  const middle = middleOf(start);
  await fingers.move({ from: middle, to: { x: middle.x + 40, y: middle.y + 20 } });
  await expect(live.backToLive).toBeVisible();

  const before = await live.view();
  const time = timeAt(before, middle.x);
  const beside = (px: number) => ({ x: middle.x + px, y: middle.y });
  await fingers.move({ from: beside(-30), to: beside(-60) }, { from: beside(30), to: beside(60) });
  await expect.poll(async () => (await live.view()).usPerPx / before.usPerPx).toBeCloseTo(0.5, 1);
  const wide = await live.view();
  expect(wide.unitsPerPx, 'the price scale').toBe(before.unitsPerPx);
  expect(Math.abs(xOf(wide, time) - middle.x), 'px that the time between the fingers moved').toBeLessThan(PX);

  const price = wide.centrePrice;
  const y = yOf(wide, price);
  const above = (px: number) => ({ x: middle.x, y: y - px });
  await fingers.move({ from: above(-100), to: above(-50) }, { from: above(100), to: above(50) });
  await expect.poll(async () => (await live.view()).unitsPerPx / wide.unitsPerPx).toBeCloseTo(2, 1);
  const tall = await live.view();
  expect(tall.usPerPx, 'the time scale').toBe(wide.usPerPx);
  expect(Math.abs(yOf(tall, price) - y), 'px that the price between the fingers moved').toBeLessThan(PX);
});

test('a tap reads the cell under it', async ({ live }) => {
  const { x, y } = middleOf(await live.view());
  const box = await live.box();
  await live.page.touchscreen.tap(box.x + x, box.y + y);
  await expect(live.crosshair).toContainText('Price₹');
  expect((await live.view()).following, 'a tap does not leave live').toBe(true);
});

test('the page itself neither scrolls nor zooms under the fingers', async ({ page, live }) => {
  const middle = middleOf(await live.view());
  const fingers = await Fingers.on(live);
  await fingers.move({ from: middle, to: { x: middle.x, y: middle.y - 150 } });
  await fingers.move(
    { from: { x: middle.x - 30, y: middle.y }, to: { x: middle.x - 90, y: middle.y } },
    { from: { x: middle.x + 30, y: middle.y }, to: { x: middle.x + 90, y: middle.y } },
  );
  expect(await page.evaluate(() => [window.scrollX, window.scrollY, window.visualViewport?.scale])).toEqual([0, 0, 1]);
});

const middleOf = ({ chart }: ViewAnswer): Point => ({
  x: Math.round(chart.x + chart.width / 2),
  y: Math.round(chart.y + chart.height / 2),
});
