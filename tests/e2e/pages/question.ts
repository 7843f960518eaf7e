/** Rows of pages that ask one question of our server and show the answer: what such a page says while it has none. */
import type { Page } from '@playwright/test';
import { type Api, answerSignedOut, failOnce, neverAnswer } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import type { Absent, Cell, PageRow, Visit } from './page-table.ts';

interface QuestionPage {
  readonly file: string;
  readonly name: string;
  readonly path: string;
  readonly heading: string;
  readonly api: Api;
  /** What is asked for, as the page says it: `the market hours`. */
  readonly what: string;
  readonly empty: Cell | Absent;
  readonly live: Cell;
}

/** What goes wrong with a feed is no business of such a page: it stays as it is. */
const duringTrouble = (page: QuestionPage, begin: (visit: Visit) => Promise<void>): Cell => ({
  reach: async (visit) => {
    await begin(visit);
    await page.live.reach(visit);
  },
  reads: page.live.reads,
});

export function questionRow(question: QuestionPage): PageRow {
  const { file, name, path, heading, api, what, empty, live } = question;
  const hasHeading = (page: Page) => expect(page.getByRole('heading', { level: 1 })).toHaveText(heading);
  const failure = (page: Page) => page.getByRole('main').getByRole('alert').first();
  return {
    file,
    name,
    states: {
      loading: {
        reach: async ({ page }) => {
          await neverAnswer(page, api);
          await page.goto(path);
        },
        reads: async ({ page }) => {
          await hasHeading(page);
          await expect(page.getByText(`Loading ${what}…`)).toBeVisible();
        },
      },
      empty,
      live,
      stale: duringTrouble(question, ({ market, instruments }) => market.muteSide(instruments.nifty.slug, 'ask')),
      gap: duringTrouble(question, ({ market }) => market.cutFeeds()),
      error: {
        reach: async ({ page, trouble }) => {
          trouble.allow(new RegExp(`^HTTP 422: .*/api/${api}`), 'the question is refused');
          await failOnce(page, api, 'The answer is refused for the test.');
          await page.goto(path);
        },
        reads: async ({ page }) => {
          await hasHeading(page);
          await expect(failure(page)).toContainText(`Could not load ${what}: The answer is refused for the test.`);
        },
        recovers: async (visit) => {
          await failure(visit.page).getByRole('button', { name: 'Try again' }).click();
          await live.reads(visit);
        },
      },
      'signed out': {
        reach: async ({ page, trouble }) => {
          trouble.allow(new RegExp(`^HTTP 401: .*/api/${api}`), 'the server knows nobody');
          await answerSignedOut(page, api);
          await page.goto(path);
        },
        reads: async ({ page }) => {
          await expect(failure(page)).toContainText('You are signed out.');
          await expect(failure(page).getByRole('link', { name: 'Sign in' })).toBeVisible();
        },
      },
    },
  };
}
