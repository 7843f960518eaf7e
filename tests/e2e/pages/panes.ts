/** Panes in windows of their own: ladder, tapes, options, overview. */
import type { Page } from '@playwright/test';
import { answerSignedOut, failOnce, neverAnswer } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import { openPane } from '../support/panes.ts';
import type { Cell, PageRow, Visit } from './page-table.ts';
import { PANE_FILE, streamPaneRow } from './stream-pane.ts';

const nothingYet = (kind: string): Cell => ({
  reach: ({ page, instruments }) => openPane(page, kind, instruments.index),
  reads: async ({ page }) => {
    await expect(page.getByRole('region', { name: 'State' })).toContainText('Nothing recorded yet');
  },
});

export const ladderPane = streamPaneRow({
  kind: 'ladder',
  empty: nothingYet('ladder'),
  muteWords: 'No data on the ask side',
  readsLive: async ({ page, instruments }) => {
    const table = page.getByRole('table', { name: new RegExp(`^Ladder of ${instruments.nifty.symbol}`) });
    await expect(table.getByRole('row').nth(5)).toContainText(/\d\d,\d\d\d\.\d\d/);
    await expect(page.getByText(/200 lvl · \d+ ms/).first()).toBeVisible();
  },
});

export const tapePane = streamPaneRow({
  kind: 'tape',
  empty: {
    reach: async ({ page, instruments }) => {
      // What other tests have cut stands in a tape too.
      await page.route(/\/api\/orderflow\/tape\?/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...(await response.json()), trades: [], gaps: [] } });
      });
      await openPane(page, 'tape', instruments.index);
    },
    reads: async ({ page }) => {
      await expect(page.getByText('No trade of this day is recorded.')).toBeVisible();
    },
  },
  muteWords: null,
  readsLive: async ({ page, instruments }) => {
    const table = page.getByRole('table', { name: `Trades of ${instruments.nifty.symbol}, newest first` });
    await expect(table.getByRole('row').nth(3)).toContainText(/\d\d:\d\d:\d\d\.\d{3}/);
  },
});

export const passiveTapePane = streamPaneRow({
  kind: 'passive-tape',
  empty: nothingYet('passive-tape'),
  muteWords: 'No data on the ask side',
  readsLive: async ({ page, instruments }) => {
    await page.getByLabel('From lots').selectOption('1');
    const name = `Orders added and pulled near the touch of ${instruments.nifty.symbol}, newest first`;
    await expect(page.getByRole('table', { name }).getByRole('row').nth(1)).toContainText(/added|pulled/);
  },
});

export const signalsPane = streamPaneRow({
  kind: 'signals',
  empty: {
    reach: async ({ page, instruments }) => {
      await page.route(/\/api\/signals\?/, async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, json: { ...(await response.json()), signals: [], next: null } });
      });
      await openPane(page, 'signals', instruments.index);
    },
    reads: async ({ page }) => {
      await expect(page.getByText('A quiet market: nothing was found today.')).toBeVisible();
    },
  },
  muteWords: null,
  readsLive: async ({ page }) => {
    await expect(page.getByRole('toolbar', { name: 'Signals' }).getByText(/^[\d,]+ in \d+ rows?$/)).toBeVisible();
  },
});

interface AskingPane {
  readonly kind: string;
  /** What the list of instruments is asked for, as the pane says it. */
  readonly what: string;
  readonly empty: Cell;
  readsLive(visit: Visit): Promise<void>;
}

/** Rows of panes that ask for the subscribed instruments and how they stand. */
function askingPaneRow({ kind, what, empty, readsLive }: AskingPane): PageRow {
  const open = ({ page, instruments }: Visit) => openPane(page, kind, instruments.nifty);
  const failure = (page: Page) => page.getByRole('main').getByRole('alert').first();
  const during = (begin: (visit: Visit) => Promise<void>): Cell => ({
    reach: async (visit) => {
      await begin(visit);
      await open(visit);
    },
    reads: readsLive,
  });
  return {
    file: PANE_FILE,
    name: kind,
    states: {
      loading: {
        reach: async (visit) => {
          await neverAnswer(visit.page, 'instruments');
          await open(visit);
        },
        reads: async ({ page }) => {
          await expect(page.getByText(`Loading ${what}…`)).toBeVisible();
        },
      },
      empty,
      live: { reach: open, reads: readsLive },
      stale: during(({ market, instruments }) => market.muteSide(instruments.nifty.slug, 'ask')),
      gap: during(({ market }) => market.cutFeeds()),
      error: {
        reach: async (visit) => {
          visit.trouble.allow(/^HTTP 422: .*\/api\/instruments/, 'the question is refused');
          await failOnce(visit.page, 'instruments', 'The answer is refused for the test.');
          await open(visit);
        },
        reads: async ({ page }) => {
          await expect(failure(page)).toContainText(`Could not load ${what}: The answer is refused for the test.`);
        },
        recovers: async (visit) => {
          await failure(visit.page).getByRole('button', { name: 'Try again' }).click();
          await readsLive(visit);
        },
      },
      'signed out': {
        reach: async (visit) => {
          visit.trouble.allow(/^HTTP 401: .*\/api\/instruments/, 'the server knows nobody');
          await answerSignedOut(visit.page, 'instruments');
          await open(visit);
        },
        reads: async ({ page }) => {
          await expect(failure(page)).toContainText('You are signed out.');
          await expect(failure(page).getByRole('link', { name: 'Sign in' })).toBeVisible();
        },
      },
    },
  };
}

export const optionsPane = askingPaneRow({
  kind: 'options',
  what: 'the options',
  empty: {
    reach: ({ page, instruments }) => openPane(page, 'options', instruments.infosys),
    reads: async ({ page, instruments }) => {
      await expect(page.getByText(`No option of ${instruments.infosys.name} is subscribed.`)).toBeVisible();
    },
  },
  readsLive: async ({ page }) => {
    const ladder = page.getByRole('region', { name: 'Option ladder' });
    await expect(ladder.getByRole('rowheader', { name: /at the money$/ })).toBeVisible();
    await expect(ladder.getByText(/^[+−]?\d\.\d\d$/).first()).toBeVisible();
  },
});

export const overviewPane = askingPaneRow({
  kind: 'overview',
  what: 'the subscribed instruments',
  empty: {
    reach: async ({ page, instruments }) => {
      await page.route(/\/api\/instruments(\?|$)/, (route) => route.fulfill({ json: { instruments: [] } }));
      await openPane(page, 'overview', instruments.nifty);
    },
    reads: async ({ page }) => {
      await expect(page.getByText('Nothing is subscribed. A watchlist says what to record.')).toBeVisible();
    },
  },
  readsLive: async ({ page, instruments }) => {
    await expect(page.getByRole('region', { name: 'CVD since the open' })).toContainText(/\d/);
    await expect(page.getByRole('rowheader', { name: new RegExp(instruments.nifty.symbol) }).first()).toBeVisible();
  },
});
