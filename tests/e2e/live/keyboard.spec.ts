/** Every key of the help sheet does what the sheet says. */

import { chordWords } from '../../../lib/client/chord.ts';
import type { ViewAnswer } from '../../../lib/client/session-messages.ts';
import { DEPTH_PAGE_KEYS } from '../../../lib/client/shortcuts.ts';
import { expect, test } from '../support/fixtures.ts';
import { InstrumentList } from '../support/instrument-list.ts';
import type { LivePage } from '../support/live-page.ts';

/** What is pressed for a row of the sheet, and what that must come to. */
type KeyCheck = (live: LivePage) => Promise<void>;

const PAN_PX = 12;
const PAN_FAST_PX = 120;
const ZOOM = 1.25;
/** A view is computed in floating point. */
const DIGITS = 3;

test('every key of the help sheet does what it says', async ({ live, instruments, context }) => {
  test.setTimeout(180_000);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const checks = keyChecks(instruments.nifty.tickSize);
  const checked = Object.keys(checks).flatMap((keys) => keys.split(' '));
  expect(checked.toSorted(), 'commands that are checked here').toEqual(DEPTH_PAGE_KEYS.map(({ id }) => id).toSorted());
  await live.openLive(instruments.nifty.slug);
  for (const [keys, check] of Object.entries(checks)) {
    await test.step(keys, async () => {
      await check(live);
      await live.page.keyboard.press('l');
      await expect(live.backToLive).toHaveCount(0);
    });
  }
});

test('single keys can be switched off, and then work only on the heatmap', async ({ page, live, instruments }) => {
  await live.openLive(instruments.nifty.slug);
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keys and gestures' });
  await sheet.getByRole('checkbox', { name: /^Single-key shortcuts/ }).uncheck();
  await sheet.getByRole('button', { name: 'Close', exact: true }).click();
  await page.keyboard.press('f');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('dialog', { name: 'Commands' })).toBeVisible();
  await page.keyboard.press('Escape');
  expect((await live.view()).following, 'following after a key that is switched off').toBe(true);
  await live.heatmap.focus();
  await page.keyboard.press('f');
  await expect.poll(async () => (await live.view()).following).toBe(false);
});

