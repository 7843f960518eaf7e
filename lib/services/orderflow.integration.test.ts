/** What the API answers is what lib/orderflow makes of the same ticks. */
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { type Client, connect } from '../../db/connect.ts';
import { addFlow, flowBars } from '../../db/flow.ts';
import { migrate } from '../../db/migrate.ts';
import { createDatabase } from '../../tests/support/servers.ts';
import { demoCaller, startTestServices } from '../../tests/support/services.ts';
import { BarsQuery, FootprintQuery, ProfileQuery, VwapQuery } from '../api/flow.ts';
import { ABSENT } from '../core/absent.ts';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { type Bar, BarBuilder, barStart, deltaOf, vwapOf } from '../orderflow/bars.ts';
import { type FlowTick, flowRows } from '../orderflow/flow-rows.ts';
import { Footprint } from '../orderflow/footprint.ts';
import { valueAreaOf } from '../orderflow/volume-profile.ts';
import { vwap } from './anchored-flow.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { bars, footprint, profile } from './orderflow.ts';
import { inIst } from './times.ts';

const log = pino({ level: 'silent' });
const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;
/** 2026-11-25 09:15 IST. */
const OPEN_US = Date.UTC(2026, 10, 25, 3, 45) * 1000;
const KITE = 1;
const SLUG = 'NFO:NIFTY26DECFUT';

let database: { url: string; drop: () => Promise<void> };
let client: Client;
let stop: () => Promise<void>;
const ticks: FlowTick[] = [];

beforeAll(async () => {
  database = await createDatabase(inject('postgresUrl'));
  await migrate(database.url, log);
  client = await connect(database.url, 'test');
  await client.query(
    `INSERT INTO gehra.instruments (exchange, symbol, name, type, price_scale, tick_size, lot_size)
     VALUES ('NFO', 'NIFTY26DECFUT', 'NIFTY', 'FUT', 100, 10, 65), ('NSE', 'SBIN', 'STATE BANK', 'EQ', 100, 5, 1)`,
  );
  const sides: readonly Aggressor[] = [AGGRESSOR.buy, AGGRESSOR.sell, AGGRESSOR.buy, AGGRESSOR.unknown];
  for (let i = 0; i < 4000; i += 1) {
    const jump = i >= 2000 ? 20 * MINUTE_US : 0;
    ticks.push({
      feedId: KITE,
      instrumentId: 1,
      stampUs: OPEN_US + i * 1_700_000 + ((i * 7919) % 1_000_003) + jump,
      price: 2_604_000 + Math.round(300 * Math.sin(i / 150)) * 10 + ((i * 31) % 5) * 10,
      quantity: i === 2000 ? 0 : 65 * (1 + (i % 4)),
      unattributed: i === 2000 ? 12_345 : 0,
      aggressor: sides[(i * 13) % 4] as Aggressor,
      oi: i % 3 === 0 ? 1_000_000 + i : ABSENT,
    });
  }
  // In batches that cut seconds and minutes anywhere, as a writer's do.
  for (let at = 0; at < ticks.length; at += 37) await addFlow(client, flowRows(ticks.slice(at, at + 37)));
  await client.query(
    `INSERT INTO gehra.feed_gaps VALUES (1, to_timestamp($1 / 1e6), to_timestamp($2 / 1e6), 'network', '{1}')`,
    [ticks[1999]?.stampUs, ticks[2000]?.stampUs],
  );
  await client.query(`INSERT INTO gehra.feed_positions VALUES (1, $1)`, [ticks.at(-1)?.stampUs]);
  ({ stop } = await startTestServices(database.url, log));
});
afterAll(async () => {
  await stop();
  await client.end();
  await database.drop();
});

const iso = (us: number): string => new Date(us / 1000).toISOString();
const asked = (more: Record<string, string> = {}): Record<string, string> => ({
  instrument: SLUG,
  from: iso(OPEN_US),
  to: iso(OPEN_US + 4 * 60 * MINUTE_US),
  ...more,
});

/** The bars of the same ticks, made one after the other. */
function barsOf(us: number, of: readonly FlowTick[] = ticks): Bar[] {
  const builder = new BarBuilder({ by: 'time', us });
  const done = of.flatMap(({ stampUs, price, quantity, unattributed, aggressor, oi }) => {
    if (unattributed > 0) return builder.addUnattributed(stampUs, unattributed) ?? [];
    return builder.add({ stampUs, price, quantity, aggressor, oi }) ?? [];
  });
  return builder.current ? [...done, builder.current] : done;
}

const shown = (value: number): number | null => (value === ABSENT ? null : value);

