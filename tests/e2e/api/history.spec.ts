/** What history says of time in which nothing came: a page that believes less asks for ever, and shows a seam. */

import { splitPage } from '../../../lib/client/depth-history.ts';
import type { HistoryPage } from '../../../lib/heatmap/depth-model.ts';
import type { Instance } from '../../support/instance.ts';
import { expect, test } from '../support/fixtures.ts';
import { recordedUpTo } from '../support/stored-books.ts';

const US_PER_SECOND = 1_000_000;

async function history(instance: Instance, instrumentId: number, fromUs: number, toUs: number): Promise<HistoryPage> {
  const query = new URLSearchParams({ instrument: `${instrumentId}`, from: `${fromUs}`, to: `${toUs}` });
  const response = await fetch(`${instance.appUrl}/api/depth/history?${query}`);
  expect(response.status).toBe(200);
  return splitPage(new Uint8Array(await response.arrayBuffer())).page;
}

test('time between two frames is complete as soon as it is recorded', async ({ market, instance, instruments }) => {
  const { infosys } = instruments;
  await market.pace(infosys.slug, 1);
  const sinceUs = Date.now() * 1000;
  await recordedUpTo(instance, infosys.id, sinceUs + 3 * US_PER_SECOND);
  const [pause] = await instance.sql<{ from_us: string; to_us: string }>(
    `SELECT (extract(epoch FROM book_time) * 1e6)::bigint AS from_us, (extract(epoch FROM next) * 1e6)::bigint AS to_us
     FROM (SELECT book_time, lead(book_time) OVER (ORDER BY book_time) AS next
           FROM gehra.depth_snapshots WHERE instrument_id = $1 AND book_time > to_timestamp($2::bigint / 1e6)) AS frames
     WHERE next - book_time > interval '500 ms' LIMIT 1`,
    [infosys.id, sinceUs],
  );
  const fromUs = Number(pause?.from_us) + 1;
  const toUs = Number(pause?.to_us);
  expect(await history(instance, infosys.id, fromUs, toUs)).toMatchObject({ fromUs, toUs, completeToUs: toUs });
});

test('time inside a gap is complete, and says that it is a gap', async ({ market, instance, instruments }) => {
  const { infosys } = instruments;
  const cutUs = Date.now() * 1000;
  await market.cutFeeds();
  await expect.poll(() => Date.now() * 1000, { timeout: 5000 }).toBeGreaterThan(cutUs + 3 * US_PER_SECOND);
  await market.restoreFeeds();
  await recordedUpTo(instance, infosys.id, cutUs + 3 * US_PER_SECOND);
  const [fromUs, toUs] = [cutUs + 1 * US_PER_SECOND, cutUs + 2 * US_PER_SECOND];
  // Gaps come to the database by a way of their own, and may be there a moment after the frames that follow.
  await expect
    .poll(async () => {
      const { completeToUs, gaps } = await history(instance, infosys.id, fromUs, toUs);
      return { completeToUs, gaps };
    })
    .toEqual({
      completeToUs: toUs,
      gaps: [
        {
          fromUs: expect.any(Number),
          toUs: expect.any(Number),
          cause: expect.stringMatching(/^(disconnected|network)$/),
        },
      ],
    });
});

test('an instrument that never has a book is complete without one', async ({ instance, instruments }) => {
  const { index } = instruments;
  const toUs = Date.now() * 1000 - 2 * US_PER_SECOND;
  const fromUs = toUs - 10 * US_PER_SECOND;
  expect(await history(instance, index.id, fromUs, toUs)).toMatchObject({ completeToUs: toUs });
});
