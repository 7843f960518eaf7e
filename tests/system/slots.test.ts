/**
 * Slots that move while the market runs: what a rule or a person changes is asked for within three seconds on the connections
 * that stand, and nobody else loses a frame or has a gap.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Instance } from '../support/instance.ts';
import { expectNothingLost } from '../support/ledger.ts';
import { untilRecording, untilStoredAfterPause } from '../support/waits.ts';

/** From the change to the first frame of the new instrument. */
const MOVE_MS = 3000;
const LIST = 'Moved by this test';

let instance: Instance;
beforeAll(async () => {
  instance = await Instance.start(['--date', '2026-11-25']);
  await untilRecording(instance);
});
afterAll(() => instance.stop());

const until = (check: () => Promise<void>, timeout = 30_000): Promise<void> =>
  vi.waitFor(check, { timeout, interval: 50 });

/** Symbols that each feed is to give, as the plan in force says. */
async function planned(): Promise<Record<string, string[]>> {
  const rows = await instance.sql<{ feed: string; symbols: string[] }>(
    `SELECT feed.name AS feed, array_agg(symbol ORDER BY symbol) AS symbols FROM gehra.subscriptions
     JOIN gehra.feeds AS feed USING (feed_id) JOIN gehra.instruments USING (instrument_id) GROUP BY 1`,
  );
  return Object.fromEntries(rows.map(({ feed, symbols }) => [feed, symbols]));
}

const gaps = () =>
  instance.sql<{ feed: string; cause: string }>(
    'SELECT feed.name AS feed, cause FROM gehra.feed_gaps JOIN gehra.feeds AS feed USING (feed_id)',
  );

/** Time in ms from `sinceMs` to the first frame of an instrument that a feed kind gave after it. */
async function firstFrame(symbol: string, kind: string, sinceMs: number): Promise<number> {
  const table = kind === 'ticks' ? 'ticks' : 'depth_snapshots';
  let ms = Number.NaN;
  await until(async () => {
    const [row] = await instance.sql<{ ms: number | null }>(
      `SELECT (extract(epoch FROM min(t.time)) * 1000)::float8 AS ms FROM gehra.${table} AS t
       JOIN gehra.feeds AS feed USING (feed_id) JOIN gehra.instruments USING (instrument_id)
       WHERE symbol = $1 AND feed.kind = $2 AND t.time > to_timestamp($3 / 1000.0)`,
      [symbol, kind, sinceMs],
    );
    if (row?.ms === null || row?.ms === undefined) throw new Error(`nothing of ${symbol} on ${kind} yet`);
    ms = row.ms - sinceMs;
  });
  return ms;
}

describe('slots', { timeout: 180_000 }, () => {
  it('of what is taken from the lists become free, without a gap for anybody', async () => {
    await instance.sql(`UPDATE instruments SET is_active = false WHERE trading_symbol IN ('INFY', 'SBIN')`);
    await until(async () => expect((await planned())['dhan-depth20-1']).not.toContain('INFY'), MOVE_MS);
    const plan = await planned();
    expect(plan['kite-ticks-1']).not.toContain('SBIN');
    // INFY had a 200-level slot, which the next in line has now.
    expect(Object.entries(plan).filter(([feed]) => feed.startsWith('dhan-depth200')).length).toBe(5);
    await untilRecording(instance);
    expect(await gaps()).toEqual([]);
  });

  it('are given to what is asked for, on the open connections, within three seconds', async () => {
    const sinceMs = Date.now();
    await instance.sql(`UPDATE instruments SET is_active = true WHERE trading_symbol = 'SBIN'`);
    expect(await firstFrame('SBIN', 'ticks', sinceMs)).toBeLessThan(MOVE_MS);
    expect(await firstFrame('SBIN', 'depth20', sinceMs)).toBeLessThan(MOVE_MS);
    expect(await gaps()).toEqual([]);
  });

  it('of 200 levels go over to what is marked deep, within three seconds', async () => {
    const before = await planned();
    const sinceMs = Date.now();
    await instance.sql(
      `UPDATE gehra.watchlist_entries SET deep = true
       WHERE instrument_id = (SELECT instrument_id FROM gehra.instruments WHERE symbol = 'SBIN')`,
    );
    expect(await firstFrame('SBIN', 'depth200', sinceMs)).toBeLessThan(MOVE_MS);
    const after = await planned();
    const moved = [1, 2, 3, 4, 5].filter(
      (slot) => before[`dhan-depth200-${slot}`]?.[0] !== after[`dhan-depth200-${slot}`]?.[0],
    );
    expect(moved.length).toBe(1);
    expect(await gaps()).toEqual([]);
  });

  it('follow a rule whose answer moves with the price', async () => {
    await instance.sql(`DELETE FROM gehra.watchlist_entries WHERE rule->>'kind' = 'underlying'`);
    await until(async () =>
      expect((await planned())['kite-ticks-1']?.filter((one) => /\d[CP]E$/.test(one))).toEqual([]),
    );
    const [list] = await instance.sql<{ id: number }>(
      `INSERT INTO gehra.watchlists (name, place) VALUES ($1, 99) RETURNING watchlist_id AS id`,
      [LIST],
    );
    const sinceMs = Date.now();
    await instance.sql(
      `INSERT INTO gehra.watchlist_entries (watchlist_id, place, rule) VALUES ($1, 1, '{"kind":"atm","underlying":"NIFTY","strikes":0}')`,
      [list?.id],
    );
    let options: string[] = [];
    await until(async () => {
      options = (await planned())['kite-ticks-1']?.filter((one) => /\d[CP]E$/.test(one)) ?? [];
      expect(options.length).toBeGreaterThan(0);
    });
    expect(await firstFrame(options[0] as string, 'ticks', sinceMs)).toBeLessThan(MOVE_MS);
    const [row] = await instance.sql<{ strike: number; nearest: boolean }>(
      `SELECT (answer->>'strike')::integer AS strike,
         abs((answer->>'strike')::integer * 100 - price) <= 0.65 * 10000 AS nearest
       FROM gehra.rule_answers JOIN gehra.watchlist_entries USING (entry_id),
         LATERAL (SELECT last_price AS price FROM gehra.ticks JOIN gehra.instruments USING (instrument_id)
                  WHERE symbol = 'NIFTY 50' ORDER BY time DESC LIMIT 1) AS last
       WHERE watchlist_id = $1`,
      [list?.id],
    );
    expect(row?.strike).toBeGreaterThan(0);
    expect(row?.nearest).toBe(true);
    expect(await gaps()).toEqual([]);
  });

  it('and nothing of anybody is missing', async () => {
    await untilStoredAfterPause(instance);
    const { frames, gaps: all } = await expectNothingLost(instance);
    expect(all).toEqual([]);
    expect(frames).toBeGreaterThan(500);
    const rejected = await instance.sql(`SELECT reason, detail FROM gehra.quarantine`);
    expect(rejected).toEqual([]);
  });
});
