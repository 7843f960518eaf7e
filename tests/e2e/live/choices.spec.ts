/** What a person can choose about the picture, and that the browser keeps it. */
import { PALETTE_NAMES, PALETTES, type Palette } from '../../../lib/heatmap/palettes.ts';
import { expect, test } from '../support/fixtures.ts';
import type { LivePage } from '../support/live-page.ts';
import { type Colour, colourOf, distance } from '../support/picture.ts';

test.beforeEach(({ live, instruments }) => live.openLive(instruments.nifty.slug));

test('a chosen row size is the one that is shown; automatic ones follow the zoom', async ({ live }) => {
  for (const ticks of ['5', '20']) {
    await live.rows.selectOption(ticks);
    await expect.poll(async () => String((await live.view()).rowTicks)).toBe(ticks);
  }
  await live.rows.selectOption('auto');
  await expect.poll(async () => (await live.view()).rowTicks).toBeLessThan(20);
  const near = (await live.view()).rowTicks;
  for (let press = 0; press < 10; press += 1) await live.page.keyboard.press('Shift+Minus');
  await expect.poll(async () => (await live.view()).rowTicks).toBeGreaterThan(near);
  // Smaller than a pixel rows would hide each other: the choice is not taken, and that is said.
  for (let press = 0; press < 12; press += 1) await live.page.keyboard.press('Shift+Minus');
  await live.rows.selectOption('1');
  await expect(live.toolbar).toContainText(/shown: \d+ ticks/);
});

for (const name of PALETTE_NAMES) {
  test(`the palette ${name} gives every cell its colour`, async ({ live }) => {
    await live.colours.selectOption(name);
    await expect
      .poll(() => shareOf(PALETTES[name], live), { message: 'cells in colours of the palette' })
      .toBeGreaterThan(0.9);
  });
}

test('colours and trades are as they were left, after a reload', async ({ page, live }) => {
  await live.colours.selectOption('viridis');
  await live.trades.uncheck();
  await page.reload();
  await expect(live.colours).toHaveValue('viridis');
  await expect(live.trades).not.toBeChecked();
  await expect(live.badge('Live')).toBeVisible();
  await live.historyLoaded();
  expect(await shareOf(PALETTES.viridis, live)).toBeGreaterThan(0.9);
});

/** A colour between two anchors may be rounded either way. */
const ROUNDING = 3;

/**
 * Share of the newest columns' filled cells that have colours of a palette's side. Not looked at: the rows around the best
 * prices, over which lines and bubbles are drawn, and the lowest, over which the way back to live lies. Grid lines are
 * the rest.
 */
async function shareOf(palette: Palette, live: LivePage): Promise<number> {
  const { view, picture } = await live.hold();
  await live.goOn.click();
  const { chart } = view;
  const strip = { x: chart.x + chart.width - 60, width: 56, height: chart.height * 0.2 };
  const ground = await live.themeColour('ground');
  const cells = (ramp: readonly string[], y: number) => {
    const isEmpty = (colour: Colour) => distance(colour, ground) <= ROUNDING;
    const filled = picture.share({ ...strip, y }, (colour) => !isEmpty(colour));
    return picture.share({ ...strip, y }, (colour) => !isEmpty(colour) && isOn(ramp, colour)) / filled;
  };
  // Below the line that tells what is outside of the picture.
  return Math.min(cells(palette.ask, chart.y + 26), cells(palette.bid, chart.y + chart.height * 0.65));
}

/** Whether a colour is an anchor of the ramp or lies on the straight line between two neighbours. */
function isOn(ramp: readonly string[], colour: Colour): boolean {
  const anchors = ramp.map(colourOf);
  return anchors.slice(1).some((to, i) => isBetween(anchors[i] as Colour, to, colour));
}

function isBetween(from: Colour, to: Colour, colour: Colour): boolean {
  const along = from.map((channel, i) => (to[i] as number) - channel);
  const length = along.reduce((sum, part) => sum + part * part, 0);
  const dot = along.reduce((sum, part, i) => sum + part * ((colour[i] as number) - (from[i] as number)), 0);
  const t = Math.min(1, Math.max(0, dot / length));
  const nearest = from.map((channel, i) => channel + t * (along[i] as number)) as unknown as Colour;
  return distance(nearest, colour) <= ROUNDING;
}
