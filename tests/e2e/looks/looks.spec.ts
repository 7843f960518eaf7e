/**
 * How the pages look, against pictures of how they looked: at three sizes, in both themes. Renew the pictures with
 *
 *     npx playwright test looks --update-snapshots
 *
 * What moves (times, prices, canvases, ids) is covered. A picture is kept at a quarter of its size, so that the smoothing of
 * letters, which differs between machines, does not count: a pixel of it may be off by a fifth of what an eye can tell
 * (pixelmatch's threshold), and 2 % of the pixels by more.
 */
import type { Locator, Page } from '@playwright/test';
import { livePath } from '../../../lib/client/instruments.ts';
import { expect, test } from '../support/fixtures.ts';

const SIZES = [
  { width: 1600, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
] as const;
const THEMES = ['dark', 'light'] as const;
const SHRINK = 4;
const TOLERANCE = { threshold: 0.2, maxDiffPixelRatio: 0.02 };

interface Look {
  readonly name: string;
  /** By the slug of an instrument with a live book. */
  readonly path: (slug: string) => string;
  /** There once the page is. */
  readonly shows: (page: Page) => Locator;
  /** What moves, beside the header's clock, canvases and times. */
  readonly moving: (page: Page) => readonly Locator[];
}

const LOOKS: readonly Look[] = [
  {
    name: 'instruments',
    path: () => '/',
    shows: (page) => page.getByRole('row').nth(10),
    moving: (page) => [page.getByRole('main')],
  },
  {
    name: 'live',
    path: livePath,
    shows: (page) => page.getByRole('application'),
    moving: (page) => [page.getByRole('application'), page.getByRole('contentinfo'), page.getByRole('region')],
  },
  {
    name: 'workspace',
    path: () => '/workspace',
    shows: (page) => page.getByRole('button', { name: 'Heatmap', exact: true }),
    moving: () => [],
  },
  {
    name: 'hours',
    path: () => '/settings/hours',
    shows: (page) => page.getByRole('heading', { name: 'The next two weeks' }),
    moving: (page) => [page.getByRole('table'), page.getByRole('list'), page.getByRole('main').locator('input')],
  },
  {
    name: 'notifications',
    path: () => '/settings/notifications',
    shows: (page) => page.getByRole('region', { name: 'Telegram bot' }),
    moving: () => [],
  },
  {
    name: 'unknown',
    path: () => '/nowhere',
    shows: (page) => page.getByRole('link', { name: 'list of instruments' }),
    moving: () => [],
  },
];

for (const { name, path, shows, moving } of LOOKS) {
  test(name, async ({ page, instruments, trouble }) => {
    trouble.allow(/^HTTP 404: .*\/nowhere$/, 'the page is about that');
    const scratch = await page.context().newPage();
    for (const size of SIZES) {
      await page.setViewportSize(size);
      for (const theme of THEMES) {
        await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
        await page.goto(path(instruments.nifty.slug));
        await expect(shows(page)).toBeVisible();
        const mask = [page.getByRole('banner'), page.locator('canvas, time'), ...moving(page)];
        const picture = await page.screenshot({ animations: 'disabled', caret: 'hide', mask });
        const small = await shrunk(scratch, picture);
        expect.soft(small).toMatchSnapshot(`${name}-${size.width}-${theme}.png`, TOLERANCE);
      }
    }
  });
}

/** A quarter as wide and as high, each pixel the mean of sixteen. */
async function shrunk(scratch: Page, png: Buffer): Promise<Buffer> {
  const base64 = await scratch.evaluate(
    async ([source, by]) => {
      const bytes = Uint8Array.from(atob(source), (char) => char.charCodeAt(0));
      const whole = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = document.createElement('canvas');
      canvas.width = Math.floor(whole.width / by);
      canvas.height = Math.floor(whole.height / by);
      const pen = canvas.getContext('2d');
      if (!pen) throw new Error('the browser gave no 2D context');
      pen.imageSmoothingQuality = 'high';
      pen.drawImage(whole, 0, 0, canvas.width, canvas.height);
      return canvas.toDataURL('image/png').split(',')[1] ?? '';
    },
    [png.toString('base64'), SHRINK] as const,
  );
  return Buffer.from(base64, 'base64');
}
