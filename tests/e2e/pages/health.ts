/** The pipeline stage by stage, and what went wrong. */
import { answerWith } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import type { Cell, PageRow, Visit } from './page-table.ts';
import { questionRow } from './question.ts';

const open = async ({ page }: Visit): Promise<void> => void (await page.goto('/health'));

const reads = async ({ page }: Visit): Promise<void> => {
  const pipeline = page.getByRole('list', { name: 'Pipeline' });
  for (const stage of ['Feeds', 'Collectors', 'Redis', 'Writers', 'Database', 'Signals', 'Jobs', 'Web', 'Browsers']) {
    await expect(pipeline.getByRole('region', { name: stage })).toBeVisible();
  }
  await expect(pipeline.getByRole('region', { name: 'Writers' })).toContainText('Working');
  await expect(pipeline.getByRole('region', { name: 'Writers' })).toContainText(/behind.* ms/);
  for (const process of ['kite', 'dhan', 'writer-1', 'signals', 'jobs', 'web']) {
    await expect(page.getByRole('cell', { name: process })).toBeVisible();
  }
};

const row = questionRow({
  file: 'app/health/page.tsx',
  name: 'health',
  path: '/health',
  heading: 'Health',
  api: 'health',
  what: 'how everything is',
  empty: {
    reach: async ({ page }) => {
      await answerWith(page, 'health', {
        nowMs: Date.parse('2026-11-27T20:00:00+05:30'),
        state: 'off',
        words: 'Everything is ready. Nothing is recorded now.',
        stages: [
          { id: 'feeds', title: 'Feeds', state: 'off', words: 'no market now', figures: [], lines: [] },
          { id: 'collectors', title: 'Collectors', state: 'off', words: 'nothing to do', figures: [], lines: [] },
        ],
        processes: [],
        incidents: [],
      });
      await page.goto('/health');
    },
    reads: async ({ page }) => {
      await expect(page.getByRole('region', { name: 'Feeds' })).toContainText(/Off.*no market now/);
      await expect(page.getByText('Nothing has gone wrong in the last 24 hours.')).toBeVisible();
    },
  },
  live: { reach: open, reads },
});

export const healthPage: PageRow = {
  ...row,
  states: {
    ...row.states,
    gap: {
      reach: async (visit) => {
        await visit.market.cutFeeds();
        await open(visit);
      },
      reads: async ({ page }) => {
        await expect(page.getByRole('region', { name: 'Feeds' })).toContainText('Not working');
        const incident = page.getByRole('list', { name: 'Incidents' }).getByRole('listitem');
        // As a person would say it, with the time it began at.
        await expect(
          incident.filter({ hasText: /Dhan.* silent for .*: reconnecting, cause network/ }).first(),
        ).toContainText(/\d\d:\d\d:\d\d IST.*Dhan 200-level \S+.*HTTP 503/, { timeout: 45_000 });
      },
    } satisfies Cell,
  },
};