describe('bars', () => {
  it.each([
    ['1s', SECOND_US],
    ['30s', 30 * SECOND_US],
    ['1m', MINUTE_US],
    ['15m', 15 * MINUTE_US],
    ['1h', 60 * MINUTE_US],
    ['1d', 24 * 60 * MINUTE_US],
  ])('of %s are those of the ticks', async (interval, us) => {
    // A day's bars of a second are more than one answer holds.
    const to = iso(OPEN_US + (interval === '1s' ? 60 : 240) * MINUTE_US);
    const answer = await bars(await demoCaller(), BarsQuery.parse(asked({ interval, to })));
    expect(answer).toMatchObject({ instrument: SLUG, priceScale: 100, feed: 'kite-ticks-1', interval });
    const wanted = barsOf(us).filter(({ fromUs }) => interval !== '1s' || fromUs < OPEN_US + 60 * MINUTE_US);
    expect(answer.bars.map(({ coverage: _, oiChange: __, buildUp: ___, ...bar }) => bar)).toEqual(
      wanted.map((bar) => ({
        time: inIst(bar.fromUs),
        open: shown(bar.open),
        high: shown(bar.high),
        low: shown(bar.low),
        close: shown(bar.close),
        volume: bar.volume,
        buy: bar.buy,
        sell: bar.sell,
        unknown: bar.unknown,
        unattributed: bar.unattributed,
        delta: deltaOf(bar),
        minDelta: bar.minDelta,
        maxDelta: bar.maxDelta,
        vwap: shown(vwapOf(bar)),
        trades: bar.trades,
        oi: shown(bar.oi),
      })),
    );
  });

  it.each([1, 5, 60])('of %i minutes are cut where the question is', async (minutes) => {
    // Both in the middle of a minute, and the tick across the gap between them.
    const [fromUs, toUs] = [OPEN_US + 7 * MINUTE_US + 13_000_000, OPEN_US + 90 * MINUTE_US + 41_000_000];
    const query = { instrumentId: 1, feedId: KITE, fromUs, toUs, barUs: minutes * MINUTE_US };
    const within = ticks.filter(({ stampUs }) => {
      const second = Math.floor(stampUs / SECOND_US) * SECOND_US;
      return second >= fromUs && second < toUs;
    });
    expect(await flowBars(client, query)).toEqual(barsOf(query.barUs, within));
  });

  it('say how much of their time was heard, and when not', async () => {
    const { bars: all, gaps, completeTo } = await bars(await demoCaller(), BarsQuery.parse(asked({ interval: '5m' })));
    const coverages = all.map(({ coverage }) => coverage);
    expect(coverages[0]).toBe(1);
    const [gap] = gaps;
    expect(gaps).toHaveLength(1);
    expect(gap).toEqual({
      from: inIst(ticks[1999]?.stampUs as number),
      to: inIst(ticks[2000]?.stampUs as number),
      cause: 'network',
    });
    const cut = all.find(({ time }) => time === inIst(barStart(ticks[1999]?.stampUs as number, 5 * MINUTE_US)));
    const heard = (ticks[1999]?.stampUs as number) - barStart(ticks[1999]?.stampUs as number, 5 * MINUTE_US);
    expect(cut?.coverage).toBeCloseTo(heard / (5 * MINUTE_US), 3);
    expect(completeTo).toBe(inIst(ticks.at(-1)?.stampUs as number));
    expect(coverages.at(-1)).toBeLessThan(1);
  });

  it('count nothing as heard from before recording began, unless older rows are stored', async () => {
    const coverages = async (): Promise<number[]> =>
      (await bars(await demoCaller(), BarsQuery.parse(asked({ interval: '5m' })))).bars.map(({ coverage }) => coverage);
    const recordedFrom = (us: number | null) =>
      client.query('UPDATE gehra.instruments SET first_recorded = to_timestamp($1::float8) WHERE instrument_id = 1', [
        us === null ? null : us / SECOND_US,
      ]);
    try {
      // Asked for a minute before the exchange opened: the whole first bar was heard.
      await recordedFrom(OPEN_US - MINUTE_US);
      expect((await coverages())[0]).toBe(1);
      // Its first row is older than what is noted: a rebuild from the journal. It counts from the first row on.
      await recordedFrom(OPEN_US + 24 * 60 * MINUTE_US);
      expect((await coverages())[0]).toBe(1);
      await client.query(
        'CREATE TEMP TABLE early AS SELECT * FROM gehra.flow_bars WHERE time < to_timestamp($1::float8)',
        [(OPEN_US + 2 * MINUTE_US) / SECOND_US],
      );
      await client.query('DELETE FROM gehra.flow_bars WHERE time < to_timestamp($1::float8)', [
        (OPEN_US + 2 * MINUTE_US) / SECOND_US,
      ]);
      await recordedFrom(OPEN_US + 2 * MINUTE_US);
      expect((await coverages())[0]).toBeCloseTo(3 / 5, 3);
      expect((await coverages())[1]).toBe(1);
    } finally {
      await recordedFrom(null);
      await client.query('INSERT INTO gehra.flow_bars SELECT * FROM early');
      await client.query('DROP TABLE early');
    }
  });

  it('begin whole: what lies before `from` in the first one belongs to it', async () => {
    const answer = await bars(
      await demoCaller(),
      BarsQuery.parse(asked({ interval: '15m', from: iso(OPEN_US + 7 * MINUTE_US) })),
    );
    expect(answer.from).toBe(inIst(OPEN_US));
    expect(answer.bars[0]?.volume).toBe(barsOf(15 * MINUTE_US)[0]?.volume);
  });

  it('are none, and no error, where nobody gives the instrument', async () => {
    const answer = await bars(await demoCaller(), BarsQuery.parse(asked({ instrument: 'nse:sbin' })));
    expect(answer).toMatchObject({ instrument: 'NSE:SBIN', feed: null, bars: [], gaps: [] });
  });
});

