/** The stream between server and browser: it survives the server, is let go with the tab, and serves several tabs. */
import { expect, test } from '../support/fixtures.ts';
import { LivePage } from '../support/live-page.ts';
import { expectSameAsStored } from '../support/same-as-stored.ts';

const US_PER_SECOND = 1_000_000;
/** From the kill of the web process to a page that is live again, ms: its start, on a machine with other loads. */
const RESUMED_WITHIN_MS = 60_000;

test('a restart of the web process leaves no seam', async ({ live, server, instance, instruments, trouble }) => {
  test.slow();
  trouble.allow(
    /^no answer, net::ERR_.*\/api\/(stream|depth\/history|notices|signals\/rules)/,
    'the server is gone for a moment',
    'perhaps',
  );
  const { nifty } = instruments;
  await live.openLive(nifty.slug);
  const fromUs = (await live.stats()).paintedUs;
  const { pid } = server;
  server.kill();
  await expect(live.badge('No connection to the server')).toBeVisible();
  await expect(live.statusBar).toContainText('What is shown is not live.');
  await expect(live.badge('Live')).toBeVisible({ timeout: RESUMED_WITHIN_MS });
  expect(server.pid).not.toBe(pid);

  const resumedUs = (await live.stats()).paintedUs;
  await expect.poll(async () => (await live.stats()).paintedUs).toBeGreaterThan(resumedUs + 2 * US_PER_SECOND);
  const toUs = (await live.stats()).paintedUs;
  await expectSameAsStored(live, instance, nifty, { fromUs, toUs });
});

test('two tabs are both live over one connection, which is let go with the last', async ({
  context,
  page,
  live,
  server,
  instance,
  instruments,
}) => {
  const { nifty, bankNifty } = instruments;
  await expect.poll(() => server.streams(), { message: 'streams of earlier pages' }).toBe(0);
  await live.openLive(nifty.slug);
  expect(await server.streams()).toBe(1);
  const second = new LivePage(await context.newPage());
  await second.openLive(nifty.slug);
  await expect.poll(() => server.streams(), { message: 'streams of both' }).toBe(1);

  const toUs = (await second.stats()).paintedUs;
  await expect.poll(async () => (await live.stats()).paintedUs).toBeGreaterThanOrEqual(toUs);
  const stretch = { fromUs: toUs - 3 * US_PER_SECOND, toUs };
  for (const tab of [live, second]) await expectSameAsStored(tab, instance, nifty, stretch);

  // Another instrument in one tab does not disturb the other: nothing is fetched again, and nothing is missing.
  const before = await live.stats();
  await second.openLive(bankNifty.slug);
  await expect.poll(() => server.streams()).toBe(1);
  const joinedUs = (await second.stats()).paintedUs;
  await expect.poll(async () => (await live.stats()).paintedUs).toBeGreaterThan(joinedUs + 2 * US_PER_SECOND);
  const after = await live.stats();
  expect(after.historyPages, 'pages of history that the first tab has fetched').toBe(before.historyPages);
  await expectSameAsStored(live, instance, nifty, { fromUs: before.paintedUs, toUs: after.paintedUs });
  await page.close();
  await expect.poll(() => server.streams()).toBe(1);
  const { events } = await second.stats();
  await expect
    .poll(async () => (await second.stats()).events, { message: 'the other tab goes on' })
    .toBeGreaterThan(events);
  // Leaving the page for the list, without loading anything anew.
  await second.page.getByRole('link', { name: 'Gehra: all instruments' }).click();
  await expect(second.page.getByRole('heading', { name: 'Depth' })).toBeVisible();
  await expect.poll(() => server.streams()).toBe(0);
});

test('history that cannot be loaded is said, and loaded when asked again', async ({
  page,
  live,
  server,
  instruments,
  trouble,
}) => {
  trouble.allow(/^HTTP 50[03]: .*\/api\/depth\/history/, 'history cannot be read for a while');
  await live.openLive(instruments.nifty.slug);
  await server.breakDown();
  // Far enough back that something is missing.
  const { chart } = await live.view();
  await live.drag([100, chart.height / 2], [chart.width - 100, chart.height / 2]);
  await live.drag([100, chart.height / 2], [chart.width - 100, chart.height / 2]);
  const failure = page.getByRole('main').getByText('History could not be loaded: The request failed on the server');
  await expect(failure).toBeVisible();
  await expect(live.badge('Live')).toBeVisible();
  await server.mend();
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(failure).toHaveCount(0);
});
