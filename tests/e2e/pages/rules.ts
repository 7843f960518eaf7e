/** Rules, and what they told. */
import { answerWith } from '../support/answers.ts';
import { expect } from '../support/fixtures.ts';
import type { PageRow, Visit } from './page-table.ts';
import { questionRow } from './question.ts';

const PATH = '/signals/rules';
const CHANNELS = ['screen', 'slack', 'telegram'].map((channel) => ({ channel, isSetUp: channel !== 'telegram' }));
const RULE = {
  id: 7,
  name: 'Walls of the future',
  isOn: true,
  watch: { by: 'signals', kinds: ['wall_pulled'], detectors: 'own', side: null, minSeverity: 2, minSize: 0 },
  instruments: ['NFO:NIFTY26DECFUT'],
  hours: { from: '09:00', to: '15:40' },
  cooldownS: 300,
  cooldownOf: 'instrument',
  channels: ['screen', 'slack'],
  priceScale: null,
  updated: '2026-11-27T10:00:00.000+05:30',
  updatedBy: 'owner',
};
const delivery = { unknown: false, attempts: 1, failure: null, changed: '2026-11-27T10:15:03.000+05:30' };
const ALERT = {
  key: 'alert-7-abc',
  ruleId: 7,
  rule: RULE.name,
  title: 'NFO:NIFTY26DECFUT: wall pulled',
  detail: 'A wall was taken away without having traded: 26,010.00, bid, 1,30,000 units, severity 3 of 3, 10:15:02 IST',
  found: '2026-11-27T10:15:02.000+05:30',
  made: '2026-11-27T10:15:02.300+05:30',
  deliveries: [
    { ...delivery, channel: 'screen', state: 'sent' },
    { ...delivery, channel: 'slack', state: 'failed', attempts: 5, failure: 'it refused the message with status 404' },
    { ...delivery, channel: 'telegram', state: 'uncertain', unknown: true, failure: 'no answer came within 10 s' },
  ],
};

const row = questionRow({
  file: 'app/signals/rules/page.tsx',
  name: 'rules',
  path: PATH,
  heading: 'Rules and alerts',
  api: 'signals/rules',
  what: 'the rules',
  empty: {
    reach: async ({ page }) => {
      await answerWith(page, 'signals/rules/alerts', { alerts: [] });
      await page.goto(PATH);
    },
    reads: async ({ page }) => {
      await expect(page.getByText(/^There is no rule\./)).toBeVisible();
      await expect(page.getByText(/^Nothing was told yet\./)).toBeVisible();
      await expect(page.getByRole('button', { name: 'New rule' })).toBeEnabled();
    },
  },
  live: {
    reach: async ({ page }) => {
      await answerWith(page, 'signals/rules', {
        rules: [RULE],
        settings: { quiet: null, digestMinutes: 0 },
        channels: CHANNELS,
      });
      await answerWith(page, 'signals/rules/alerts', { alerts: [ALERT] });
      await page.goto(PATH);
    },
    reads: async ({ page }) => {
      const rule = page.getByRole('list', { name: 'Rules' }).getByRole('listitem').first();
      await expect(rule).toContainText('Wall pulled · Gehra’s detectors · severity from middle');
      await expect(rule).toContainText('at most once in 5 min an instrument');
      await expect(page.getByRole('switch', { name: 'Rule Walls of the future' })).toBeChecked();
      const told = page.getByRole('list', { name: 'Alerts' });
      await expect(told).toContainText('failed after 5 attempts: it refused the message with status 404');
      await expect(told).toContainText('uncertain: no answer came within 10 s. Nobody knows whether it arrived');
    },
  },
});

/** After a failure the server answers for itself, which has no rule. */
const recovers = async ({ page }: Visit): Promise<void> => {
  await page.getByRole('main').getByRole('alert').getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByText(/^There is no rule\./)).toBeVisible();
};
export const rulesPage: PageRow = { ...row, states: { ...row.states, error: { ...row.states.error, recovers } } };
