/** h1, h2: from the packet at the collector's socket to the picture that shows it. */
import { setTimeout as delay } from 'node:timers/promises';
import { chromium, type Page } from '@playwright/test';
import { livePath } from '../lib/client/instruments.ts';
import type { StatsAnswer } from '../lib/client/session-messages.ts';
import { startTestRedis } from '../tests/support/servers.ts';
import type { BareCollectorOptions } from './children/bare-collector.ts';
import type { BareExchangeOptions } from './children/bare-exchange.ts';
import type { BareWebOptions } from './children/bare-web.ts';
import type { Bench, Metrics } from './support/bench.ts';
import { LAUNCH, VIEWPORT } from './support/browser.ts';
import { Child } from './support/child.ts';
import { withLoad } from './support/instance.ts';
import { quantile } from './support/time.ts';

const FRAMES_A_SECOND = 40;
/** Drawings before the ones that count: the page loads its history, the compilers do their work. */
const WARM_UP = 200;
/** As many as the page keeps the times of. */
const MEASURED = 1024;
const POLL_MS = 1000;
/** At 40 drawings a second it takes half a minute. */
const WITHIN_MS = 180_000;
const STREAM = 'bare';

async function inBrowser<T>(work: (page: Page) => Promise<T>): Promise<T> {
  const browser = await chromium.launch(LAUNCH);
  try {
    const page = await browser.newPage({ viewport: VIEWPORT });
    // The tour of the first visit would stand over what is measured.
    await page.addInitScript(() => localStorage.setItem('gehra.tour', 'true'));
    return await work(page);
  } finally {
    await browser.close();
  }
}

/** Waits until the page has drawn as many books as are to be measured, and those before them. */
async function untilDrawn(count: () => Promise<number>): Promise<void> {
  const until = performance.now() + WITHIN_MS;
  for (let drawn = 0; drawn < WARM_UP + MEASURED; drawn = await count()) {
    if (performance.now() > until) throw new Error(`only ${drawn} books were drawn in ${WITHIN_MS} ms`);
    await delay(POLL_MS);
  }
}

const ours = (): Promise<Metrics> =>
  withLoad({ depth200: FRAMES_A_SECOND, ticks: 0 }, (instance, [instrument]) =>
    inBrowser(async (page) => {
      if (!instrument) throw new Error('no instrument is recorded 200 levels deep');
      await page.goto(`${instance.appUrl}${livePath(instrument.slug)}`);
      const statsNow = (): Promise<StatsAnswer | null | undefined> => page.evaluate(() => window.gehra?.stats());
      await untilDrawn(async () => (await statsNow())?.booksDrawn ?? 0);
      const stats = (await statsNow()) as StatsAnswer;
      return { 'p50 ms': stats.frameAgeMsP50, 'p99 ms': stats.frameAgeMsP99, 'drawing p50 ms': stats.drawMsP50 };
    }),
  );

async function bare(): Promise<Metrics> {
  const redis = await startTestRedis();
  const exchange = new Child('bare-exchange', { framesASecond: FRAMES_A_SECOND } satisfies BareExchangeOptions);
  const { port } = await exchange.hears<{ port: number }>();
  const web = new Child('bare-web', { redisUrl: redis.url, stream: STREAM } satisfies BareWebOptions);
  const { port: webPort } = await web.hears<{ port: number }>();
  const collector = new Child('bare-collector', {
    exchangeUrl: `ws://127.0.0.1:${port}`,
    redisUrl: redis.url,
    stream: STREAM,
  } satisfies BareCollectorOptions);
  await collector.hears();
  try {
    const ages = await inBrowser(async (page) => {
      await page.goto(`http://127.0.0.1:${webPort}/`);
      const agesNow = () => page.evaluate(() => (window as unknown as { frameAges: number[] }).frameAges);
      await untilDrawn(async () => (await agesNow()).length);
      return agesNow();
    });
    const measured = ages.slice(WARM_UP, WARM_UP + MEASURED);
    return { 'p50 ms': quantile(measured, 0.5), 'p99 ms': quantile(measured, 0.99) };
  } finally {
    for (const child of [collector, web, exchange]) await child.stop();
    await redis.stop();
  }
}

const packetToFrame: Bench = {
  name: 'packet-to-frame',
  group: 'browser',
  what: `A side frame of 200 levels, ${FRAMES_A_SECOND} a second, from its receipt at the collector's socket to the end of the drawing that shows it, in headless Chromium`,
  worse: 'A picture that is late is a price that is gone.',
  roundsMax: 3,
  measures: [
    { goal: 'h1-p50', metric: 'p50 ms', variant: 'instance', per: 'bare' },
    { goal: 'h1-p99', metric: 'p99 ms', variant: 'instance', per: 'bare' },
    { goal: 'h2-p50', metric: 'p50 ms', variant: 'instance' },
    { goal: 'h2-p99', metric: 'p99 ms', variant: 'instance' },
  ],
  variants: [
    {
      name: 'instance',
      what: `ours, as \`./gehra up\` starts it, five instruments recorded; the page of one of them at 1600×900.`,
      run: ours,
    },
    {
      name: 'bare',
      what: 'a bare pipeline: socket, Redis stream, SSE in three processes; a page that pushes one column a frame. Nothing is stored.',
      run: bare,
    },
  ],
};

export const benches = [packetToFrame];
