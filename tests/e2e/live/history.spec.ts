/** History and the live edge are one picture. */
import { expect, test } from '../support/fixtures.ts';
import { expectSameAsStored } from '../support/same-as-stored.ts';
import { recordedUpTo } from '../support/stored-books.ts';

const US_PER_SECOND = 1_000_000;

for (const { pace, of, booksPerSecond } of [
  { pace: 'several books to a column', of: 'bankNifty', booksPerSecond: 20 },
  // Then the join lies between two frames, and history has nothing to say of the time between them.
  { pace: 'about a book to a column', of: 'infosys', booksPerSecond: null },
  { pace: 'several columns to a book', of: 'bankNifty', booksPerSecond: 1 },
] as const) {
  test(`joins the live edge without a missing column, ${pace}`, async ({ live, market, instance, instruments }) => {
    const instrument = instruments[of];
    if (booksPerSecond !== null) await market.pace(instrument.slug, booksPerSecond);
    // Recorded before anybody looks.
    const beforeUs = Date.now() * 1000 + US_PER_SECOND;
    await recordedUpTo(instance, instrument.id, beforeUs + 4 * US_PER_SECOND);
    await live.openLive(instrument.slug);
    const openedUs = (await live.stats()).paintedUs;
    await expect
      .poll(async () => (await live.stats()).paintedUs, { message: 'live frames after history' })
      .toBeGreaterThan(openedUs + 4 * US_PER_SECOND);
    const toUs = (await live.stats()).paintedUs;
    // What the recorder had not written when history was asked for comes a moment later.
    await expect
      .poll(async () => (await live.columnsBetween(beforeUs, toUs)).filter(({ state }) => state !== 'data'), {
        message: 'columns that are not there',
      })
      .toEqual([]);
    await expectSameAsStored(live, instance, instrument, { fromUs: beforeUs, toUs });
  });
}
