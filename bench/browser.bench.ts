/** The pages in headless Chromium: panning, the main thread, the heap, the stream, and how soon there is something to see. */
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test';
import { livePath } from '../lib/client/instruments.ts';
import { layoutToText } from '../lib/client/layout-link.ts';
import type { StatsAnswer, ViewAnswer } from '../lib/client/session-messages.ts';
import type { Layout } from '../lib/client/workspace-layout.ts';
import type { InstrumentSummary } from '../lib/core/instrument.ts';
import type { Instance } from '../tests/support/instance.ts';
import type { Bench, Metrics } from './support/bench.ts';
import { LAUNCH, VIEWPORT } from './support/browser.ts';
import { storeDay } from './support/day-of-depth.ts';
import { withLoad } from './support/instance.ts';
import { heapsOf } from './support/isolates.ts';
import { median } from './support/results.ts';
import { quantile } from './support/time.ts';

/** The load of the budgets: five instruments, side frames a second each. */
const LOAD = { depth200: 40, ticks: 1000 };
/** History has come, compilers have done their work. */
const SETTLE_MS = 10_000;
const LOOK_MS = 250;
const WITHIN_MS = 120_000;

async function newContext(browser: Browser): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: VIEWPORT });
  // The tour of the first visit would stand over what is measured.
  await context.addInitScript(() => localStorage.setItem('gehra.tour', 'true'));
  return context;
}

async function withBrowser<T>(work: (context: BrowserContext, browser: Browser) => Promise<T>): Promise<T> {
  const browser = await chromium.launch(LAUNCH);
  try {
    return await work(await newContext(browser), browser);
  } finally {
    await browser.close();
  }
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + WITHIN_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${WITHIN_MS} ms`);
    await delay(LOOK_MS);
  }
}

const statsOf = async (page: Page): Promise<StatsAnswer | null> =>
  (await page.evaluate(() => window.gehra?.stats())) ?? null;

async function viewOf(page: Page): Promise<ViewAnswer> {
  const view = await page.evaluate(() => window.gehra?.view());
  if (!view) throw new Error('the heatmap shows nothing');
  return view;
}

const firstOf = (deep: readonly InstrumentSummary[]): InstrumentSummary => {
  const [first] = deep;
  if (!first) throw new Error('no instrument is recorded 200 levels deep');
  return first;
};

async function openLive(page: Page, instance: Instance, { slug }: InstrumentSummary): Promise<void> {
  await page.goto(`${instance.appUrl}${livePath(slug)}`);
  await until('a book is drawn', async () => ((await statsOf(page))?.booksDrawn ?? 0) > 0);
}

/** The five instruments beside each other in the workspace, a heatmap each. */
async function openFiveHeatmaps(page: Page, instance: Instance, deep: readonly InstrumentSummary[]): Promise<void> {
  const children = deep.map(({ slug }, i) => ({
    id: `p${i + 1}`,
    kind: 'heatmap',
    group: null,
    instrument: slug,
    settings: {},
  }));
  const sizes = children.map(() => 100 / children.length);
  const layout: Layout = { version: 1, groups: {}, root: { split: 'row', sizes, children } };
  await page.goto(`${instance.appUrl}/workspace#layout=${await layoutToText(layout)}`);
  await page
    .getByText('Live', { exact: true })
    .nth(deep.length - 1)
    .waitFor({ timeout: WITHIN_MS });
}

/** A function as text that runs in a browser: the loader of this program calls a helper of its own in each, which is not there. */
const script = (work: (...given: never[]) => unknown, ...given: unknown[]): string =>
  `(() => { const __name = (each) => each; return (${work})(${given.map((each) => JSON.stringify(each)).join()}); })()`;

// Panning.

/** A column of this width to a pixel: the screen has a quarter of the day, drawn as finely as can be. */
const PAN_US_PER_PX = 5_000_000;
const PAN_UNITS_PER_PX = 20;
const PAN_ROW_TICKS = 2;
/** Pixels in a move of the mouse: across the screen in less than a second. */
const PAN_STEP_PX = 24;
const FRAME_MS = 1000 / 60;