/** By the commands of the sheet. @param tickSize price units */
const keyChecks = (tickSize: number): Readonly<Record<string, KeyCheck>> => ({
  'panLeft panRight panUp panDown': async (live) => {
    // To the left is earlier, up is dearer.
    await expectChange(live, 'ArrowLeft', { rightPx: -PAN_PX });
    await expectChange(live, 'ArrowRight', { rightPx: PAN_PX });
    await expectChange(live, 'ArrowUp', { upPx: PAN_PX });
    await expectChange(live, 'ArrowDown', { upPx: -PAN_PX });
    await expectChange(live, 'Shift+ArrowLeft', { rightPx: -PAN_FAST_PX });
    await expectChange(live, 'Shift+ArrowUp', { upPx: PAN_FAST_PX });
  },
  // The key of the plus sign is the one of the equals sign; a number pad has one of its own.
  'zoomTimeIn zoomTimeOut': async (live) => {
    await expectChange(live, 'Equal', { timeScale: 1 / ZOOM });
    await expectChange(live, 'Minus', { timeScale: ZOOM });
    await expectChange(live, 'NumpadAdd', { timeScale: 1 / ZOOM });
    await expectChange(live, 'NumpadSubtract', { timeScale: ZOOM });
  },
  'zoomPriceIn zoomPriceOut': async (live) => {
    await expectChange(live, 'Shift+Equal', { priceScale: 1 / ZOOM });
    await expectChange(live, 'Shift+Minus', { priceScale: ZOOM });
  },
  zoomTool: async (live) => {
    const before = await live.leaveLive();
    const tool = live.toolbar.getByRole('button', { name: 'Drag a rectangle to zoom' });
    await live.page.keyboard.press('z');
    await expect(tool).toHaveAttribute('aria-pressed', 'true');
    await live.drag([200, 200], [500, 350]);
    await expect.poll(async () => (await live.view()).usPerPx).toBeLessThan(before.usPerPx / 2);
    await live.page.keyboard.press('z');
    await expect(tool).toHaveAttribute('aria-pressed', 'false');
  },
  undo: async (live) => {
    const before = await live.leaveLive();
    await live.page.keyboard.press('Equal');
    await expect.poll(async () => (await live.view()).usPerPx).toBeLessThan(before.usPerPx);
    await live.page.keyboard.press('Control+z');
    await expect.poll(async () => (await live.view()).usPerPx).toBe(before.usPerPx);
  },
  goLive: async (live) => {
    for (const key of ['l', 'Home']) {
      await live.leaveLive();
      await live.page.keyboard.press(key);
      await expect.poll(async () => (await live.view()).following).toBe(true);
      await expect(live.backToLive).toHaveCount(0);
    }
  },
  follow: async (live) => {
    for (const following of [false, true]) {
      await live.page.keyboard.press('f');
      await expect.poll(async () => (await live.view()).following).toBe(following);
      await expect(live.follow).toHaveAttribute('aria-pressed', String(following));
    }
  },
  pause: async (live) => {
    await live.page.keyboard.press('Space');
    await expect(live.goOn).toBeVisible();
    expect((await live.view()).paused).toBe(true);
    await live.page.keyboard.press('Space');
    await expect(live.pause).toBeVisible();
  },
  heat: async (live) => {
    await live.page.keyboard.press('o');
    const heatmap = live.options.getByRole('checkbox', { name: 'Heatmap' });
    await expect(heatmap).toBeChecked();
    await live.page.keyboard.press('h');
    await expect(heatmap).not.toBeChecked();
    await live.page.keyboard.press('h');
    await expect(heatmap).toBeChecked();
    await live.page.keyboard.press('o');
  },
  bubbles: async (live) => {
    await live.page.keyboard.press('b');
    await expect(live.trades).not.toBeChecked();
    await live.page.keyboard.press('b');
    await expect(live.trades).toBeChecked();
  },
  profile: async (live) => {
    const { chart } = await live.view();
    await live.page.keyboard.press('p');
    await expect.poll(async () => (await live.view()).chart.width).toBeLessThan(chart.width);
    await live.page.keyboard.press('p');
    await expect.poll(async () => (await live.view()).chart.width).toBe(chart.width);
  },
  rows: async (live) => {
    await live.page.keyboard.press('g');
    await expect(live.rows).toHaveValue('1');
    await live.page.keyboard.press('g');
    await expect(live.rows).toHaveValue('2');
    await live.rows.selectOption('auto');
    await live.heatmap.focus();
  },
  'upperUp upperDown lowerUp lowerDown': async (live) => {
    await live.page.keyboard.press('o');
    const [lower, upper] = [live.options.getByLabel('Lower end, %'), live.options.getByLabel('Upper end, %')];
    await live.page.keyboard.press(']');
    await expect(upper).toHaveValue('100');
    await live.page.keyboard.press('[');
    await expect(upper).toHaveValue('99');
    await live.page.keyboard.press('Shift+BracketRight');
    await expect(lower).toHaveValue('51');
    await live.page.keyboard.press('Shift+BracketLeft');
    await expect(lower).toHaveValue('50');
    await live.page.keyboard.press('o');
  },
  lock: async (live) => {
    await live.page.keyboard.press('k');
    await expect(live.toolbar.getByRole('button', { name: 'Let the colours follow' })).toBeVisible();
    await live.page.keyboard.press('k');
    await expect(live.toolbar.getByRole('button', { name: 'Lock the colours' })).toBeVisible();
  },
  options: async (live) => {
    await live.page.keyboard.press('o');
    await expect(live.options).toBeFocused();
    await live.page.keyboard.press('Escape');
    await expect(live.options).toHaveCount(0);
    await expect(live.heatmap).toBeFocused();
  },
  jump: async (live) => {
    const dialog = live.page.getByRole('dialog', { name: 'Jump to a day and time' });
    await live.page.keyboard.press('j');
    await expect(dialog).toBeVisible();
    await live.page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  },
  ruler: async (live) => {
    const tool = live.toolbar.getByRole('button', { name: 'Ruler' });
    await live.page.keyboard.press('r');
    await expect(tool).toHaveAttribute('aria-pressed', 'true');
    await live.page.keyboard.press('Escape');
    await expect(tool).toHaveAttribute('aria-pressed', 'false');
  },
  'level note': async (live) => {
    await live.page.keyboard.press('x');
    await expect(live.crosshair).toBeVisible();
    for (const [key, name] of [
      ['v', 'Level'],
      ['n', 'Note'],
    ] as const) {
      await live.page.keyboard.press(key);
      const dialog = live.page.getByRole('dialog', { name });
      await expect(dialog.getByLabel('Text')).toBeFocused();
      await live.page.keyboard.press('Escape');
      await expect(dialog).toBeHidden();
    }
    await live.page.keyboard.press('Escape');
    await expect(live.crosshair).toHaveCount(0);
  },
  copyNumbers: async (live) => {
    await live.page.keyboard.press('x');
    await expect(live.crosshair).toBeVisible();
    await live.page.keyboard.press('c');
    await expect(live.said).toHaveText('Numbers at the crosshair copied');
    expect(await live.clipboard()).toMatch(/^Bid .*\n {4}Δ1s .* to touch$/m);
    await live.page.keyboard.press('Escape');
  },
  copyLink: async (live) => {
    await live.page.keyboard.press('y');
    await expect(live.said).toHaveText('Address of this picture copied');
    expect(await live.clipboard()).toMatch(/\/live\/.*\?at=\d+/);
  },
  crosshair: async (live) => {
    const { keyboard } = live.page;
    await live.leaveLive();
    await keyboard.press('x');
    const { priceUnits, timeMs } = await live.crosshairAt();
    const { columnUs, rowTicks } = await live.view();
    const moved = async () => {
      const now = await live.crosshairAt();
      return {
        rows: (now.priceUnits - priceUnits) / (rowTicks * tickSize),
        columns: ((now.timeMs - timeMs) * 1000) / columnUs,
      };
    };
    await keyboard.press('ArrowUp');
    await expect.poll(moved).toEqual({ rows: 1, columns: 0 });
    await keyboard.press('Shift+ArrowDown');
    await expect.poll(moved).toEqual({ rows: -9, columns: 0 });
    await keyboard.press('ArrowLeft');
    await expect.poll(moved).toEqual({ rows: -9, columns: -1 });
    await keyboard.press('Shift+ArrowLeft');
    await expect.poll(moved).toEqual({ rows: -9, columns: -11 });
    await keyboard.press('x');
    await expect(live.crosshair).toHaveCount(0);
  },
  hideCrosshair: async (live) => {
    await live.page.keyboard.press('x');
    await expect(live.crosshair).toBeVisible();
    await live.page.keyboard.press('Escape');
    await expect(live.crosshair).toHaveCount(0);
  },
  'columnBack columnForward': async (live) => {
    const { columnUs, usPerPx } = await live.leaveLive();
    await expectChange(live, ',', { rightPx: -columnUs / usPerPx });
    await expectChange(live, '.', { rightPx: columnUs / usPerPx });
  },
  'openLadder openTape': async (live) => {
    for (const [key, kind] of [
      ['d', 'ladder'],
      ['t', 'tape'],
    ] as const) {
      const opened = live.page.waitForEvent('popup');
      await live.page.keyboard.press(key);
      await (await opened).waitForURL(`**/pane/${kind}/*`);
      await (await opened).close();
    }
  },
  search: async ({ page }) => {
    const dialog = page.getByRole('dialog', { name: 'Choose an instrument' });
    await page.keyboard.press('/');
    await expect(new InstrumentList(dialog).search).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
  },
  help: async ({ page }) => {
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog', { name: 'Keys and gestures' });
    for (const { does, keys } of DEPTH_PAGE_KEYS) {
      const row = sheet.getByRole('listitem').filter({ hasText: does }).first();
      await expect(row.locator('[data-keys]')).toHaveText(keys.map(chordWords).join(''));
    }
    await page.keyboard.press('Escape');
    await expect(sheet).toBeHidden();
  },
});

