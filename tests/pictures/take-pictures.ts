/**
 * Takes the pictures of the guide of a running instance, for `./gehra pictures`: the address of the instance and the folder
 * that they are written to.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, expect, type Page } from '@playwright/test';
import { livePath } from '../../lib/client/instruments.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import playwrightConfig from '../../playwright.config.ts';

/** So much of the market is on a picture of the heatmap; less shows a few columns at its edge, µs. */
const FILLED_US = 60_000_000;
const FILLED_WITHIN_MS = 180_000;
/** Of WebP: letters stay sharp, and all pictures together stay below 1.5 MB. */
const QUALITY = 80;
const DESK = { width: 1600, height: 900 };
const PHONE = { width: 390, height: 844 };

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly size: { readonly width: number; readonly height: number };
  /** Waits until it shows what it is for. */
  readonly ready: (page: Page) => Promise<unknown>;
}

const heatmapIsFilled = (page: Page): Promise<unknown> =>
  expect
    .poll(
      () =>
        page.evaluate(async (us) => {
          const view = await window.gehra?.view();
          if (!view) return null;
          const priceUnits = Math.round((view.lowPrice + view.highPrice) / 2);
          return (await window.gehra?.probe({ priceUnits, timeUs: view.rightUs - us }))?.state;
        }, FILLED_US),
      { timeout: FILLED_WITHIN_MS },
    )
    .toBe('data');

const coverageIsThere = (page: Page): Promise<unknown> =>
  page
    .getByRole('list', { name: 'Instruments' })
    .getByText(/\d\.\d\d %/)
    .first()
    .waitFor();

const shotsOf = ({ slug, symbol }: InstrumentSummary): readonly Shot[] => [
  { name: 'heatmap', path: livePath(slug), size: DESK, ready: heatmapIsFilled },
  { name: 'heatmap-phone', path: livePath(slug), size: PHONE, ready: heatmapIsFilled },
  { name: 'instruments', path: '/', size: DESK, ready: (page) => page.getByText(symbol).first().waitFor() },
  { name: 'coverage', path: '/coverage', size: DESK, ready: coverageIsThere },
];

const [appUrl, to] = process.argv.slice(2);
if (!appUrl || !to) throw new Error('usage: take-pictures.ts ADDRESS FOLDER');
const response = await fetch(`${appUrl}/api/instruments?subscribed=1`);
if (!response.ok)
  throw new Error(`The list of instruments: HTTP ${response.status}. Pictures need the simulated market.`);
const { instruments } = (await response.json()) as { instruments: InstrumentSummary[] };
const deepest = instruments.find(({ levels }) => levels === 200);
if (!deepest) throw new Error('No instrument is recorded 200 levels deep.');
mkdirSync(to, { recursive: true });
const browser = await chromium.launch(playwrightConfig.use?.launchOptions ?? {});
try {
  const { locale, timezoneId, colorScheme } = playwrightConfig.use ?? {};
  const page = await browser.newPage({
    ...(locale ? { locale } : {}),
    ...(timezoneId ? { timezoneId } : {}),
    colorScheme: colorScheme ?? 'dark',
  });
  // The tour would lie over the first picture.
  await page.addInitScript(() => localStorage.setItem('gehra.tour', 'true'));
  for (const shot of shotsOf(deepest)) {
    await page.setViewportSize(shot.size);
    await page.goto(`${appUrl}${shot.path}`);
    await shot.ready(page);
    const file = path.join(to, `${shot.name}.webp`);
    writeFileSync(file, await webp(page));
    process.stdout.write(`${file}\n`);
  }
} finally {
  await browser.close();
}

async function webp(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY });
  await session.detach();
  return Buffer.from(data, 'base64');
}