/** Notes when each animation frame is, on the page or in a worker, from now on. */
function noteFrames(): void {
  const scope = globalThis as unknown as { frameTimes: number[] };
  const times: number[] = [];
  scope.frameTimes = times;
  const note = (): void => {
    // It ends where another one has begun.
    if (scope.frameTimes !== times) return;
    times.push(performance.now());
    requestAnimationFrame(note);
  };
  requestAnimationFrame(note);
}
const framesNoted = (): number[] => (globalThis as unknown as { frameTimes: number[] }).frameTimes;

/** Drags the chart from one edge to the other, again and again, until the day lies behind. */
async function drag(page: Page, screens: number, towards: 'past' | 'now'): Promise<void> {
  const { chart } = await viewOf(page);
  const box = await page.getByRole('application', { name: /^Depth heatmap of / }).boundingBox();
  if (!box) throw new Error('the heatmap is not on the screen');
  const [left, y] = [box.x + chart.x + 10, box.y + chart.height / 2];
  const steps = Math.floor((chart.width - 20) / PAN_STEP_PX);
  const x = (step: number): number => left + PAN_STEP_PX * (towards === 'past' ? step : steps - step);
  for (let screen = 0; screen < screens; screen += 1) {
    await page.mouse.move(x(0), y);
    await page.mouse.down();
    // Each move is answered when the page has taken it in, which is once a frame.
    for (let step = 1; step <= steps; step += 1) await page.mouse.move(x(step), y);
    await page.mouse.up();
  }
}

interface Dragged {
  readonly intervals: readonly number[];
  readonly seconds: number;
  readonly pictures: number;
}