/** By how much two views differ: in px along both axes, and in scale. */
interface Change {
  readonly rightPx: number;
  readonly upPx: number;
  readonly timeScale: number;
  readonly priceScale: number;
}

const NO_CHANGE: Change = { rightPx: 0, upPx: 0, timeScale: 1, priceScale: 1 };

function changeOf(before: ViewAnswer, after: ViewAnswer): Change {
  return {
    rightPx: (after.rightUs - before.rightUs) / before.usPerPx,
    upPx: (after.centrePrice - before.centrePrice) / before.unitsPerPx,
    timeScale: after.usPerPx / before.usPerPx,
    priceScale: after.unitsPerPx / before.unitsPerPx,
  };
}

/** Away from the live edge, where nothing else moves the picture, a key changes it by exactly so much. */
async function expectChange(live: LivePage, key: string, expected: Partial<Change>): Promise<void> {
  await live.leaveLive();
  const before = await live.view();
  await live.page.keyboard.press(key);
  await expect
    .poll(async () => rounded(changeOf(before, await live.view())), { message: `what ${key} changes` })
    .toEqual(rounded({ ...NO_CHANGE, ...expected }));
}

/** `|| 0`: minus zero is not zero to everybody. */
const rounded = (change: Change): object =>
  Object.fromEntries(
    Object.entries(change).map(([name, value]: [string, number]) => [name, Number(value.toFixed(DIGITS)) || 0]),
  );
