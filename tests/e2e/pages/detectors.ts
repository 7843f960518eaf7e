/** Report cards: of all kinds, and of one. */
import { answerWith } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import type { PageRow, Visit } from './page-table.ts';
import { questionRow } from './question.ts';

const EMPTY = {
  from: '2026-11-01T00:00:00.000+05:30',
  to: '2026-11-25T00:00:00.000+05:30',
  comparisons: 0,
  familyError: 0.05,
  hoursLeast: 20,
  groups: [],
};
const spread = { meanTicks: 1, medianTicks: 1, medianBps: 0.1, hitLow: 0.44, hitHigh: 0.56 };
const GROUP = {
  by: 'all',
  kind: 'wall_pulled',
  detectors: 'own',
  key: '',
  horizonS: 10,
  signals: { ...spread, n: 240, meanBps: -0.21, hitRate: 0.5 },
  random: { ...spread, n: 1200, meanBps: -0.2, hitRate: 0.49 },
  missing: { outside_session: 0, gap: 2, no_book: 0 },
  hours: 40,
  difference: { meanBps: -0.01, lowBps: -0.1, highBps: 0.08, p: 0.6, pAdjusted: 1 },
  verdict: 'does_not_beat',
};
const FILLED = { ...EMPTY, comparisons: 1, groups: [GROUP] };

const open =
  (path: string, answer: typeof EMPTY | typeof FILLED) =>
  async ({ page }: Visit): Promise<void> => {
    await answerWith(page, 'signals/report', answer);
    await page.goto(path);
  };

/** After a failure the server answers for itself: what it has measured by then is not known. */
function recovering(row: PageRow): PageRow {
  const { error } = row.states;
  const recovers = async ({ page }: Visit): Promise<void> => {
    await page.getByRole('main').getByRole('alert').getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByText(/Nothing measured in 30 days|base rate\./).first()).toBeVisible();
  };
  return { ...row, states: { ...row.states, error: { ...error, recovers } } };
}

const detectors = questionRow({
  file: 'app/signals/detectors/page.tsx',
  name: 'detectors',
  path: '/signals/detectors',
  heading: 'Detectors',
  api: 'signals/report',
  what: 'the report cards',
  empty: {
    reach: open('/signals/detectors', EMPTY),
    reads: async ({ page }) => {
      await expect(page.getByText('Nothing measured in 30 days.').first()).toBeVisible();
    },
  },
  live: {
    reach: open('/signals/detectors', FILLED),
    reads: async ({ page }) => {
      const list = page.getByRole('list', { name: 'Detectors' });
      await expect(list.getByRole('listitem').filter({ hasText: 'Wall pulled' })).toContainText(
        'Does not beat its base rate.',
      );
      await expect(page.getByText(/^Comparisons judged here at once: 1\./)).toBeVisible();
    },
  },
});

const detector = questionRow({
  file: 'app/signals/detectors/[kind]/page.tsx',
  name: 'detector',
  path: '/signals/detectors/wall_pulled',
  heading: 'Wall pulled',
  api: 'signals/report',
  what: 'the report card',
  empty: {
    reach: open('/signals/detectors/wall_pulled', EMPTY),
    reads: async ({ page }) => {
      await expect(page.getByText(/^Nothing measured in 30 days\./)).toBeVisible();
    },
  },
  live: {
    reach: open('/signals/detectors/wall_pulled', FILLED),
    reads: async ({ page }) => {
      await expect(page.getByText('Does not beat its base rate.')).toBeVisible();
      const row = page.getByRole('region', { name: 'All together' }).getByRole('row').nth(1);
      await expect(row).toContainText(/10 s.*240.*−0\.21.*50 % \(44–56\).*does not beat/);
    },
  },
});

export const detectorsPage = recovering(detectors);
export const detectorPage = recovering(detector);
