/** The page of one instrument, as a person meets it, and its read-only probe (lib/client/probe.ts). */
import { expect, type Locator, type Page } from '@playwright/test';
import { livePath } from '../../../lib/client/instruments.ts';
import type { Probe } from '../../../lib/client/probe.ts';
import type { ProbeAnswer, StatsAnswer, ViewAnswer } from '../../../lib/client/session-messages.ts';
import { type Area, type Colour, colourOf, Picture } from './picture.ts';

export type ProbeQuestion = Parameters<Probe['probe']>[0];

/** Price units in a rupee, of every instrument that the exchange lists. */
const PRICE_SCALE = 100;

const FIRST_PAGE_MS = 60_000;

/** Names of app/globals.css of what is drawn on the canvas. */
export type ThemeColour = 'ground' | 'panel' | 'unrecorded' | 'hatch-gap' | 'hatch-stale';

export class LivePage {
  readonly header: Locator;
  readonly toolbar: Locator;
  readonly heatmap: Locator;
  readonly lastPrice: Locator;
  readonly crosshair: Locator;
  readonly bookTable: Locator;
  readonly statusBar: Locator;
  readonly announcement: Locator;
  /** What covers the chart where there is nothing to see. */
  readonly overlay: Locator;
  readonly pause: Locator;
  readonly goOn: Locator;
  readonly follow: Locator;
  readonly backToLive: Locator;
  readonly rows: Locator;
  readonly colours: Locator;
  readonly trades: Locator;
  /** The panel of what can be chosen about the picture. */
  readonly options: Locator;
  /** What a key or a button has done, said aloud. */
  readonly said: Locator;

  constructor(readonly page: Page) {
    this.header = page.getByRole('banner');
    this.toolbar = page.getByRole('toolbar', { name: 'Heatmap' });
    this.heatmap = page.getByRole('application', { name: /^Depth heatmap of / });
    this.lastPrice = page.getByRole('region', { name: 'Last price' });
    this.crosshair = page.getByRole('region', { name: 'Crosshair' });
    this.bookTable = page.getByRole('table', { name: /^Order book of / });
    this.statusBar = page.getByRole('contentinfo');
    this.announcement = page.getByRole('status', { name: 'State of the page' });
    this.overlay = page.getByRole('region', { name: 'State' });
    this.pause = this.toolbar.getByRole('button', { name: 'Pause' });
    this.goOn = this.toolbar.getByRole('button', { name: 'Go on' });
    this.follow = this.toolbar.getByRole('button', { name: 'Follow the market' });
    this.backToLive = page.getByRole('button', { name: 'Back to live' });
    this.rows = this.toolbar.getByLabel('Row');
    this.colours = this.toolbar.getByRole('combobox', { name: /^Colours/ });
    this.options = page.getByRole('region', { name: 'Options' });
    this.said = page.locator('[data-said]');
    this.trades = this.toolbar.getByRole('checkbox', { name: 'Trades' });
  }

  /** @param origin of another instance than the worker's own */
  async open(slug: string, origin = ''): Promise<void> {
    await this.page.goto(`${origin}${livePath(slug)}`);
  }

  /** Opens the page and waits until it is live and its history is there. */
  async openLive(slug: string, origin = ''): Promise<void> {
    await this.open(slug, origin);
    // The first page of an instance that has just started waits for what all later ones find ready.
    await expect(this.badge('Live')).toBeVisible(origin ? { timeout: FIRST_PAGE_MS } : {});
    await expect.poll(() => this.viewIfShown(), { message: 'the heatmap is shown' }).not.toBeNull();
    await this.historyLoaded();
  }

  /** The word in the header that says which state the page is in. */
  badge(words: string): Locator {
    return this.header.getByText(words, { exact: true });
  }

  /** Waits for the next picture: what was chosen before is in it. */
  async drawn(): Promise<void> {
    const { framesDrawn } = await this.stats();
    await expect.poll(async () => (await this.stats()).framesDrawn).toBeGreaterThan(framesDrawn);
  }

