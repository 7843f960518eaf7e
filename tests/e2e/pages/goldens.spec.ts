/**
 * Pages that stand still, in both themes and three windows, against pictures of how they are meant to look. Made anew with
 * `npx playwright test goldens --update-snapshots`, and looked at before they are kept.
 */
import type { Page } from '@playwright/test';
import { livePath } from '../../../lib/client/instruments.ts';
import { replayPath } from '../../../lib/client/replay.ts';
import { DESK, LAPTOP, PHONE } from '../../../playwright.config.ts';
import { answerWith, neverAnswer } from '../support/answers.ts';
import { expect, test } from '../support/fixtures.ts';
import type { Instruments } from '../support/instruments.ts';
import { REPORT } from '../support/report-answers.ts';
import { removeStillMarket, STILL, storeStillMarket } from '../support/still-market.ts';

/** Share of pixels that may differ: letters are smoothed differently by other versions of the browser. */
const TOLERANCE = 0.01;

const VIEWS: readonly { readonly name: string; open(page: Page, instruments: Instruments): Promise<void> }[] = [
  {
    name: 'detectors',
    open: async (page) => {
      await answerWith(page, 'signals/report', REPORT);
      await page.goto('/signals/detectors');
      await expect(page.getByText('Does not beat its base rate.')).toBeVisible();
    },
  },
  {
    name: 'report-card',
    open: async (page) => {
      await answerWith(page, 'signals/report', REPORT);
      await page.goto('/signals/detectors/wall_pulled');
      await expect(page.getByText('Does not beat its base rate.')).toBeVisible();
    },
  },
  {
    name: 'heatmap-connecting',
    open: async (page, { nifty }) => {
      await neverAnswer(page, 'stream');
      await page.goto(livePath(nifty.slug));
      await expect(page.getByRole('region', { name: 'State' })).toBeVisible();
    },
  },
  {
    name: 'keys',
    open: async (page, { nifty }) => {
      await neverAnswer(page, 'stream');
      await page.goto(livePath(nifty.slug));
      await expect(page.getByRole('region', { name: 'State' })).toBeVisible();
      await page.keyboard.press('?');
      await expect(page.getByRole('dialog')).toBeVisible();
    },
  },
];

/** Of the heatmap: what eases and what was measured in the window before move a shade here and there. */
const HEATMAP_TOLERANCE = 0.02;
const SCHEMES = ['dark', 'light'] as const;
const SIZES = [DESK, LAPTOP, PHONE];

test('heatmap looks as it is meant to: a replay that stands still', async ({ page, live, instance, instruments }) => {
  const { id, slug } = instruments.infosys;
  await storeStillMarket(instance, id);
  try {
    await page.addInitScript(
      ([key, options]) => {
        // An empty page has no storage.
        if (self.origin !== 'null') localStorage.setItem(key, options);
      },
      [`gehra.heatmap.${slug}`, JSON.stringify({ locked: STILL.locked, columns: ['volume'] })] as const,
    );
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const opened = page.waitForResponse((response) => /\/api\/replay$/.test(response.url()));
    await page.goto(replayPath(slug, String(STILL.fromUs / 1000)));
    const replay = ((await (await opened).json()) as { id: string }).id;
    const stop = { id: replay, playing: false, seek: String(STILL.atUs / 1000) };
    const headers = { origin: instance.appUrl };
    expect((await page.request.patch('/api/replay', { headers, data: stop })).status()).toBe(200);
    await expect(live.badge('Replay paused')).toBeVisible();
    await expect.poll(() => live.viewIfShown()).not.toBeNull();
    await live.historyLoaded();
    const mask = [page.getByRole('contentinfo'), page.getByRole('banner')];
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const size of SIZES) {
        await page.setViewportSize(size);
        await expect(page).toHaveScreenshot(`heatmap-${colorScheme}-${size.width}x${size.height}.png`, {
          mask,
          maxDiffPixelRatio: HEATMAP_TOLERANCE,
        });
      }
    }
  } finally {
    await page.goto('about:blank');
    await removeStillMarket(instance, id);
  }
});

for (const { name, open } of VIEWS) {
  test(`${name} looks as it is meant to`, async ({ page, instruments }) => {
    // What counts on by itself, and the contract, which is another one next month.
    const mask = [page.getByRole('contentinfo'), page.getByRole('banner')];
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const size of SIZES) {
        await page.setViewportSize(size);
        // Anew for each: a stream that never answers is told of after a while, and the header grows by it.
        await open(page, instruments);
        await expect(page).toHaveScreenshot(`${name}-${colorScheme}-${size.width}x${size.height}.png`, {
          mask,
          maxDiffPixelRatio: TOLERANCE,
        });
      }
    }
  });
}
