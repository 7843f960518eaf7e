/**
 * Takes the pictures of the guide of a running instance, for `./gehra pictures`: the address of the instance and the folder
 * that they are written to.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { livePath } from '../../lib/client/instruments.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import playwrightConfig from '../../playwright.config.ts';

/** The chart has filled by then; before, a picture shows a few columns at its edge, ms. */
const FILLED_MS = 60_000;
const SETTLED_MS = 20_000;
/** Of WebP: letters stay sharp, and all pictures together stay below 1.5 MB. */
const QUALITY = 80;
const DESK = { width: 1600, height: 900 };
const PHONE = { width: 390, height: 844 };

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly size: { readonly width: number; readonly height: number };
  /** What is pressed before. */
  readonly press?: string;
}

const shotsOf = ({ slug }: InstrumentSummary): readonly Shot[] => [
  { name: 'heatmap', path: livePath(slug), size: DESK },
  { name: 'heatmap-phone', path: livePath(slug), size: PHONE },
  { name: 'instruments', path: '/', size: DESK },
  { name: 'workspace', path: '/workspace', size: DESK, press: 'Scalper' },
  { name: 'chart', path: `/pane/chart/${encodeURIComponent(slug)}`, size: DESK },
  { name: 'footprint', path: `/pane/footprint/${encodeURIComponent(slug)}`, size: DESK },
  { name: 'coverage', path: '/coverage', size: DESK },
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
  let waitMs = FILLED_MS;
  for (const shot of shotsOf(deepest)) {
    await page.setViewportSize(shot.size);
    await page.goto(`${appUrl}${shot.path}`);
    if (shot.press) await page.getByRole('button', { name: shot.press }).first().click();
    await page.waitForTimeout(waitMs);
    waitMs = SETTLED_MS;
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
