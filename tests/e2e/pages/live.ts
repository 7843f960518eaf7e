/** The page of one instrument. */
import { answerSignedOut, hold, neverAnswer } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import { type LivePage, type ThemeColour, xOf, yOf } from '../support/live-page.ts';
import { type Area, isHatch } from '../support/picture.ts';
import type { PageRow, Visit } from './page-table.ts';

/** Heat is many colours; a plain area with an axis line through it is few. */
const HEAT_COLOURS_MIN = 20;
const PLAIN_COLOURS_MAX = 8;
/** Share of the pixels of an area that have the colour of its hatch; on an area without one a few may have it by chance. */
const HATCHED_SHARE_MIN = 0.03;
const CHANCE_SHARE_MAX = 0.005;
/** Below this width the status bar has no room for words: the header alone says them. CSS px. */
const WIDE_PX_MIN = 640;

async function expectState({ page, live }: Visit, words: string): Promise<void> {
  await expect(live.badge(words)).toBeVisible();
  if ((page.viewportSize()?.width ?? 0) >= WIDE_PX_MIN) {
    await expect(live.statusBar).toContainText(words, { useInnerText: true });
  }
  await expect(page).toHaveTitle(/ · Gehra$/);
}

/** The lower left corner of the chart, over which nothing is ever laid, shows nothing of a market. */
async function expectPlain(live: LivePage): Promise<void> {
  const { height } = await live.box();
  const corner: Area = { x: 4, y: height - 120, width: 80, height: 60 };
  expect((await live.picture()).colours(corner), 'colours where nothing is known').toBeLessThan(PLAIN_COLOURS_MAX);
}

/** Share of the newest columns that a hatch of the theme covers, between two prices; a few px off the edges. */
async function hatchedShare(live: LivePage, hatch: ThemeColour, columns: number, low: number, high: number) {
  const colour = await live.themeColour(hatch);
  const view = await live.view();
  const { chart, rightUs, columnUs } = view;
  const x = xOf(view, rightUs - columns * columnUs);
  const y = Math.max(chart.y, yOf(view, high)) + 3;
  const bottom = Math.min(chart.y + chart.height, yOf(view, low)) - 3;
  const area: Area = { x, y, width: chart.x + chart.width - 3 - x, height: bottom - y };
  return (await live.picture()).share(area, isHatch(colour));
}

