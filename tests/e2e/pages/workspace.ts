/** The workspace: panes beside each other. */
import { answerSignedOut, failOnce, neverAnswer } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import { WorkspaceView } from '../support/workspace.ts';
import type { Cell, PageRow, Visit } from './page-table.ts';

const begin = ({ page }: Visit): Promise<void> => new WorkspaceView(page).begin('Heatmap');

/** A pane says by itself how its feed is. */
const paneSays = (words: string, trouble?: (visit: Visit) => Promise<void>): Cell => ({
  reach: async (visit) => {
    await begin(visit);
    const view = new WorkspaceView(visit.page);
    await view.expectLive(view.pane(1));
    await trouble?.(visit);
  },
  reads: async ({ page }) => {
    await expect(new WorkspaceView(page).pane(1).getByText(words, { exact: true }).first()).toBeVisible();
  },
});

export const workspacePage: PageRow = {
  file: 'app/workspace/page.tsx',
  name: 'workspace',
  states: {
    loading: {
      reach: async (visit) => {
        await neverAnswer(visit.page, 'stream');
        await begin(visit);
      },
      reads: async ({ page }) => {
        await expect(new WorkspaceView(page).pane(1).getByRole('heading', { name: 'Connecting' })).toBeVisible();
      },
    },
    empty: {
      reach: ({ page }) => new WorkspaceView(page).open(),
      reads: async ({ page }) => {
        await expect(page.getByRole('heading', { name: 'Nothing is open here yet' })).toBeVisible();
        for (const name of ['Scalper', 'Researcher', 'Options']) {
          await expect(
            page
              .getByRole('main')
              .getByRole('button', { name: new RegExp(`^${name}`) })
              .last(),
          ).toBeVisible();
        }
      },
      recovers: async ({ page }) => {
        await page
          .getByRole('main')
          .getByRole('button', { name: /^Scalper/ })
          .click();
        const view = new WorkspaceView(page);
        await view.expectLive(view.panes.first());
      },
    },
    live: paneSays('Live'),
    stale: paneSays('No data on the ask side', async ({ market, page }) => {
      const slug = (await page.locator('[data-pane] header button[title]').first().getAttribute('title')) ?? '';
      await market.muteSide(slug, 'ask');
    }),
    gap: paneSays('Feed cut', ({ market }) => market.cutFeeds()),
    error: {
      reach: async (visit) => {
        await begin(visit);
        visit.trouble.allow(/^HTTP 422: .*\/api\/instruments/, 'the question is refused');
        await failOnce(visit.page, 'instruments', 'The answer is refused for the test.');
        await failOnce(visit.page, 'instruments', 'The answer is refused for the test.');
        await visit.page.reload();
      },
      reads: async ({ page }) => {
        await expect(new WorkspaceView(page).pane(1).getByRole('alert')).toContainText(
          'The instrument could not be loaded: The answer is refused for the test.',
        );
      },
      recovers: async ({ page }) => {
        const view = new WorkspaceView(page);
        await view.pane(1).getByRole('button', { name: 'Try again' }).click();
        await view.expectLive(view.pane(1));
      },
    },
    'signed out': {
      reach: async (visit) => {
        visit.trouble.allow(/^HTTP 401: .*\/api\/stream/, 'the server knows nobody');
        await answerSignedOut(visit.page, 'stream');
        await begin(visit);
      },
      reads: async ({ page }) => {
        await expect(new WorkspaceView(page).pane(1).getByRole('link', { name: 'Sign in' })).toBeVisible();
      },
    },
  },
};