  /** Waits until the visible time is held up to its left edge. */
  async historyLoaded(): Promise<void> {
    const { leftUs } = await this.view();
    await this.holds(leftUs, leftUs + 1);
  }

  /** Waits until the page holds a stretch of time without a hole. */
  async holds(fromUs: number, toUs: number): Promise<void> {
    await expect
      .poll(
        async () => {
          const { coverage } = await this.view();
          return coverage.some((held) => held.fromUs <= fromUs && held.toUs >= toUs) ? 'all of it' : coverage;
        },
        { message: `the page holds ${fromUs} to ${toUs}` },
      )
      .toBe('all of it');
  }

  /** What is shown. Fails where nothing is yet. */
  async view(): Promise<ViewAnswer> {
    const view = await this.viewIfShown();
    if (!view) throw new Error('the heatmap is not shown yet');
    return view;
  }

  viewIfShown(): Promise<ViewAnswer | null> {
    return this.page.evaluate(async () => (await window.gehra?.view()) ?? null);
  }

  async stats(): Promise<StatsAnswer> {
    const stats = await this.page.evaluate(async () => (await window.gehra?.stats()) ?? null);
    if (!stats) throw new Error('the heatmap has not started yet');
    return stats;
  }

  async probe(question: ProbeQuestion): Promise<ProbeAnswer> {
    const [answer] = await this.probeAll([question]);
    return answer as ProbeAnswer;
  }

  /** Asks for many cells at once. */
  async probeAll(questions: readonly ProbeQuestion[]): Promise<ProbeAnswer[]> {
    const answers = await this.page.evaluate(
      (asked) => Promise.all(asked.map((question) => window.gehra?.probe(question) ?? null)),
      questions,
    );
    return answers.map((answer, i) => {
      if (!answer) throw new Error(`no answer to ${JSON.stringify(questions[i])}`);
      return answer;
    });
  }

  /** Best price of a side as the table of the book reads it, price units. Waits where that side is not known. */
  async bestPrice(side: 'Bid' | 'Ask'): Promise<number> {
    const row = this.bookTable.getByRole('row', { name: new RegExp(`^${side} `) }).first();
    return priceUnitsOf(await row.getByRole('cell').nth(1).innerText());
  }

  /** The last price as the header says it, price units. */
  async lastUnits(): Promise<number> {
    const text = await this.lastPrice.innerText();
    const rupees = /₹\s?([\d,]+\.\d+)/.exec(text)?.[1];
    if (!rupees) throw new Error(`the header tells no last price: ${text}`);
    return priceUnitsOf(rupees);
  }

  /** Where the crosshair says that it is: the middle of a price row, and the beginning of a column in ms of the IST day. */
  async crosshairAt(): Promise<{ priceUnits: number; timeMs: number }> {
    const text = await this.crosshair.innerText();
    const rupees = /₹([\d,]+\.\d+)/.exec(text)?.[1];
    const [, hours, minutes, seconds] = /(\d\d):(\d\d):(\d\d\.\d{3}) IST/.exec(text)?.map(Number) ?? [];
    if (!rupees || hours === undefined || minutes === undefined || seconds === undefined) {
      throw new Error(`the crosshair tells no place: ${text}`);
    }
    const timeMs = Math.round(((hours * 60 + minutes) * 60 + seconds) * 1000);
    return { priceUnits: priceUnitsOf(rupees), timeMs };
  }

  /** The heatmap as it looks now, with what lies over it. */
  picture(): Promise<Picture> {
    return Picture.of(this.heatmap);
  }

