/** Candle downloads under Settings, Data kept: cancelled, and gone on with. */
import { addDays, formatIstDate } from '../../../lib/core/ist.ts';
import { expect, test } from '../support/fixtures.ts';

test('a download is cancelled and gone on with', async ({ page, instance, instruments }) => {
  const { slug } = instruments.infosys;
  const today = formatIstDate(Date.now() * 1000);
  const jobs = instance.pid('jobs') as number;
  // Who would download it stands still, so that it can be seen under way.
  process.kill(jobs, 'SIGSTOP');
  try {
    const asked = await page.request.post(`${instance.appUrl}/api/orderflow/candles/downloads`, {
      headers: { origin: instance.appUrl },
      data: {
        instruments: [slug],
        from: `${addDays(today, -20)}T00:00:00+05:30`,
        to: `${addDays(today, -10)}T00:00:00+05:30`,
        interval: 'day',
      },
    });
    expect(asked.status()).toBe(202);
    await page.goto('/settings/data');
    const panel = page.getByRole('region', { name: 'Candles of the brokers' });
    await panel.getByRole('button', { name: `Cancel the download of ${slug}, day` }).click();
    await expect(panel.getByRole('status')).toHaveText('Cancelled. What has come is kept.');
    await expect(panel).toContainText('Cancelled by Demo.');
    await panel.getByRole('button', { name: `Go on with the download of ${slug}, day` }).press('Enter');
    await expect(panel.getByRole('status')).toHaveText('It goes on.');
    await expect(panel).not.toContainText('Cancelled by Demo.');
    process.kill(jobs, 'SIGCONT');
    await expect(panel.getByRole('button')).toHaveCount(0, { timeout: 30_000 });
    await expect(panel).toContainText('100 %');
  } finally {
    process.kill(jobs, 'SIGCONT');
  }
});
