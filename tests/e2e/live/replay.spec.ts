/** A past time on the page: opened, paused, stepped, sent elsewhere, and left, by mouse and by keys. */
import { replayPath } from '../../../lib/client/replay.ts';
import { expect, test } from '../support/fixtures.ts';

/** What is replayed: so long ago until now, ms. */
const BACK_MS = 6000;

test('plays to its end, goes back, steps, and is left', async ({ page, live, instruments }) => {
  const { slug } = instruments.nifty;
  await live.openLive(slug);
  await page.goto(replayPath(slug, String(Date.now() - BACK_MS)));
  const bar = page.getByRole('toolbar', { name: 'Replay' });
  const clock = bar.getByRole('time');
  await expect(live.badge('Replay ended')).toBeVisible({ timeout: 30_000 });
  const end = await clock.textContent();

  const slider = bar.getByRole('slider', { name: 'Time' });
  await slider.focus();
  await page.keyboard.press('Home');
  await expect(clock).not.toHaveText(end ?? '');
  await expect(bar.getByRole('button', { name: 'Play', exact: true })).toBeVisible();
  const begin = await clock.textContent();
  await bar.getByRole('button', { name: 'On by one second' }).focus();
  await page.keyboard.press('Enter');
  await expect(clock).not.toHaveText(begin ?? '');
  await expect(live.badge('Replay paused')).toBeVisible();
  await bar.getByLabel('Speed').selectOption('0.25');
  await bar.getByRole('button', { name: 'Play', exact: true }).click();
  await expect(live.badge('Replay')).toBeVisible();
  await bar.getByRole('button', { name: 'Pause the replay' }).click();
  await expect(live.badge('Replay paused')).toBeVisible();

  await bar.getByRole('link', { name: 'Back to live' }).click();
  await expect(bar).toBeHidden();
  await expect(live.badge('Live')).toBeVisible();
});

test('is asked for by day and time, and says where nothing was recorded', async ({
  page,
  live,
  instruments,
  trouble,
}) => {
  trouble.allow(/^HTTP 404: .*\/api\/replay$/, 'nothing was recorded then');
  await live.openLive(instruments.nifty.slug);
  await live.toolbar.getByRole('button', { name: 'Replay a past time' }).click();
  const dialog = page.getByRole('dialog', { name: 'Replay a past time' });
  await dialog.getByLabel('Day').fill('2090-01-01');
  await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
  await expect(dialog.getByRole('alert')).toHaveText('That time is still to come.');
  await dialog.getByLabel('Day').fill('2020-01-01');
  await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
  await expect(page.getByRole('region', { name: 'State' })).toContainText('Nothing was recorded');
  await expect(page.getByRole('link', { name: 'Back to live' })).toBeVisible();
});
