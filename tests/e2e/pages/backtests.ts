/** Backtests: the form, the list, and one in full. */
import { answerWith } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import type { Cell, PageRow, Visit } from './page-table.ts';
import { questionRow } from './question.ts';

const HASH = 'a'.repeat(64);
const BACKTEST = {
  id: 7,
  who: 'Asha',
  name: 'lower walls',
  from: '2026-11-25T00:00:00.000+05:30',
  to: '2026-11-26T00:00:00.000+05:30',
  instruments: ['NFO:NIFTY26DECFUT'],
  detectors: ['walls'],
  options: { walls: { timesUsual: 2 } },
  state: 'done',
  progress: 1,
  hash: HASH,
  error: null,
  days: 1,
  entries: 12_345,
  signals: 42,
  created: '2026-11-26T18:00:00.000+05:30',
  finished: '2026-11-26T18:01:00.000+05:30',
};
const spread = { meanTicks: 1, medianTicks: 1, meanBps: -0.2, hitLow: 0.44, hitHigh: 0.56 };
const RESULT = {
  backtest: BACKTEST,
  days: [{ date: '2026-11-25', source: 'journal', entries: 12_345, signals: 42, hash: HASH, live: null }],
  rules: [
    {
      id: 3,
      name: 'Walls that go',
      isOn: false,
      days: [{ day: '2026-11-25', matched: 21, fired: 14 }],
      perDay: 14,
      outcomes: [{ horizonS: 60, signals: 13, medianBps: 0.31, random: 65, randomMedianBps: -0.04 }],
      isCut: false,
    },
  ],
  comparisons: 0,
  familyError: 0.05,
  hoursLeast: 20,
  groups: [
    {
      by: 'all',
      kind: 'wall_pulled',
      detectors: 'own',
      key: '',
      horizonS: 60,
      signals: { ...spread, n: 40, medianBps: -0.21, hitRate: 0.5 },
      random: { ...spread, n: 200, medianBps: 0.1, hitRate: 0.49 },
      missing: { outside_session: 1, gap: 1, no_book: 0 },
      hours: 6,
      difference: null,
      verdict: 'too_few',
    },
  ],
};

const reads = async ({ page }: Visit): Promise<void> => {
  await expect(page.getByRole('list', { name: 'Backtests' }).getByRole('listitem')).toContainText(
    /7: lower walls.*2026-11-25.*walls\.timesUsual = 2.*Done · 42 signals on 1 day/,
  );
  await page.getByRole('button', { name: 'Show 7: lower walls' }).click();
  const row = page.getByRole('region', { name: 'What they were worth after 60 s' }).getByRole('row').nth(1);
  await expect(row).toContainText(/Wall pulled.*42.*40.*50 % \(44–56\).*−0\.21.*too few/);
  const rule = page.getByRole('region', { name: 'What the rules would have told of it' }).getByRole('row').nth(1);
  await expect(rule).toContainText(/Walls that go \(off\).*21.*14.*14\.0.*13.*\+0\.31.*−0\.04/);
};

const row = questionRow({
  file: 'app/signals/backtests/page.tsx',
  name: 'backtests',
  path: '/signals/backtests',
  heading: 'Backtests',
  api: 'signals/backtests',
  what: 'the backtests',
  empty: {
    reach: async ({ page }) => {
      await answerWith(page, 'signals/backtests', { backtests: [] });
      await page.goto('/signals/backtests');
    },
    reads: async ({ page }) => {
      await expect(page.getByText('Nothing has been backtested yet.')).toBeVisible();
      await expect(page.getByRole('button', { name: 'Backtest', exact: true })).toBeDisabled();
    },
  },
  live: {
    reach: async ({ page }) => {
      await answerWith(page, 'signals/backtests', { backtests: [BACKTEST] });
      await answerWith(page, 'signals/backtests/result', RESULT);
      await page.goto('/signals/backtests');
    },
    reads,
  },
});

export const backtestsPage: PageRow = {
  ...row,
  states: {
    ...row.states,
    error: {
      ...(row.states.error as Cell),
      // Then the server answers for itself: nobody has asked it for any.
      recovers: async ({ page }) => {
        await page.getByRole('main').getByRole('alert').first().getByRole('button', { name: 'Try again' }).click();
        await expect(page.getByText('Nothing has been backtested yet.')).toBeVisible();
      },
    },
  },
};