async function dragged(page: Page, screens: number, towards: 'past' | 'now'): Promise<Dragged> {
  const [worker] = page.workers();
  if (!worker) throw new Error('the heatmap is not drawn by a worker');
  await worker.evaluate(script(noteFrames));
  const before = (await statsOf(page))?.framesDrawn ?? 0;
  const from = performance.now();
  await drag(page, screens, towards);
  const seconds = (performance.now() - from) / 1000;
  const times = await worker.evaluate(framesNoted);
  const pictures = ((await statsOf(page))?.framesDrawn ?? 0) - before;
  return { intervals: times.slice(1).map((time, i) => time - (times[i] as number)), seconds, pictures };
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** Share of the screen's frames that passed without one of ours, %. */
function droppedOf(intervals: readonly number[]): number {
  const missed = sum(intervals.map((ms) => Math.max(0, Math.round(ms / FRAME_MS) - 1)));
  return (missed / (missed + intervals.length)) * 100;
}

async function panned(instance: Instance, deep: readonly InstrumentSummary[]): Promise<Metrics> {
  const instrument = firstOf(deep);
  const day = await storeDay(instance, instrument);
  return withBrowser(async (context) => {
    const page = await context.newPage();
    const query = new URLSearchParams({
      at: String(day.toUs),
      span: String(PAN_US_PER_PX),
      price: String(day.price),
      scale: String(PAN_UNITS_PER_PX),
      row: String(PAN_ROW_TICKS),
    });
    await page.goto(`${instance.appUrl}${livePath(instrument.slug)}?${query}`);
    const isHeld = async (): Promise<boolean> => {
      const view = await page.evaluate(() => window.gehra?.view());
      const [from, to] = [Math.max(view?.leftUs ?? 0, day.fromUs), Math.min(view?.rightUs ?? 0, day.toUs)];
      return view?.coverage.some(({ fromUs, toUs }) => fromUs <= from && toUs >= to) ?? false;
    };
    await until('the end of the day is shown', isHeld);
    const view = await viewOf(page);
    const screens = Math.ceil((day.toUs - day.fromUs) / (view.rightUs - view.leftUs)) - 1;
    const first = await dragged(page, screens, 'past');
    await until('the beginning of the day is shown', isHeld);
    const back = await dragged(page, screens, 'now');
    await until('the end of the day is shown again', isHeld);
    const again = await dragged(page, screens, 'past');
    const held = [...back.intervals, ...again.intervals];
    const stats = await statsOf(page);
    return {
      'frame p50 ms': quantile(held, 0.5),
      'frame p95 ms': quantile(held, 0.95),
      'dropped %': droppedOf(held),
      'pictures/s': (back.pictures + again.pictures) / (back.seconds + again.seconds),
      'drawing p50 ms': stats?.drawMsP50 ?? 0,
      'drawing p95 ms': stats?.drawMsP95 ?? 0,
      'frame p95 ms while it is fetched': quantile(first.intervals, 0.95),
      'dropped % while it is fetched': droppedOf(first.intervals),
      screens,
    };
  });
}

const pan: Bench = {
  name: 'heatmap-pan',
  group: 'browser',
  what: `A day of one instrument at 1600×900, a column of ${PAN_US_PER_PX / 1e6} s to a pixel, dragged from end to end by mouse: first while it is fetched, then back and forth; frames as the worker that draws has them, 60 a second at best`,
  worse: 'A picture that stutters under the hand is not looked through.',
  roundsMax: 3,
  measures: [
    { goal: 'pan-draw', metric: 'drawing p95 ms', variant: 'instance' },
    { goal: 'pan-dropped', metric: 'dropped %', variant: 'instance' },
  ],
  variants: [
    {
      name: 'instance',
      what: 'ours, as `./gehra up` starts it, recording its five instruments at a frame a second; a session of yesterday is stored.',
      run: () => withLoad({ depth200: 1, ticks: 10 }, panned),
    },
  ],
};

// The main thread.

const BUSY_SECONDS = 60;

/** What the page's main thread does in a second, ms, and its tasks above 50 ms. */
async function busy(page: Page): Promise<Metrics> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const metricsNow = async (): Promise<Map<string, number>> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return new Map(metrics.map(({ name, value }) => [name, value]));
  };
  await page.evaluate(() => {
    const scope = globalThis as unknown as { longTasks: number };
    scope.longTasks = 0;
    new PerformanceObserver((list) => {
      scope.longTasks += list.getEntries().length;
    }).observe({ type: 'longtask' });
  });
  const before = await metricsNow();
  const from = performance.now();
  await delay(BUSY_SECONDS * 1000);
  const seconds = (performance.now() - from) / 1000;
  const after = await metricsNow();
  const perSecond = (name: string): number => (((after.get(name) ?? 0) - (before.get(name) ?? 0)) * 1000) / seconds;
  const longTasks = await page.evaluate(() => (globalThis as unknown as { longTasks: number }).longTasks);
  return {
    'ms/s': perSecond('TaskDuration'),
    'script ms/s': perSecond('ScriptDuration'),
    'layout and style ms/s': perSecond('LayoutDuration') + perSecond('RecalcStyleDuration'),
    'tasks over 50 ms': longTasks,
  };
}

const busyOn = (open: (page: Page, instance: Instance, deep: readonly InstrumentSummary[]) => Promise<void>) =>
  withLoad(LOAD, (instance, deep) =>
    withBrowser(async (context) => {
      const page = await context.newPage();
      await open(page, instance, deep);
      await delay(SETTLE_MS);
      return busy(page);
    }),
  );

const mainThread: Bench = {
  name: 'main-thread',
  group: 'browser',
  what: `CPU time of the page's main thread in a second of five instruments at ${LOAD.depth200} side frames a second each and ${LOAD.ticks} ticks, at 1600×900, for ${BUSY_SECONDS} s`,
  worse: 'What the main thread spends on the market is not there for the hand: keys and clicks are late.',
  roundsMax: 3,
  measures: [
    { goal: 'main-thread', metric: 'ms/s', variant: 'workspace' },
    { goal: 'long-tasks', metric: 'tasks over 50 ms', variant: 'live' },
  ],
  variants: [
    {
      name: 'live',
      what: 'the page of one of them.',
      run: () => busyOn((page, instance, deep) => openLive(page, instance, firstOf(deep))),
    },
    {
      name: 'workspace',
      what: 'the workspace with a heatmap of each of the five.',
      run: () => busyOn(openFiveHeatmaps),
    },
  ],
};