describe('footprints', () => {
  it.each([1, 5])('of %i ticks a row are those of the ticks', async (rowTicks) => {
    const answer = await footprint(
      await demoCaller(),
      FootprintQuery.parse(asked({ interval: '15m', row_ticks: String(rowTicks) })),
    );
    expect(answer.rowHeight).toBe(rowTicks * 10);
    const wanted = new Map<number, Footprint>();
    for (const { stampUs, price, quantity, aggressor } of ticks) {
      if (quantity === 0) continue;
      const fromUs = barStart(stampUs, 15 * MINUTE_US);
      const one = wanted.get(fromUs) ?? new Footprint(rowTicks * 10);
      wanted.set(fromUs, one);
      one.add(price, quantity, aggressor);
    }
    expect(answer.bars.map(({ time, cells }) => ({ time, cells }))).toEqual(
      [...wanted].map(([fromUs, one]) => ({ time: inIst(fromUs), cells: one.rows() })),
    );
    for (const { cells, poc, imbalances } of answer.bars) {
      expect(cells.map(({ price }) => price)).toContain(poc);
      for (const { price } of imbalances) expect(cells.map((cell) => cell.price)).toContain(price);
    }
  });
});

describe('the profile', () => {
  it('is that of the ticks from the minute asked for on', async () => {
    const from = OPEN_US + 30 * MINUTE_US;
    const answer = await profile(await demoCaller(), ProfileQuery.parse(asked({ from: iso(from), row_ticks: '5' })));
    const whole = new Footprint(50);
    for (const { stampUs, price, quantity, aggressor } of ticks) {
      if (stampUs >= from && quantity > 0) whole.add(price, quantity, aggressor);
    }
    expect(answer.rows).toEqual(whole.rows());
    const area = valueAreaOf(
      whole.rows().map(({ price, buy, sell, unknown }) => ({ price, volume: buy + sell + unknown })),
      50,
    );
    expect(answer).toMatchObject({ poc: area.poc, valueAreaLow: area.low, valueAreaHigh: area.high });
    expect(answer.coverage).toBeLessThan(1);
  });

  it('ends with the last whole minute: nothing is told that traded after `to`', async () => {
    const to = OPEN_US + 30 * MINUTE_US;
    vi.spyOn(services(), 'nowMs').mockReturnValue((to + 10 * MINUTE_US) / 1000);
    const at = async (us: number) => profile(await demoCaller(), ProfileQuery.parse(asked({ to: iso(us) })));
    const whole = await at(to);
    expect(whole.rows).not.toEqual([]);
    const { rows, to: told } = await at(to + 5 * SECOND_US);
    expect({ rows, told }).toEqual({ rows: whole.rows, told: inIst(to) });
    // The minute under way is told of as far as it has come.
    vi.spyOn(services(), 'nowMs').mockReturnValue((to + 6 * SECOND_US) / 1000);
    expect(await at(to + 5 * SECOND_US)).toMatchObject({ to: inIst(to + 5 * SECOND_US) });
    expect((await at(to + 5 * SECOND_US)).rows).not.toEqual(whole.rows);
    const average = await vwap(
      await demoCaller(),
      VwapQuery.parse(asked({ to: iso(to - 55 * SECOND_US), interval: '1m' })),
    );
    expect(average.to).toBe(inIst(to - MINUTE_US));
    expect(average.points.at(-1)?.time).toBe(inIst(to - 2 * MINUTE_US));
    vi.restoreAllMocks();
  });

  it('of nothing has no point of control', async () => {
    const answer = await profile(await demoCaller(), ProfileQuery.parse(asked({ instrument: 'NSE:SBIN' })));
    expect(answer).toMatchObject({ rows: [], poc: null, valueAreaLow: null, valueAreaHigh: null, valueAreaShare: 0 });
  });
});

describe('what cannot be answered', () => {
  const refusal = async (more: Record<string, string>): Promise<RequestError> => {
    const answered = bars(await demoCaller(), BarsQuery.parse(asked(more)));
    const error = await answered.then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof RequestError)) throw new Error(`no refusal: ${error}`);
    return error;
  };

  it('says why, and what to ask instead', async () => {
    expect(await refusal({ to: iso(OPEN_US) })).toMatchObject({ status: 422, title: 'Empty interval' });
    const many = await refusal({ interval: '1s' });
    expect(many).toMatchObject({ status: 422, title: 'Too many bars' });
    expect(many.message).toBe('At most 5000 bars a request: ask for 1.38 hours or less, or for longer bars.');
    expect(await refusal({ instrument: 'NFO:NOTHING' })).toMatchObject({ status: 404 });
    expect(await refusal({ instrument: "NFO:X' OR '1'='1" })).toMatchObject({ status: 404 });
  });
});
