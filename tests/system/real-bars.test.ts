/**
 * A recorded market through the whole line, to the bars that people ask for: open, high, low, close and volume are those of an
 * independent program, exactly. The wire tells no aggressor; how often ours is the recording's is measured and printed.
 *
 * Bars are by the time of receipt, so the recording is played in blocks of its own seconds, each between two seconds of ours.
 */
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Answer } from '../../lib/api/operations.ts';

type BarAnswer = Answer<'/api/orderflow/bars'>['bars'][number];

import { Instance } from '../support/instance.ts';
import { describeWithShared, readShared, sharedPath } from '../support/shared.ts';

const FOLDER = ['data', 'binance-spot-ethusdt-20240808'] as const;
const SLUG = 'NSE:ETHUSDT';
const QUANTITY_SCALE = 10_000;
const SECOND_US = 1_000_000;
/** Blocks of a second first, then longer ones: the whole recording in minutes. */
const SHORT_BLOCKS = 25;
const LONG_S = 25;
/** The tick test and the prevailing quote are right more often than this on real trades; guessing is right half the time. */
const ACCURACY_MIN = 0.6;

const linesOf = (name: string): string[] =>
  gunzipSync(readShared(...FOLDER, name))
    .toString('utf8')
    .trim()
    .split(/\r?\n/);

type Reference = Readonly<Record<'recv_s' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'trades', number>>;

function reference(): Reference[] {
  const [head = '', ...rows] = linesOf('ref_bars_1s.csv.gz');
  const columns = head.split(',');
  return rows
    .map((row) => Object.fromEntries(row.split(',').map((field, i) => [columns[i], Number(field)])) as Reference)
    .filter(({ trades }) => trades > 0);
}

/** Of every trade whether the aggressor bought, in order. */
const buys = (): boolean[] =>
  linesOf('raw.jsonl.gz').flatMap((line) =>
    line.includes('@trade"') ? [!(JSON.parse(line.slice(20)) as { data: { m: boolean } }).data.m] : [],
  );

describeWithShared(FOLDER.join('/'), 'bars of a recorded market', () => {
  let instance: Instance;
  beforeAll(async () => {
    const recording = sharedPath(...FOLDER, 'raw.jsonl.gz');
    instance = await Instance.start(['--market', `replay:${recording}`, '--speed', '0.1']);
  }, 900_000);
  afterAll(() => instance?.stop());

  const marketUs = async (): Promise<number> =>
    (await instance.exchange<{ market_us: number }>('/control/state')).market_us;

  /** Every tick that the exchange has sent is stored. */
  const untilStored = () =>
    vi.waitFor(
      async () => {
        const sent = (await instance.sent()).filter(({ feed }) => feed === 'kite');
        const [stored] = await instance.sql<{ n: number }>('SELECT count(*)::integer AS n FROM gehra.ticks');
        expect(stored?.n).toBe(sent.reduce((sum, { frames }) => sum + frames, 0));
      },
      { timeout: 60_000, interval: 50 },
    );

  const second = (): number => Math.floor(Date.now() / 1000);
  const untilSecondAfter = (last: number) =>
    vi.waitFor(() => expect(second()).toBeGreaterThan(last), { timeout: 5000, interval: 10 });

  async function barsBetween(fromS: number, toS: number): Promise<readonly BarAnswer[]> {
    const query = new URLSearchParams({
      instrument: SLUG,
      from: String(fromS * 1000),
      to: String(toS * 1000),
      interval: '1s',
    });
    const response = await fetch(`${instance.appUrl}/api/orderflow/bars?${query}`);
    expect(response.status).toBe(200);
    return ((await response.json()) as { bars: BarAnswer[] }).bars;
  }

  it('are those of an independent program, through exchange, wire, collectors, writer and API', {
    timeout: 1_200_000,
  }, async () => {
    await vi.waitFor(
      async () => expect((await instance.exchange<{ begun: boolean }>('/control/state')).begun).toBe(true),
      { timeout: 60_000, interval: 100 },
    );
    await instance.control('clock', { mode: 'manual' });
    const rows = reference();
    const endS = (rows.at(-1) as Reference).recv_s + 1;
    // The first tick of all has no base: the comparison begins with the first whole second behind it.
    let atS = Math.ceil((await marketUs()) / SECOND_US) + 2;
    const advanceTo = async (seconds: number): Promise<void> =>
      instance.control('advance', { ms: (seconds * SECOND_US - 1 - (await marketUs())) / 1000 });
    await advanceTo(atS);
    await untilStored();
    let compared = 0;
    for (let block = 0; atS < endS; block += 1) {
      const nextS = Math.min(endS, atS + (block < SHORT_BLOCKS ? 1 : LONG_S));
      const expected = rows.filter(({ recv_s }) => recv_s >= atS && recv_s < nextS);
      const lastS = second();
      await untilSecondAfter(lastS);
      await advanceTo(nextS);
      await untilStored();
      const bars = await barsBetween(lastS + 1, second() + 1);
      const price = (value: number | undefined): number => Math.round((value ?? Number.NaN) * 100);
      expect(
        {
          open: bars[0]?.open,
          high: Math.max(...bars.map(({ high }) => high as number)),
          low: Math.min(...bars.map(({ low }) => low as number)),
          close: bars.at(-1)?.close,
          volume: bars.reduce((sum, { volume }) => sum + volume, 0),
          unattributed: bars.reduce((sum, { unattributed }) => sum + unattributed, 0),
        },
        `seconds ${atS} to ${nextS} of the recording`,
      ).toEqual({
        open: expected.length > 0 ? price(expected[0]?.open) : undefined,
        high: Math.max(...expected.map(({ high }) => price(high))),
        low: Math.min(...expected.map(({ low }) => price(low))),
        close: expected.length > 0 ? price(expected.at(-1)?.close) : undefined,
        volume: expected.reduce((sum, { volume }) => sum + Math.round(volume * QUANTITY_SCALE), 0),
        unattributed: 0,
      });
      compared += expected.length;
      atS = nextS;
    }
    expect(compared).toBeGreaterThan(400);
  });

  it('have an aggressor that is mostly the recording’s', async () => {
    const told = buys();
    const ticks = await instance.sql<{ aggressor: number; quantity: number }>(
      `SELECT aggressor, coalesce(volume_delta, 0)::float8 AS quantity FROM gehra.ticks
       JOIN gehra.instruments USING (instrument_id)
       WHERE exchange || ':' || symbol = $1 AND volume > 0 ORDER BY time, n`,
      [SLUG],
    );
    // The last ones are there of all; what was published before anybody listened is not.
    const offset = told.length - ticks.length;
    expect(offset).toBeGreaterThanOrEqual(0);
    const known = ticks.map(({ aggressor, quantity }, i) => ({
      right: (aggressor === 1) === told[i + offset],
      quantity,
      unknown: aggressor === 0,
    }));
    const classified = known.filter(({ unknown, quantity }) => !unknown && quantity > 0);
    const byTrades = classified.filter(({ right }) => right).length / classified.length;
    const total = classified.reduce((sum, { quantity }) => sum + quantity, 0);
    const byVolume = classified.reduce((sum, { right, quantity }) => sum + (right ? quantity : 0), 0) / total;
    console.log(
      `aggressor through the wire: ${classified.length} of ${ticks.length} trades classified, right ${(byTrades * 100).toFixed(1)} % of them, ${(byVolume * 100).toFixed(1)} % of their volume`,
    );
    expect(byTrades).toBeGreaterThan(ACCURACY_MIN);
  });
});
