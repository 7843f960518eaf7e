/** Report cards: of all kinds, and of one. */
import { answerWith } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import { EMPTY_REPORT as EMPTY, REPORT as FILLED } from '../support/report-answers.ts';
import type { PageRow, Visit } from './page-table.ts';
import { questionRow } from './question.ts';

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
      const parameters = page.getByRole('table', { name: 'walls' });
      await expect(parameters.getByRole('row', { name: /^timesMedian 8 times$/ })).toBeVisible();
      await expect(row).toContainText(/10 s.*240.*−0\.21.*50 % \(44–56\).*does not beat/);
    },
  },
});

export const detectorsPage = recovering(detectors);
export const detectorPage = recovering(detector);
