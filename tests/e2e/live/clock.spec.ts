/** The exchange's clock in the test's hand: exactly what it sends is what the page takes in. */
import type { Instance } from '../../support/instance.ts';
import { expect, test } from '../support/fixtures.ts';

const BOOKS_PER_SECOND = 5;
const SECONDS = 4;

test('while time stands nothing comes, and what time brings is all there', async ({
  live,
  market,
  instance,
  instruments,
}) => {
  const { nifty } = instruments;
  await market.pace(nifty.slug, BOOKS_PER_SECOND);
  await live.openLive(nifty.slug);
  await market.stopClock();
  await expect(live.badge('No data')).toBeVisible();
  await expect(live.statusBar).toContainText('Nothing has come since');
  const before = { sent: await framesSent(instance, nifty.slug), taken: (await live.stats()).depthFrames };

  await market.advance(SECONDS * 1000);
  const frames = 2 * BOOKS_PER_SECOND * SECONDS;
  expect((await framesSent(instance, nifty.slug)) - before.sent, 'side frames sent').toBe(frames);
  await expect
    .poll(async () => (await live.stats()).depthFrames - before.taken, { message: 'side frames taken' })
    .toBe(frames);
  await expect(live.badge('Live')).toBeVisible();
});

/** Side frames of an instrument's 200-level book that the exchange says it has sent. */
async function framesSent(instance: Instance, slug: string): Promise<number> {
  const series = await instance.sent();
  return series
    .filter(({ feed, instrument }) => feed === 'dhan-depth200' && instrument === slug)
    .reduce((sum, { frames }) => sum + frames, 0);
}
