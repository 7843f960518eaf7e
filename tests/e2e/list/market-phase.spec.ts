/** What the exchange does now and next, in the header. */
import { expect, test } from '../support/fixtures.ts';

test('the header counts down to the next phase and goes over to it by itself', async ({ page }) => {
  await page.route('**/api/market-phase?*', (route) => {
    const nowUs = Date.now() * 1000;
    const steps = [
      { fromUs: nowUs - 1_000_000, kind: 'pre-open', next: 'opens at 09:15 IST' },
      { fromUs: nowUs + 4_000_000, kind: 'open', next: 'closes at 15:30 IST' },
      { fromUs: nowUs + 3_604_000_000, kind: 'closed', next: 'opens on Mon 30 Nov at 09:00 IST' },
    ];
    return route.fulfill({ json: { exchange: 'NSE', mode: 'calendar', nowUs, steps } });
  });
  await page.goto('/connections');
  const phase = page.getByRole('banner').locator('[data-phase]');
  await expect(phase).toHaveText(/NSE pre-open.*opens at 09:15 IST.*0:00:0\d/);
  await expect(phase).toHaveText(/NSE open.*closes at 15:30 IST.*(1:00:00|0:59:5\d)/);
  // Seconds are for the eye alone.
  await expect(phase.locator('[data-left]')).toHaveAttribute('aria-hidden', 'true');
});

test('a market that never closes says so, on pages and over a chart', async ({ page, live, instruments }) => {
  await page.goto('/connections');
  await expect(page.getByRole('banner')).toContainText('Trades around the clock');
  await live.open(instruments.nifty.slug);
  await expect(live.header).toContainText('Trades around the clock');
});