  /** Holds the picture still, so that places of the view and pixels belong together. */
  async hold(): Promise<{ view: ViewAnswer; picture: Picture }> {
    await this.pause.click();
    await expect(this.goOn).toBeVisible();
    // A pointer over the chart would draw its cross into the picture.
    await this.page.mouse.move(0, 0);
    await expect(this.crosshair).toHaveCount(0);
    let picture = await this.picture();
    // History that was asked for before may still come.
    await expect
      .poll(
        async () => {
          const before = picture;
          picture = await this.picture();
          return picture.changed(before, belowBadges((await this.view()).chart));
        },
        { message: 'share of pixels that change in a paused picture' },
      )
      .toBe(0);
    return { view: await this.view(), picture };
  }

  /** A colour of the theme. */
  async themeColour(name: ThemeColour): Promise<Colour> {
    const hex = await this.heatmap.evaluate(
      (element, property) => getComputedStyle(element).getPropertyValue(property).trim(),
      `--color-${name}`,
    );
    return colourOf(hex);
  }

  /** Goes some way back and off the middle, unless that has been done: the picture stands still, with room on every side. */
  async leaveLive(): Promise<ViewAnswer> {
    const { chart, following } = await this.view();
    if (following) {
      const [x, y] = [chart.width / 2, chart.height / 2];
      await this.drag([x, y], [x + 100, y + 20]);
      await expect(this.backToLive).toBeVisible();
    }
    return this.view();
  }

  /** What each column says that lies whole between two times, at the price in the middle of the picture. */
  async columnsBetween(fromUs: number, toUs: number): Promise<ProbeAnswer[]> {
    const { columnUs, centrePrice } = await this.view();
    const questions: ProbeQuestion[] = [];
    for (let us = Math.ceil(fromUs / columnUs) * columnUs; us + columnUs <= toUs; us += columnUs) {
      questions.push({ timeUs: us + columnUs / 2, priceUnits: centrePrice });
    }
    return this.probeAll(questions);
  }

  /** Moves the mouse to a place of the heatmap, CSS px. */
  async point(x: number, y: number): Promise<void> {
    const box = await this.box();
    await this.page.mouse.move(box.x + x, box.y + y);
  }

  /** Drags with the mouse from one place of the heatmap to another, CSS px. */
  async drag(from: readonly [number, number], to: readonly [number, number]): Promise<void> {
    await this.point(...from);
    await this.page.mouse.down();
    await this.point((from[0] + to[0]) / 2, (from[1] + to[1]) / 2);
    await this.point(...to);
    await this.page.mouse.up();
  }

  /** The test must have allowed it. */
  clipboard(): Promise<string> {
    return this.page.evaluate(() => navigator.clipboard.readText());
  }

  async box(): Promise<Area> {
    const box = await this.heatmap.boundingBox();
    if (!box) throw new Error('the heatmap is not on the screen');
    return box;
  }
}

/** Where a time is in the picture, CSS px of the heatmap. */
export const xOf = ({ chart, rightUs, usPerPx }: ViewAnswer, timeUs: number): number =>
  chart.x + chart.width - (rightUs - timeUs) / usPerPx;

/** Where a price is in the picture, CSS px of the heatmap. */
export const yOf = ({ chart, centrePrice, unitsPerPx }: ViewAnswer, price: number): number =>
  chart.y + chart.height / 2 + (centrePrice - price) / unitsPerPx;

/** The time at a place of the picture. */
export const timeAt = ({ chart, rightUs, usPerPx }: ViewAnswer, x: number): number =>
  rightUs - (chart.x + chart.width - x) * usPerPx;

/** The price at a place of the picture. */
export const priceAt = ({ chart, centrePrice, unitsPerPx }: ViewAnswer, y: number): number =>
  centrePrice - (y - chart.y - chart.height / 2) * unitsPerPx;

/** Price units of `25,940.10`. */
const priceUnitsOf = (rupees: string): number => Math.round(Number(rupees.replaceAll(',', '')) * PRICE_SCALE);

/** The chart without the strip of its badges, which count on. */
export const belowBadges = (chart: Area): Area => ({ ...chart, y: chart.y + 60, height: chart.height - 60 });