// The heap.

const HEAP_EVERY_MS = 15_000;

/** Least squares: what a minute adds. */
function slopeOf(samples: readonly (readonly [minutes: number, value: number])[]): number {
  const meanX = sum(samples.map(([x]) => x)) / samples.length;
  const meanY = sum(samples.map(([, y]) => y)) / samples.length;
  return sum(samples.map(([x, y]) => (x - meanX) * (y - meanY))) / sum(samples.map(([x]) => (x - meanX) ** 2));
}

async function heapOf(page: Page, minutes: number): Promise<Metrics> {
  const heaps = await heapsOf(page);
  const samples: { readonly minute: number; readonly used: ReadonlyMap<string, number> }[] = [];
  const from = performance.now();
  const end = from + minutes * 60_000;
  while (performance.now() < end) {
    samples.push({ minute: (performance.now() - from) / 60_000, used: await heaps.used() });
    await delay(HEAP_EVERY_MS);
  }
  const mb = (bytes: number): number => bytes / 1e6;
  const all = samples.map(({ minute, used }) => [minute, mb(sum([...used.values()]))] as const);
  const slopes = [...(samples[0]?.used.keys() ?? [])].map((name): [string, number] => [
    `${name} MB/min`,
    slopeOf(samples.map(({ minute, used }) => [minute, mb(used.get(name) ?? 0)] as const)),
  ]);
  return {
    'MB/min': slopeOf(all),
    'MB at first': all[0]?.[1] ?? 0,
    'MB at last': all.at(-1)?.[1] ?? 0,
    'MB at most': Math.max(...all.map(([, value]) => value)),
    ...Object.fromEntries(slopes),
    minutes,
  };
}

const heapOn =
  (open: (page: Page, instance: Instance, deep: readonly InstrumentSummary[]) => Promise<void>) =>
  ({ minutes }: { readonly minutes: number }) =>
    withLoad(LOAD, (instance, deep) =>
      withBrowser(async (context) => {
        const page = await context.newPage();
        await open(page, instance, deep);
        await delay(SETTLE_MS);
        return heapOf(page, minutes);
      }),
    );

const heap: Bench = {
  name: 'heap',
  group: 'browser',
  what: `JS heap of the page, its workers and the shared connection, garbage collected before each look, under five instruments at ${LOAD.depth200} side frames a second each; the slope by least squares over all looks, one each ${HEAP_EVERY_MS / 1000} s`,
  worse: 'A page that grows is closed by the browser in the middle of a session.',
  roundsMax: 1,
  measures: [{ goal: 'heap', metric: 'MB/min', variant: 'live' }],
  variants: [
    {
      name: 'live',
      what: 'the page of one of them.',
      run: heapOn((page, instance, deep) => openLive(page, instance, firstOf(deep))),
    },
    { name: 'workspace', what: 'the workspace with a heatmap of each of the five.', run: heapOn(openFiveHeatmaps) },
  ],
};

// The stream.

const STREAM_SECONDS = 60;

