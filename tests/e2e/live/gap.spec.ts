/** Time of which a feed knows nothing: hatched, with its cause, while it happens and after the page was loaded again. */
import { gapWords } from '../../../lib/heatmap/gap-words.ts';
import type { Instance } from '../../support/instance.ts';
import { expect, test } from '../support/fixtures.ts';
import { type LivePage, xOf } from '../support/live-page.ts';
import { type Area, isHatch } from '../support/picture.ts';
import { recordedUpTo } from '../support/stored-books.ts';

const US_PER_SECOND = 1_000_000;
/** Share of the pixels of a hatched area that have the hatch's own colour. */
const HATCHED_SHARE_MIN = 0.05;

interface StoredGap {
  readonly fromUs: number;
  readonly toUs: number;
  readonly cause: string;
}

test('a cut feed leaves a hatched gap that says why, live and after a reload', async ({
  page,
  live,
  market,
  instance,
  instruments,
}) => {
  const { bankNifty } = instruments;
  await live.openLive(bankNifty.slug);
  const cutUs = (await live.stats()).paintedUs;
  await market.cutFeeds();
  await expect(live.badge('Feed cut')).toBeVisible();
  await expect.poll(async () => (await live.view()).rightUs).toBeGreaterThan(cutUs + 4 * US_PER_SECOND);
  await market.restoreFeeds();
  await expect(live.badge('Live')).toBeVisible();

  const gap = await closedGap(instance, bankNifty.id, cutUs - US_PER_SECOND);
  expect(gap.toUs - gap.fromUs, 'length of the gap, µs').toBeGreaterThan(3 * US_PER_SECOND);
  await recordedUpTo(instance, bankNifty.id, gap.toUs + 2 * US_PER_SECOND);
  await expectHatched(live, gap);
  const seenLive = await statesAround(live, gap);

  await page.reload();
  await expect(live.badge('Live')).toBeVisible();
  await live.historyLoaded();
  await expectHatched(live, gap);
  expect(await statesAround(live, gap), 'the same columns after a reload').toEqual(seenLive);
});

test('a gap of the deepest feed, bridged by a shallower one, looks the same after a reload', async ({
  page,
  live,
  market,
  instance,
  instruments,
}) => {
  const { bankNifty } = instruments;
  await live.openLive(bankNifty.slug);
  const cutUs = (await live.stats()).paintedUs;
  await market.cutDeepest();
  await expect(live.statusBar).toContainText('dhan-depth20-1: Live');
  await expect.poll(async () => (await live.stats()).paintedUs).toBeGreaterThan(cutUs + 6 * US_PER_SECOND);
  await market.restoreFeeds();
  await expect(live.statusBar).toContainText(/dhan-depth200-\d: Live/);
  const gap = await closedGap(instance, bankNifty.id, cutUs - US_PER_SECOND);
  await recordedUpTo(instance, bankNifty.id, gap.toUs + 2 * US_PER_SECOND);
  const seenLive = await statesAround(live, gap);

  await page.reload();
  await expect(live.badge('Live')).toBeVisible();
  await live.historyLoaded();
  expect(await statesAround(live, gap)).toEqual(seenLive);
});

/** The gap of the 200-level feed that began after an instant, once it is over. */
async function closedGap(instance: Instance, instrumentId: number, sinceUs: number): Promise<StoredGap> {
  let gap: StoredGap | undefined;
  await expect
    .poll(
      async () => {
        const [row] = await instance.sql<{ from_us: string; to_us: string; cause: string }>(
          `SELECT (extract(epoch FROM from_time) * 1e6)::bigint AS from_us,
             (extract(epoch FROM to_time) * 1e6)::bigint AS to_us, cause
           FROM gehra.feed_gaps JOIN gehra.feeds AS feed USING (feed_id)
           WHERE feed.kind = 'depth200' AND instrument_ids @> ARRAY[$1::integer] AND to_time IS NOT NULL
             AND from_time > to_timestamp($2::bigint / 1e6)
           ORDER BY from_time`,
          [instrumentId, sinceUs],
        );
        if (row) gap = { fromUs: Number(row.from_us), toUs: Number(row.to_us), cause: row.cause };
        return gap;
      },
      { message: 'the gap is recorded' },
    )
    .toBeDefined();
  return gap as StoredGap;
}

/** Says "gap" and why in every column that lies in it, and shows it as hatch and under the crosshair. */
async function expectHatched(live: LivePage, gap: StoredGap): Promise<void> {
  const inside = await live.columnsBetween(gap.fromUs, gap.toUs);
  expect(inside.length, 'whole columns in the gap').toBeGreaterThan(10);
  for (const { state, cause, bidQuantity, askQuantity } of inside) {
    expect({ state, cause }).toEqual({ state: 'gap', cause: gapWords(gap.cause) });
    expect([bidQuantity, askQuantity], 'quantities in a gap').toEqual([null, null]);
  }
  const { view, picture } = await live.hold();
  const [left, right] = [xOf(view, gap.fromUs), xOf(view, gap.toUs)];
  const area: Area = {
    x: left + 2,
    width: right - left - 4,
    y: view.chart.y + view.chart.height * 0.6,
    height: view.chart.height * 0.25,
  };
  const hatch = await live.themeColour('hatch-gap');
  const hatched = picture.share(area, isHatch(hatch));
  expect(hatched, 'share of hatch in the gap').toBeGreaterThan(HATCHED_SHARE_MIN);
  await live.point((left + right) / 2, area.y);
  await expect(live.crosshair).toContainText(`No data${gapWords(gap.cause)}`);
  await live.goOn.click();
}

/** State and cause of the columns from two seconds before a gap to two seconds after it. */
async function statesAround(live: LivePage, { fromUs, toUs }: StoredGap): Promise<string[]> {
  const columns = await live.columnsBetween(fromUs - 2 * US_PER_SECOND, toUs + 2 * US_PER_SECOND);
  return columns.map(({ columnStartUs, state, cause }) => `${columnStartUs}: ${state}, ${cause}`);
}
