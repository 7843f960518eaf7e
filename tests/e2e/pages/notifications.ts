/** Channels of notifications. */
import { expect } from '../support/fixtures.ts';
import { questionRow } from './question.ts';

export const notificationsPage = questionRow({
  file: 'app/settings/notifications/page.tsx',
  name: 'notifications',
  path: '/settings/notifications',
  heading: 'Settings',
  api: 'settings/notifications',
  what: 'the channels',
  empty: { absent: 'without a channel it offers to set one up, as in the state live' },
  live: {
    reach: async ({ page }) => void (await page.goto('/settings/notifications')),
    reads: async ({ page }) => {
      const slack = page.getByRole('region', { name: 'Slack or a compatible webhook' });
      await expect(slack.getByText('Not set up.')).toBeVisible();
      await expect(slack.getByRole('button', { name: 'Send a test' })).toBeDisabled();
      await expect(page.getByRole('region', { name: 'Telegram bot' }).getByLabel('Bot token')).toBeEditable();
      await expect(
        page.getByRole('region', { name: 'This browser' }).getByRole('button', { name: 'Switch on' }),
      ).toBeEnabled();
    },
  },
});