/** Bytes that a browser's connection brings in a minute, as they come off the socket. */
function bytesAMinute(appUrl: string, instruments: readonly InstrumentSummary[]): Promise<number> {
  const { host, hostname, port } = new URL(appUrl);
  const ids = instruments.map(({ id }) => id).join(',');
  return new Promise((resolve, reject) => {
    let bytes = 0;
    let isCounting = false;
    const socket = connect(Number(port), hostname, () =>
      socket.write(`GET /api/stream?instruments=${ids} HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
    );
    socket.on('data', (chunk) => {
      if (isCounting) bytes += chunk.length;
    });
    socket.on('error', reject);
    // The first messages are whole books.
    setTimeout(() => (isCounting = true), SETTLE_MS);
    setTimeout(
      () => {
        socket.destroy();
        resolve((bytes * 60) / STREAM_SECONDS);
      },
      SETTLE_MS + STREAM_SECONDS * 1000,
    );
  });
}

const streamBytes: Bench = {
  name: 'stream-bytes',
  group: 'browser',
  what: `Bytes of the live stream in a minute, ${LOAD.depth200} side frames of 200 levels a second of each instrument and ${LOAD.ticks / 14} ticks of each`,
  worse: 'On a phone it is paid for by the megabyte.',
  roundsMax: 1,
  measures: [],
  variants: [
    {
      name: 'instance',
      what: 'ours, as `./gehra up` starts it: one instrument as the live page asks for it, and all five over one connection.',
      run: () =>
        withLoad(LOAD, async (instance, deep) => {
          const [one, five] = await Promise.all([
            bytesAMinute(instance.appUrl, [firstOf(deep)]),
            bytesAMinute(instance.appUrl, deep),
          ]);
          return { 'MB/min one instrument': one / 1e6, 'MB/min five instruments': five / 1e6 };
        }),
    },
  ],
};

// The first pixel.

const LOADS = 7;

/** Notes on the page when a pixel of the chart first has the colour of an order, ms since the address was entered. */
function noteFirstPixel(): void {
  const scope = globalThis as unknown as { firstPixelMs: number | null };
  scope.firstPixelMs = null;
  const [width, height] = [200, 100];
  let pen: CanvasRenderingContext2D | null = null;
  const look = (): void => {
    const canvas = document.querySelector<HTMLCanvasElement>('[data-heatmap] canvas');
    if (canvas && canvas.width > 0 && canvas.height > 0) {
      if (!pen) {
        const small = document.createElement('canvas');
        small.width = width;
        small.height = height;
        pen = small.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
      }
      pen.drawImage(canvas, 0, 0, canvas.width, canvas.height, 0, 0, width, height);
      const { data } = pen.getImageData(0, 0, Math.floor(width / 2), height);
      const colours = new Set(new Uint32Array(data.buffer));
      // The ground, the hatch and their mixtures are few.
      if (colours.size > 24) {
        scope.firstPixelMs = performance.now();
        return;
      }
    }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function firstPixels(instance: Instance, deep: readonly InstrumentSummary[]): Promise<Metrics> {
  const instrument = firstOf(deep);
  return withBrowser(async (warm, browser) => {
    // The chart is half full, and the server has made the page before.
    await openLive(await warm.newPage(), instance, instrument);
    await delay(30_000);
    await warm.close();
    const cold: number[] = [];
    const again: number[] = [];
    for (let i = 0; i < LOADS; i += 1) {
      const context = await newContext(browser);
      const page = await context.newPage();
      await page.addInitScript(script(noteFirstPixel));
      for (const times of [cold, again]) {
        await page.goto(`${instance.appUrl}${livePath(instrument.slug)}`);
        const handle = await page.waitForFunction(
          () => (globalThis as unknown as { firstPixelMs: number | null }).firstPixelMs,
        );
        times.push((await handle.jsonValue()) as number);
      }
      await context.close();
    }
    return { ms: median(cold), 'ms at most': Math.max(...cold), 'ms with a warm cache': median(again) };
  });
}

const firstPixel: Bench = {
  name: 'first-pixel',
  group: 'browser',
  what: `The live page of an instrument from the entering of its address to the first frame whose chart has colours of orders, median of ${LOADS} browsers with an empty cache`,
  worse: 'Who changes the instrument in a fast market looks at nothing meanwhile.',
  roundsMax: 3,
  measures: [{ goal: 'first-pixel', metric: 'ms', variant: 'instance' }],
  variants: [
    {
      name: 'instance',
      what: 'ours, as `./gehra up` starts it, five instruments recorded at 10 side frames a second.',
      run: () => withLoad({ depth200: 10, ticks: 100 }, firstPixels),
    },
  ],
};

// From the exchange to the pixel.

const SENT = 300;
/** Books of both sides are due within so much of the market's time. */
const ADVANCE_MS = 1000 / 20;
/** The picture has not changed for so many frames of the screen before the next is sent. */
const STILL_FRAMES = 12;
const ORDER_LOTS = 4000;

/** Waits on the page until the column of the current book is still, then until it looks otherwise, and says when, ms of the wall clock. */
async function bookChanged(
  area: { x: number; y: number; width: number; height: number },
  stillFrames: number,
): Promise<number> {
  const canvas = document.querySelector<HTMLCanvasElement>('[data-heatmap] canvas') as HTMLCanvasElement;
  const small = document.createElement('canvas');
  small.width = area.width;
  small.height = area.height;
  const pen = small.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
  const look = (): Uint32Array => {
    pen.drawImage(canvas, -area.x, -area.y);
    return new Uint32Array(pen.getImageData(0, 0, area.width, area.height).data.buffer);
  };
  let before = look();
  const isSame = (): boolean => {
    const now = look();
    const same = now.every((pixel, i) => pixel === before[i]);
    before = now;
    return same;
  };
  for (let still = 0; still < stillFrames; still = isSame() ? still + 1 : 0) await new Promise(requestAnimationFrame);
  (globalThis as unknown as { isLooking: boolean }).isLooking = true;
  for (;;) {
    await new Promise(requestAnimationFrame);
    if (look().some((pixel, i) => pixel !== before[i])) return performance.timeOrigin + performance.now();
  }
}

async function sentToPixel(instance: Instance, deep: readonly InstrumentSummary[]): Promise<Metrics> {
  const { slug, tickSize, lotSize } = firstOf(deep);
  return withBrowser(async (context) => {
    const page = await context.newPage();
    // Bars that ease into their new lengths would be taken for the next book.
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await openLive(page, instance, firstOf(deep));
    await delay(SETTLE_MS);
    await instance.control('clock', { mode: 'manual' });
    const view = await viewOf(page);
    const { chart } = view;
    const width = (await page.locator('[data-heatmap] canvas').boundingBox())?.width ?? 0;
    const area = {
      x: chart.x + chart.width + 10,
      y: chart.y,
      width: Math.floor(width - chart.width - 100),
      height: chart.height,
    };
    const ages: number[] = [];
    for (let i = 0; i < SENT; i += 1) {
      const price = Math.round(view.centrePrice / tickSize) * tickSize - (10 + (i % 40)) * tickSize;
      await instance.control('order', { instrument: slug, side: 'bid', price, quantity: ORDER_LOTS * lotSize });
      const changed = page.evaluate<number>(script(bookChanged, area, STILL_FRAMES));
      await page.waitForFunction(() => (globalThis as unknown as { isLooking?: boolean }).isLooking);
      const sentMs = performance.timeOrigin + performance.now();
      await instance.control('advance', { ms: ADVANCE_MS });
      const ageMs = (await changed) - sentMs;
      // A side that has gone stale meanwhile changes the picture as well: that was not the book.
      if (ageMs > 0) ages.push(ageMs);
      await page.evaluate(() => {
        (globalThis as unknown as { isLooking: boolean }).isLooking = false;
      });
    }
    return {
      'p50 ms': quantile(ages, 0.5),
      'p99 ms': quantile(ages, 0.99),
      'least ms': Math.min(...ages),
      counted: ages.length,
    };
  });
}

const sendToPixel: Bench = {
  name: 'send-to-pixel',
  group: 'browser',
  what: `A book of 200 levels a side from the order to the exchange that it be sent now to the animation frame in which the page's own canvas shows it, ${SENT} times; the page looks once a frame, so up to 17 ms of it are the screen's`,
  worse: 'A picture that is late is a price that is gone.',
  roundsMax: 3,
  measures: [
    { goal: 'h3-p50', metric: 'p50 ms', variant: 'instance' },
    { goal: 'h3-p99', metric: 'p99 ms', variant: 'instance' },
  ],
  variants: [
    {
      name: 'instance',
      what: 'ours, as `./gehra up` starts it; the exchange’s clock is moved by hand, the page of one instrument at 1600×900.',
      run: () => withLoad({ depth200: LOAD.depth200, ticks: 10 }, sentToPixel),
    },
  ],
};

export const benches = [pan, mainThread, heap, streamBytes, firstPixel, sendToPixel];
