/**
 * Pages that stand still, in both themes and three windows, against pictures of how they are meant to look. Made anew with
 * `npx playwright test goldens --update-snapshots`, and looked at before they are kept.
 */
import type { Page } from '@playwright/test';
import { livePath } from '../../../lib/client/instruments.ts';
import { DESK, LAPTOP, PHONE } from '../../../playwright.config.ts';
import { answerWith, neverAnswer } from '../support/answers.ts';
import { expect, test } from '../support/fixtures.ts';
import type { Instruments } from '../support/instruments.ts';
import { REPORT } from '../support/report-answers.ts';

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

for (const { name, open } of VIEWS) {
  test(`${name} looks as it is meant to`, async ({ page, instruments }) => {
    await open(page, instruments);
    // What counts on by itself, and the contract, which is another one next month.
    const mask = [page.getByRole('contentinfo'), page.getByRole('banner')];
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      for (const size of [DESK, LAPTOP, PHONE]) {
        await page.setViewportSize(size);
        await expect(page).toHaveScreenshot(`${name}-${colorScheme}-${size.width}x${size.height}.png`, {
          mask,
          maxDiffPixelRatio: TOLERANCE,
        });
      }
    }
  });
}
