/** A side of which nothing comes any more while the other one goes on. */
import { STALL_BADGE_MS } from '../../../lib/heatmap/page-state.ts';
import { expect, test } from '../support/fixtures.ts';
import { ASK, CARRY_US, storedSides } from '../support/stored-books.ts';

/** Said in the header and in the status bar at the latest. */
const SAID_WITHIN_MS = 10_000;
/** Beyond the moment at which it is due, for a machine that is busy. */
const GRACE_MS = 5000;
const WORDS = 'No data on the ask side';

test('a mute side is hatched after 2 s, said within 10 s, and over as soon as it speaks', async ({
  page,
  live,
  market,
  instance,
  instruments,
}) => {
  const { nifty } = instruments;
  await live.openLive(nifty.slug);
  await market.muteSide(nifty.slug, 'ask');
  await expect(live.badge(WORDS)).toBeVisible({ timeout: SAID_WITHIN_MS });
  await expect(live.statusBar).toContainText(`${WORDS} – Nothing has come on the ask side since`);
  const inTheMiddle = page.getByRole('main').getByText(new RegExp(`^${WORDS} for 1\\d\\.\\d s$`));
  await expect(inTheMiddle).toBeVisible({ timeout: STALL_BADGE_MS + GRACE_MS });

  const { columnUs, rightUs } = await live.view();
  const stored = await storedSides(instance, nifty.id, rightUs - 20_000_000, rightUs);
  const lastAskUs = stored.findLast(({ side }) => side === ASK)?.stampUs ?? 0;
  // Five columns to either side of the instant at which the last frame becomes too old to be shown.
  const turnsUs = Math.floor((lastAskUs + CARRY_US) / columnUs) * columnUs;
  const columns = await live.columnsBetween(turnsUs - 5 * columnUs, turnsUs + 5 * columnUs);
  expect(columns).toHaveLength(10);
  columns.forEach(({ columnStartUs, state, cause, bidQuantity, askQuantity }) => {
    const tooOld = columnStartUs + columnUs > lastAskUs + CARRY_US;
    expect({ columnStartUs, state, cause }).toEqual({
      columnStartUs,
      state: tooOld ? 'stale' : 'data',
      cause: tooOld ? 'no ask frames came' : null,
    });
    expect(bidQuantity, 'the other side is still known').not.toBeNull();
    expect(askQuantity === null, 'nothing is said of a side that is out of date').toBe(tooOld);
  });

  await market.unmute();
  await expect(live.badge('Live')).toBeVisible();
  await expect(inTheMiddle).toHaveCount(0);
});