export const livePage: PageRow = {
  file: 'app/live/[instrument]/page.tsx',
  name: 'live',
  states: {
    loading: {
      reach: async ({ page, live, instruments }) => {
        await neverAnswer(page, 'stream');
        await live.open(instruments.nifty.slug);
      },
      reads: async (visit) => {
        await expectState(visit, 'Connecting');
        await expect(visit.live.overlay.getByRole('heading')).toHaveText('Connecting');
        await expect(visit.live.lastPrice).toHaveText('₹–');
        await expectPlain(visit.live);
      },
    },
    empty: {
      reach: ({ live, instruments }) => live.open(instruments.index.slug),
      reads: async (visit) => {
        await expectState(visit, 'Nothing recorded yet');
        await expect(visit.live.overlay).toContainText('its first book has not come yet');
        // An index has a price without a book.
        await expect(visit.live.lastPrice).toHaveText(/^₹[\d,]+\.\d\d/);
        await expectPlain(visit.live);
      },
    },
    live: {
      reach: ({ live, instruments }) => live.openLive(instruments.nifty.slug),
      reads: async (visit) => {
        const { live } = visit;
        await expectState(visit, 'Live');
        await expect(live.header.getByText('Simulated market')).toBeVisible();
        await expect(live.lastPrice).toHaveText(/^₹[\d,]+\.\d\d/);
        await expect(live.statusBar).toContainText(/\d\d:\d\d:\d\d IST$/);
        await expect(live.overlay).toHaveCount(0);
        const view = await live.view();
        const [bid, ask] = [await live.bestPrice('Bid'), await live.bestPrice('Ask')];
        expect(bid, 'best bid').toBeLessThan(ask);
        const middle = (yOf(view, (bid + ask) / 2) - view.chart.y) / view.chart.height;
        expect(Math.abs(middle - 0.5), 'share of the height that the book is off the middle').toBeLessThan(0.4);
        const picture = await live.picture();
        const { chart } = view;
        const right = { x: chart.x + chart.width - 40, y: chart.y, width: 40, height: chart.height };
        expect(picture.colours(right), 'colours of the newest columns').toBeGreaterThan(HEAT_COLOURS_MIN);
      },
    },
    stale: {
      reach: async ({ live, market, instruments }) => {
        await live.openLive(instruments.nifty.slug);
        await market.muteSide(instruments.nifty.slug, 'ask');
      },
      reads: async (visit) => {
        const { live } = visit;
        await expectState(visit, 'No data on the ask side');
        await expect(live.announcement).toHaveText('No data on the ask side');
        const bid = await live.bestPrice('Bid');
        const { lowPrice, highPrice } = await live.view();
        // A quarter of the way from the best bid to either edge: that far the market does not go meanwhile.
        const [below, above] = [bid - (bid - lowPrice) / 4, bid + (highPrice - bid) / 4];
        await expect
          .poll(() => hatchedShare(live, 'hatch-stale', 6, above, highPrice), { message: 'hatch on the ask side' })
          .toBeGreaterThan(HATCHED_SHARE_MIN);
        const onTheOther = await hatchedShare(live, 'hatch-stale', 6, lowPrice, below);
        expect(onTheOther, 'hatch on the bid side').toBeLessThan(CHANCE_SHARE_MAX);
      },
    },
    gap: {
      reach: async ({ live, market, instruments }) => {
        await live.openLive(instruments.nifty.slug);
        await market.cutFeeds();
      },
      reads: async (visit) => {
        await expectState(visit, 'Feed cut');
        const { live, page } = visit;
        // Where a person looks, and why.
        await expect(page.getByRole('main')).toContainText(
          /Feed cut for \d.*Nothing is known since \d\d:\d\d:\d\d IST/,
        );
        const { lowPrice, highPrice } = await live.view();
        await expect
          .poll(() => hatchedShare(live, 'hatch-gap', 6, lowPrice, highPrice), { message: 'hatch at the live edge' })
          .toBeGreaterThan(HATCHED_SHARE_MIN);
      },
      recovers: async ({ live, market }) => {
        await market.restoreFeeds();
        await expect(live.badge('Live')).toBeVisible();
      },
    },
    error: {
      reach: async ({ page, live, server, instruments, trouble }) => {
        trouble.allow(/^HTTP 50[03]: .*\/api\/depth\/history/, 'history cannot be read');
        // The page itself needs the server whole; what it asks for then fails.
        const release = await hold(page, 'depth/history');
        await live.open(instruments.index.slug);
        await expect(live.lastPrice).toHaveText(/^₹\d/);
        await server.breakDown();
        release();
      },
      reads: async (visit) => {
        await expectState(visit, 'History could not be loaded');
        const { overlay } = visit.live;
        await expect(overlay.getByRole('heading')).toHaveText('History could not be loaded');
        await expect(overlay).toContainText('The request failed on the server');
        await expectPlain(visit.live);
      },
      recovers: async ({ live, server }) => {
        await server.mend();
        await live.overlay.getByRole('button', { name: 'Try again' }).click();
        await expect(live.badge('Nothing recorded yet')).toBeVisible();
      },
    },
    'signed out': {
      reach: async ({ page, live, instruments, trouble }) => {
        trouble.allow(/^HTTP 401: .*\/api\/stream/, 'the server knows nobody');
        await answerSignedOut(page, 'stream');
        await live.open(instruments.nifty.slug);
      },
      reads: async (visit) => {
        await expectState(visit, 'Signed out');
        const { overlay } = visit.live;
        await expect(overlay).toContainText('Sign in to see market depth.');
        await expect(overlay.getByRole('link', { name: 'Sign in' })).toBeVisible();
        // Nothing of the market shows through.
        await expectPlain(visit.live);
      },
    },
  },
};
