/** The page of an address that names no instrument. */
import { answerSignedOut, neverAnswer } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import { InstrumentList } from '../support/instrument-list.ts';
import type { Cell, PageRow, Visit } from './page-table.ts';

/** A contract that has expired: its successors are offered. */
const EXPIRED = 'NFO:BANKNIFTY19JANFUT';
const UNHEARD_OF = 'NFO:ZZZ19JANFUT';

/** Opens an address that the server answers with 404, which Chromium puts on the console. */
async function openUnknown({ page, trouble }: Visit, slug: string): Promise<void> {
  trouble.allow(/^HTTP 404: .*\/live\//, 'there is no such instrument');
  const response = await page.goto(`/live/${slug}`);
  expect(response?.status()).toBe(404);
}

const saysWhatWasAsked = ({ page }: Visit, slug: string) =>
  expect(page.getByRole('heading', { level: 1 })).toHaveText(`There is no instrument “${slug}”`);

async function readsNearest(visit: Visit): Promise<void> {
  const list = new InstrumentList(visit.page);
  await saysWhatWasAsked(visit, EXPIRED);
  await expect(list.search).toHaveValue('BANKNIFTY');
  await expect(list.options).toHaveCount(1);
  await expect(list.options).toContainText(visit.instruments.bankNifty.symbol);
}

const duringTrouble = (begin: (visit: Visit) => Promise<void>): Cell => ({
  reach: async (visit) => {
    await begin(visit);
    await openUnknown(visit, EXPIRED);
  },
  reads: readsNearest,
});

export const unknownInstrumentPage: PageRow = {
  file: 'app/live/[instrument]/not-found.tsx',
  name: 'unknown instrument',
  states: {
    loading: {
      reach: async (visit) => {
        await neverAnswer(visit.page, 'instruments');
        await openUnknown(visit, EXPIRED);
      },
      reads: async (visit) => {
        await saysWhatWasAsked(visit, EXPIRED);
        await expect(visit.page.getByText('Loading instruments…')).toBeVisible();
      },
    },
    empty: {
      reach: (visit) => openUnknown(visit, UNHEARD_OF),
      reads: async (visit) => {
        await saysWhatWasAsked(visit, UNHEARD_OF);
        await expect(visit.page.getByText('No instrument matches “ZZZ”.')).toBeVisible();
      },
    },
    live: {
      reach: (visit) => openUnknown(visit, EXPIRED),
      reads: readsNearest,
      recovers: async ({ page, live, instruments }) => {
        await new InstrumentList(page).options.click();
        await expect(live.heatmap).toHaveAccessibleName(`Depth heatmap of ${instruments.bankNifty.symbol}`);
      },
    },
    stale: duringTrouble(({ market, instruments }) => market.muteSide(instruments.bankNifty.slug, 'bid')),
    gap: duringTrouble(({ market }) => market.cutFeeds()),
    error: {
      reach: async (visit) => {
        visit.trouble.allow(/^HTTP 50[03]: .*\/api\/instruments/, 'the list cannot be read');
        await visit.server.breakDown();
        // No name of an instrument at all: that it is none is known without asking the database.
        await openUnknown(visit, 'BANKNIFTY');
      },
      reads: async (visit) => {
        await saysWhatWasAsked(visit, 'BANKNIFTY');
        const { failure } = new InstrumentList(visit.page);
        await expect(failure).toContainText('The instruments could not be loaded');
        await expect(failure.getByRole('button', { name: 'Try again' })).toBeVisible();
      },
    },
    'signed out': {
      reach: async (visit) => {
        visit.trouble.allow(/^HTTP 401: .*\/api\/instruments/, 'the server knows nobody');
        await answerSignedOut(visit.page, 'instruments');
        await openUnknown(visit, EXPIRED);
      },
      reads: async (visit) => {
        await saysWhatWasAsked(visit, EXPIRED);
        await expect(new InstrumentList(visit.page).failure).toContainText('You are signed out.');
      },
    },
  },
};
