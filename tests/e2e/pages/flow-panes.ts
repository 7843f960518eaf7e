/** The panes of trades, each alone in a window. */
import { answerSignedOut, failOnce, neverAnswer } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import { type FlowKind, FlowPane } from '../support/flow-panes.ts';
import type { Cell, PageRow } from './page-table.ts';

const BARS = 'orderflow/bars';

function paneRow(kind: FlowKind): PageRow {
  const live: Cell = {
    reach: ({ page, instruments }) => new FlowPane(page, kind).openLive(instruments.nifty.slug),
    reads: async ({ page }) => {
      const pane = new FlowPane(page, kind);
      await expect(page.getByText('Simulated market')).toBeVisible();
      await expect(page.getByText('Live', { exact: true })).toBeVisible();
      await expect(pane.values).toContainText(/\d\d \w+ \d\d:\d\d IST/);
      await expect(pane.values).toContainText(/Delta [+−]?\d/);
      await expect(pane.table.getByRole('row').nth(1)).toBeAttached();
      await expect(pane.state).toHaveCount(0);
    },
  };
  return {
    file: 'app/pane/[kind]/[instrument]/page.tsx',
    name: `pane-${kind}`,
    states: {
      loading: {
        reach: async ({ page, instruments }) => {
          await neverAnswer(page, BARS);
          await new FlowPane(page, kind).open(instruments.nifty.slug);
        },
        reads: async ({ page }) => {
          await expect(new FlowPane(page, kind).state.getByRole('heading')).toHaveText('Loading bars');
        },
      },
      empty: {
        reach: ({ page, instruments }) => new FlowPane(page, kind).open(instruments.index.slug),
        reads: async ({ page }) => {
          const { state } = new FlowPane(page, kind);
          await expect(state.getByRole('heading')).toHaveText('Nothing traded yet');
        },
      },
      live,
      stale: {
        // A side of the book that says nothing is no business of what is traded.
        reach: async (visit) => {
          await visit.market.muteSide(visit.instruments.nifty.slug, 'ask');
          await live.reach(visit);
        },
        reads: live.reads,
      },
      gap: {
        reach: async (visit) => {
          await live.reach(visit);
          await visit.market.cutFeeds();
        },
        reads: async ({ page }) => {
          const { state } = new FlowPane(page, kind);
          await expect(state.getByRole('heading')).toHaveText('Feed cut', { timeout: 30_000 });
          await expect(state).toContainText(/Nothing is known since \d\d:\d\d:\d\d IST/);
        },
        recovers: async ({ page, market }) => {
          await market.restoreFeeds();
          await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 60_000 });
        },
      },
      error: {
        reach: async ({ page, instruments, trouble }) => {
          trouble.allow(new RegExp(`^HTTP 422: .*/api/${BARS}`), 'the question is refused');
          await failOnce(page, BARS, 'The answer is refused for the test.');
          await new FlowPane(page, kind).open(instruments.nifty.slug);
        },
        reads: async ({ page }) => {
          const { state } = new FlowPane(page, kind);
          await expect(state.getByRole('heading')).toHaveText('The bars could not be loaded');
          await expect(state).toContainText('The answer is refused for the test.');
        },
        recovers: async (visit) => {
          await new FlowPane(visit.page, kind).state.getByRole('button', { name: 'Try again' }).click();
          await live.reads(visit);
        },
      },
      'signed out': {
        reach: async ({ page, instruments, trouble }) => {
          trouble.allow(new RegExp(`^HTTP 401: .*/api/${BARS}`), 'the server knows nobody');
          await answerSignedOut(page, BARS);
          await new FlowPane(page, kind).open(instruments.nifty.slug);
        },
        reads: async ({ page }) => {
          const { state } = new FlowPane(page, kind);
          await expect(state.getByRole('heading')).toHaveText('Signed out');
          await expect(state.getByRole('link', { name: 'Sign in' })).toBeVisible();
        },
      },
    },
  };
}

export const chartPanePage = paneRow('chart');
export const footprintPanePage = paneRow('footprint');
