/** The page of one instrument. */
import { formatPrice } from '../../../lib/heatmap/format.ts';
import { answerSignedOut, hold, neverAnswer } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import { type LivePage, xOf, yOf } from '../support/live-page.ts';
import { type Area, distance } from '../support/picture.ts';
import type { PageRow, Visit } from './page-table.ts';

/** Colours as near as this are taken for the same: lines of a hatch are smoothed, CSS colours are not. */
const NEAR = 12;
/** Heat is many colours; a plain area with an axis line through it is few. */
const HEAT_COLOURS_MIN = 20;
const PLAIN_COLOURS_MAX = 8;

/** The lower left corner of the chart, which nothing is ever laid over. */
async function corner(live: LivePage): Promise<Area> {
  const { height } = await live.box();
  return { x: 4, y: height - 120, width: 80, height: 60 };
}

async function expectPlain(live: LivePage): Promise<void> {
  const picture = await live.picture();
  expect(picture.colours(await corner(live)), 'colours where nothing is known').toBeLessThan(PLAIN_COLOURS_MAX);
}

/** Names the instrument, and the state: in the header, in the status bar and, after its pause, to those who listen. */
async function expectState({ page, live }: Visit, words: string): Promise<void> {
  await expect(live.badge(words)).toBeVisible();
  await expect(live.statusBar).toContainText(words);
  await expect(live.announcement).toHaveText(words);
  await expect(page).toHaveTitle(/ · Gehra$/);
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
        const { live, instruments } = visit;
        await expectState(visit, 'Live');
        await expect(live.header.getByText('Simulated market')).toBeVisible();
        await expect(live.lastPrice).toHaveText(/^₹[\d,]+\.\d\d/);
        await expect(live.statusBar).toContainText(/\d\d:\d\d:\d\d IST$/);
        await expect(live.bookTable.getByRole('row')).not.toHaveCount(1);
        await expect(live.overlay).toHaveCount(0);
        const view = await live.view();
        const best = await live.bookTable
          .getByRole('row', { name: /^Bid / })
          .first()
          .getByRole('cell')
          .nth(1)
          .innerText();
        const centre = formatPrice(view.centrePrice, instruments.nifty);
        expect(Math.abs(amount(best) - amount(centre)), 'the book is in the middle of the picture').toBeLessThan(100);
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
        await expectState(visit, 'No data on the ask side');
        const { live } = visit;
        const hatch = await live.themeColour('hatch-stale');
        const shareOfHatch = async (side: 'above' | 'below') => {
          const view = await live.view();
          const { chart } = view;
          const middle = yOf(view, view.centrePrice);
          const strip = { x: chart.x + chart.width - 12, width: 10 };
          const area =
            side === 'above'
              ? { ...strip, y: chart.y + 4, height: (middle - chart.y) / 2 }
              : { ...strip, y: (middle + chart.y + chart.height) / 2, height: (chart.height - middle) / 4 };
          return (await live.picture()).share(area, (colour) => distance(colour, hatch) < NEAR);
        };
        await expect.poll(() => shareOfHatch('above'), { message: 'hatch on the ask side' }).toBeGreaterThan(0.03);
        expect(await shareOfHatch('below'), 'hatch on the bid side').toBeLessThan(0.005);
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
        const hatch = await live.themeColour('hatch-gap');
        await expect
          .poll(
            async () => {
              const view = await live.view();
              const { chart } = view;
              const newest = await live.stats();
              const left = xOf(view, newest.paintedUs) + 4;
              const area = { x: left, y: chart.y + chart.height / 2, width: 20, height: chart.height / 4 };
              return (await live.picture()).share(area, (colour) => distance(colour, hatch) < NEAR);
            },
            { message: 'hatch after the last frame' },
          )
          .toBeGreaterThan(0.05);
      },
      recovers: async ({ live, market }) => {
        await market.restoreFeeds();
        await expect(live.badge('Live')).toBeVisible();
      },
    },
    error: {
      reach: async ({ page, live, market, instruments, trouble }) => {
        trouble.allow(/^HTTP 500: .*\/api\/depth\/history/, 'history cannot be read');
        // The page itself needs the server whole; what it asks for then fails.
        const release = await hold(page, 'depth/history');
        await live.open(instruments.index.slug);
        await expect(live.lastPrice).toHaveText(/^₹\d/);
        await market.breakServer();
        release();
      },
      reads: async (visit) => {
        await expectState(visit, 'History could not be loaded');
        const { overlay } = visit.live;
        await expect(overlay.getByRole('heading')).toHaveText('History could not be loaded');
        await expect(overlay).toContainText('The request failed on the server');
        await expectPlain(visit.live);
      },
      recovers: async ({ live, market }) => {
        await market.mendServer();
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

/** `25,940.10` as a number. */
const amount = (text: string): number => Number(text.replaceAll(',', ''));
