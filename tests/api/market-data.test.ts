/** What the API says of stored market data is what lib/orderflow makes of the same ticks and frames, in the form it promises. */
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { BarsAnswer } from '../../lib/api/flow.ts';
import { type Answer, type JsonPath, OPERATIONS } from '../../lib/api/operations.ts';
import { ABSENT } from '../../lib/core/absent.ts';
import { AGGRESSOR } from '../../lib/core/aggressor.ts';
import { ASK, BID, SideLevels } from '../../lib/core/side.ts';
import { type Bar, BarBuilder, barStart, deltaOf } from '../../lib/orderflow/bars.ts';
import { imbalanceOf, imbalanceWithin, roundTripBps, spreadOf } from '../../lib/orderflow/book-metrics.ts';
import type { FlowTick } from '../../lib/orderflow/flow-rows.ts';
import { Footprint } from '../../lib/orderflow/footprint.ts';
import { kyleLambda } from '../../lib/orderflow/kyle-lambda.ts';
import { ofiOf } from '../../lib/orderflow/order-flow-imbalance.ts';
import { Vpin } from '../../lib/orderflow/vpin.ts';
import { inIst } from '../../lib/services/times.ts';
import {
  CALL,
  DEPTH,
  DEPTH_GAP,
  FROM_US,
  FUTURE,
  GAP,
  iso,
  MarketWorld,
  MINUTE_US,
  morning,
  NOW_US,
  OPEN_US,
  PUT,
  type StoredFrame,
  UNHEARD,
} from './market-world.ts';

let world: MarketWorld;
beforeAll(async () => {
  world = await MarketWorld.begin(inject('postgresUrl'));
});
afterAll(() => world.stop());

const ticksOf = (instrumentId = 1, fromUs = OPEN_US): FlowTick[] =>
  (world.ticks.get(instrumentId) ?? []).filter(({ stampUs }) => stampUs >= fromUs);
const sideOf = ({ aggressor, quantity }: FlowTick): number =>
  aggressor === AGGRESSOR.buy ? quantity : aggressor === AGGRESSOR.sell ? -quantity : 0;
/** Of the future (market-world.ts). */
const LOT = 65;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const last = <T>(values: readonly T[]): T => {
  const value = values.at(-1);
  if (value === undefined) throw new Error('nothing there');
  return value;
};

/** What each operation is asked here, so that every answer can be held to its schema. */
const ASKED: Record<JsonPath, Record<string, string>> = {
  '/api/orderflow/bars': morning({ interval: '5m' }),
  '/api/orderflow/bars/trades': morning({ by: 'trades', size: '50' }),
  '/api/orderflow/bars/summed': {
    instruments: `${FUTURE},${CALL},${PUT}`,
    from: iso(OPEN_US),
    to: iso(NOW_US),
  },
  '/api/orderflow/footprint': morning({ interval: '15m' }),
  '/api/orderflow/profile': morning(),
  '/api/orderflow/naked-pocs': morning(),
  '/api/orderflow/cvd': morning(),
  '/api/orderflow/vwap': morning({ interval: '5m' }),
  '/api/orderflow/cost': { instrument: FUTURE, from: iso(DEPTH.fromUs), to: iso(DEPTH.toUs), lots: '2' },
  '/api/orderflow/imbalance': { instrument: FUTURE, from: iso(DEPTH.fromUs), to: iso(DEPTH.toUs) },
  '/api/orderflow/ofi': { instrument: FUTURE, from: iso(DEPTH.fromUs), to: iso(DEPTH.toUs), within: '0.1' },
  '/api/orderflow/ticks': morning({ limit: '50' }),
  '/api/orderflow/tape': morning({ limit: '50' }),
  '/api/orderflow/gaps': { from: iso(FROM_US), to: iso(NOW_US) },
  '/api/orderflow/coverage': { instruments: `${FUTURE},${UNHEARD}`, from: '2026-11-24', to: '2026-11-26' },
  '/api/orderflow/reconciliation': { day: '2026-11-25' },
  '/api/orderflow/reconciliation/month': { month: '2026-11' },
  '/api/orderflow/candles': morning({ interval: 'day' }),
  '/api/orderflow/candles/downloads': {},
  '/api/orderflow/continuous': morning({ interval: '5m' }),
  '/api/orderflow': {},
  '/api/orderflow/toxicity': {},
  '/api/orderflow/toxicity/kyle-lambda': morning(),
  '/api/orderflow/toxicity/vpin': morning({ bucket_volume: '6500' }),
  '/api/orderflow/toxicity/consumption': morning(),
  '/api/depth/book': { instrument: FUTURE, at: iso(DEPTH.fromUs + MINUTE_US) },
  '/api/depth/range': { instrument: FUTURE, from: iso(DEPTH.fromUs), to: iso(DEPTH.toUs), levels: '5' },
  '/api/depth/tiles': { instrument: FUTURE, column_ms: '1000', from: iso(DEPTH.fromUs), to: iso(DEPTH.toUs) },
  '/api/signals': { instruments: FUTURE, from: iso(FROM_US), to: iso(NOW_US) },
  '/api/signals/report': { instruments: FUTURE, from: iso(FROM_US), to: iso(NOW_US), by: 'everything' },
  '/api/instruments': {},
  '/api/instruments/latest': { instruments: `${FUTURE},${UNHEARD}` },
};

/** What is asked for nothing where the name of an unheard instrument does not do it: of no future nothing is joined. */
const NOTHING: Partial<typeof ASKED> = {
  '/api/orderflow/reconciliation': { day: '2026-11-20' },
  '/api/orderflow/reconciliation/month': { month: '2026-10' },
  '/api/orderflow/continuous': morning({ source: 'kite' }),
};

describe('every answer', () => {
  it.each(Object.keys(ASKED) as JsonPath[])('%s is what its schema says, and no more', async (path) => {
    const answer = await world.ask(path, ASKED[path]);
    expect(OPERATIONS[path].answer.parse(answer)).toEqual(answer);
  });

  it.each(Object.keys(ASKED) as JsonPath[])('%s is so too where nothing was recorded', async (path) => {
    const nothing = Object.fromEntries(
      Object.entries(ASKED[path]).map(([name, value]) => [
        name,
        name === 'instrument' || name === 'instruments' ? UNHEARD : value,
      ]),
    );
    const answer = await world.ask(path, NOTHING[path] ?? nothing);
    expect(OPERATIONS[path].answer.parse(answer)).toEqual(answer);
  });

  it('of another form would not be taken', () => {
    expect(BarsAnswer.safeParse({ bars: [] }).success).toBe(false);
  });
});

describe('cumulative volume delta', () => {
  it('is the sum of the deltas since the normal open, and begins anew after a gap', async () => {
    const { points } = await world.ask('/api/orderflow/cvd', morning());
    expect(last(points).sinceAnchor).toBe(sum(ticksOf().map(sideOf)));
    expect(last(points).uncertain).toBe(
      sum(ticksOf().map((tick) => (tick.aggressor === AGGRESSOR.unknown ? tick.quantity : 0) + tick.unattributed)),
    );
    const runs = [...new Set(points.map(({ run }) => run))];
    expect(runs).toEqual([1, 2]);
    for (const run of runs) {
      let expected = 0;
      for (const { delta, cvd } of points.filter((point) => point.run === run)) {
        expected += delta;
        expect(cvd).toBe(expected);
      }
    }
    const first = points.find(({ run }) => run === 2);
    expect(first?.time).toBe(inIst(barStart(GAP.toUs, MINUTE_US)));
    expect(last(points).cvd).toBe(sum(ticksOf(1, GAP.toUs).map(sideOf)));
  });

  it('of before the open is a run of its own', async () => {
    const { points } = await world.ask('/api/orderflow/cvd', morning({ from: iso(FROM_US), interval: '1m' }));
    const before = points.filter(({ time }) => time < inIst(OPEN_US));
    expect(before.length).toBeGreaterThan(0);
    expect(new Set(before.map(({ run }) => run))).toEqual(new Set([1]));
    const open = points.find(({ time }) => time >= inIst(OPEN_US));
    expect(open).toMatchObject({ run: 2, cvd: open?.delta, sinceAnchor: open?.delta });
  });

  it('is the same from wherever it is asked', async () => {
    const whole = await world.ask('/api/orderflow/cvd', morning());
    const late = await world.ask('/api/orderflow/cvd', morning({ from: iso(OPEN_US + 60 * MINUTE_US) }));
    expect(late.points).toEqual(whole.points.filter(({ time }) => time >= inIst(OPEN_US + 60 * MINUTE_US)));
  });

  it('begins at the anchor where one is given, within a bar too', async () => {
    const anchorUs = OPEN_US + 12 * MINUTE_US + 17_000_000;
    const { points } = await world.ask('/api/orderflow/cvd', morning({ anchor: iso(anchorUs), interval: '15m' }));
    expect(points[0]?.time).toBe(inIst(anchorUs));
    expect(last(points).sinceAnchor).toBe(sum(ticksOf(1, anchorUs).map(sideOf)));
  });
});

describe('the volume-weighted average price', () => {
  it('and its deviation are those of the trades since the open', async () => {
    const { points } = await world.ask('/api/orderflow/vwap', morning({ interval: '5m' }));
    for (const point of [points[0], points[7], last(points)]) {
      const endUs = Date.parse(point?.time ?? '') * 1000 + 5 * MINUTE_US;
      const trades = ticksOf().filter(({ stampUs, quantity }) => stampUs < endUs && quantity > 0);
      const volume = sum(trades.map(({ quantity }) => quantity));
      const mean = sum(trades.map(({ price, quantity }) => price * quantity)) / volume;
      const variance = sum(trades.map(({ price, quantity }) => quantity * (price - mean) ** 2)) / volume;
      expect(point?.volume).toBe(volume);
      expect(point?.vwap).toBeCloseTo(mean, 6);
      expect(point?.deviation).toBeCloseTo(Math.sqrt(variance), 6);
      expect(point?.bands[1]?.upper).toBeCloseTo(mean + 2 * Math.sqrt(variance), 6);
    }
    expect(last(points).missing).toBe(sum(ticksOf().map(({ unattributed }) => unattributed)));
  });
});

describe('bars', () => {
  it.each([
    ['trades', { by: 'trades', trades: 50 }, '50'],
    ['volume', { by: 'volume', volume: 6500 }, '6500'],
  ] as const)('by %s are those of the ticks', async (by, rule, size) => {
    const { bars } = await world.ask('/api/orderflow/bars/trades', morning({ by, size }));
    const builder = new BarBuilder(rule);
    const done: Bar[] = ticksOf().flatMap((tick) => {
      if (tick.unattributed > 0) builder.addUnattributed(tick.stampUs, tick.unattributed);
      return tick.quantity > 0 ? (builder.add(tick) ?? []) : [];
    });
    const wanted = builder.current ? [...done, builder.current] : done;
    expect(
      bars.map(({ volume, delta, open, close, minDelta, trades, complete }) => [
        volume,
        delta,
        open,
        close,
        minDelta,
        trades,
        complete,
      ]),
    ).toEqual(
      wanted.map((bar) => [
        bar.volume,
        deltaOf(bar),
        bar.open,
        bar.close,
        bar.minDelta,
        bar.trades,
        bar !== builder.current,
      ]),
    );
    expect(sum(bars.map(({ volume }) => volume))).toBe(sum(ticksOf().map(({ quantity }) => quantity)));
  });

  it('of several instruments are the sums of theirs', async () => {
    const summed = await world.ask('/api/orderflow/bars/summed', ASKED['/api/orderflow/bars/summed']);
    const each = await Promise.all(
      [FUTURE, CALL, PUT].map((instrument) => world.ask('/api/orderflow/bars', morning({ instrument }))),
    );
    for (const field of ['volume', 'buy', 'sell', 'unknown', 'unattributed', 'delta', 'trades'] as const) {
      for (const bar of summed.bars) {
        const parts = each.map(({ bars }) => bars.find(({ time }) => time === bar.time)?.[field] ?? 0);
        expect(bar[field], `${field} at ${bar.time}`).toBe(sum(parts));
      }
      expect(sum(summed.bars.map((bar) => bar[field]))).toBe(
        sum(each.flatMap(({ bars }) => bars.map((bar) => bar[field]))),
      );
    }
  });

  it('say what price and open interest say together, and nothing over a gap', async () => {
    const { bars } = await world.ask('/api/orderflow/bars', morning({ interval: '5m' }));
    expect(bars[0]).toMatchObject({ oiChange: null, buildUp: null });
    const after = bars.find(({ time }) => time >= inIst(GAP.toUs));
    expect(after).toMatchObject({ oiChange: null, buildUp: null });
    const words: string[] = [];
    bars.forEach((bar, i) => {
      const before = bars[i - 1];
      if (!before || bar.oiChange === null) return;
      expect(bar.oiChange).toBe((bar.oi as number) - (before.oi as number));
      const up = (bar.close as number) > (before.close as number);
      if (bar.buildUp === null) return;
      words.push(bar.buildUp);
      expect(bar.buildUp).toBe(
        bar.oiChange > 0 ? (up ? 'long_build_up' : 'short_build_up') : up ? 'short_covering' : 'long_unwinding',
      );
    });
    expect(new Set(words).size).toBeGreaterThan(1);
  });

  it("a day's point of control is that of its ticks, and naked while no later day has traded at it", async () => {
    const { sessions } = await world.ask('/api/orderflow/naked-pocs', morning({ row_ticks: '5' }));
    const whole = new Footprint(50);
    for (const { price, quantity, aggressor } of ticksOf(1, FROM_US)) {
      if (quantity > 0) whole.add(price, quantity, aggressor);
    }
    const rows = whole.rows().map(({ price, buy, sell, unknown }) => ({ price, volume: buy + sell + unknown }));
    const most = Math.max(...rows.map(({ volume }) => volume));
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({
      date: '2026-11-25',
      naked: true,
      volume: sum(rows.map(({ volume }) => volume)),
    });
    expect(rows.find(({ price }) => price === sessions[0]?.poc)?.volume).toBe(most);
    // 10 minutes of the day's session are a gap, and most of it is not over.
    expect(sessions[0]?.coverage).toBeLessThan(0.3);
  });
});

/** Books of the frames in the order of their time, with what stands on both sides. */
function booksOf(frames: readonly StoredFrame[]): { us: number; bids: SideLevels; asks: SideLevels }[] {
  return frames
    .filter(({ side }) => side === BID)
    .map(({ bookTimeUs, levels }) => ({
      us: bookTimeUs,
      bids: levels,
      asks: frames.find((other) => other.side === ASK && other.bookTimeUs === bookTimeUs)?.levels ?? new SideLevels(),
    }));
}

describe('depth over time', () => {
  const asked = { instrument: FUTURE, from: iso(DEPTH.fromUs), to: iso(DEPTH.toUs) };

  it.each([
    ['levels', '7', (bids: SideLevels, asks: SideLevels) => imbalanceOf(bids, asks, 7)],
    ['within', '0.002', (bids: SideLevels, asks: SideLevels) => imbalanceWithin(bids, asks, 0.2)],
  ] as const)('imbalance by %s is that of the books at each look', async (parameter, value, of) => {
    const { buckets } = await world.ask('/api/orderflow/imbalance', { ...asked, [parameter]: value });
    const books = booksOf(world.frames);
    const wanted = new Map<number, number[]>();
    for (let us = DEPTH.fromUs + 1_000_000; us <= DEPTH.toUs; us += 1_000_000) {
      const book = books.filter((one) => one.us < us).at(-1);
      const isInGap = us > DEPTH_GAP.fromUs && us <= DEPTH_GAP.toUs;
      if (!book || isInGap || us - book.us > 2_000_000) continue;
      const minute = barStart(us - 1, MINUTE_US);
      wanted.set(minute, [...(wanted.get(minute) ?? []), of(book.bids, book.asks)]);
    }
    expect(buckets.map(({ time, samples }) => [time, samples])).toEqual(
      [...wanted].map(([us, values]) => [inIst(us), values.length]),
    );
    [...wanted.values()].forEach((values, i) => {
      expect(buckets[i]?.mean).toBeCloseTo(sum(values) / values.length, 12);
      expect(buckets[i]).toMatchObject({ min: Math.min(...values), max: Math.max(...values), last: values.at(-1) });
    });
    expect(buckets.every(({ maxAgeMs }) => maxAgeMs <= 2000)).toBe(true);
  });

  it('spread and cost of a size are those of the books at each look', async () => {
    const { buckets, lots } = await world.ask('/api/orderflow/cost', { ...asked, lots: '2' });
    const books = booksOf(world.frames);
    const wanted = new Map<number, { spread: number; cost: number }[]>();
    for (let us = DEPTH.fromUs + 1_000_000; us <= DEPTH.toUs; us += 1_000_000) {
      const book = books.filter((one) => one.us < us).at(-1);
      const isInGap = us > DEPTH_GAP.fromUs && us <= DEPTH_GAP.toUs;
      if (!book || isInGap || us - book.us > 2_000_000) continue;
      const minute = barStart(us - 1, MINUTE_US);
      const { bids, asks } = book;
      const look = { spread: spreadOf(bids, asks), cost: roundTripBps(bids, asks, lots * LOT) };
      wanted.set(minute, [...(wanted.get(minute) ?? []), look]);
    }
    expect(buckets.length).toBeGreaterThan(1);
    expect(buckets.map(({ time, samples }) => [time, samples])).toEqual(
      [...wanted].map(([us, looks]) => [inIst(us), looks.length]),
    );
    [...wanted.values()].forEach((looks, i) => {
      const filled = looks.filter(({ cost }) => cost !== ABSENT);
      expect(buckets[i]?.spread).toBeCloseTo(sum(looks.map(({ spread }) => spread)) / looks.length, 9);
      expect(buckets[i]?.filled).toBeCloseTo(filled.length / looks.length, 3);
      if (filled.length === 0) expect(buckets[i]?.roundTripBps).toBeNull();
      else expect(buckets[i]?.roundTripBps).toBeCloseTo(sum(filled.map(({ cost }) => cost)) / filled.length, 9);
    });
    // More than any book holds costs nobody knows what.
    const most = await world.ask('/api/orderflow/cost', { ...asked, lots: '100000' });
    expect(most.buckets.every(({ roundTripBps, filled }) => roundTripBps === null && filled === 0)).toBe(true);
  });

  it('order flow imbalance is the sum over the books, of each rank, and none over a gap', async () => {
    const { buckets } = await world.ask('/api/orderflow/ofi', { ...asked, levels: '3', decay: '0.5' });
    const books = booksOf(world.frames);
    const wanted = new Map<number, number[]>();
    books.forEach(({ us, bids, asks }, i) => {
      const before = books[i - 1];
      if (!before || (before.us <= DEPTH_GAP.fromUs && us >= DEPTH_GAP.toUs)) return;
      const minute = barStart(us, MINUTE_US);
      const ranks = wanted.get(minute) ?? [0, 0, 0];
      wanted.set(minute, ranks);
      for (let rank = 0; rank < 3; rank += 1) {
        const at = (levels: SideLevels): [number, number] => [
          levels.prices[rank] as number,
          levels.quantities[rank] as number,
        ];
        ranks[rank] = (ranks[rank] ?? 0) + ofiOf(...at(before.bids), ...at(before.asks), ...at(bids), ...at(asks));
      }
    });
    expect(buckets.map(({ time, byRank, best }) => [time, byRank, best])).toEqual(
      [...wanted].map(([us, ranks]) => [inIst(us), ranks, ranks[0]]),
    );
    for (const { byRank, scalar } of buckets) {
      const [one = 0, two = 0, three = 0] = byRank;
      expect(scalar).toBeCloseTo((one + two / 2 + three / 4) / 1.75, 6);
    }
  });

  it('adds up: two halves are the whole', async () => {
    const middle = iso(DEPTH.fromUs + 3 * MINUTE_US);
    const query = { ...asked, within: '0.05' };
    const [whole, first, second] = await Promise.all([
      world.ask('/api/orderflow/ofi', query),
      world.ask('/api/orderflow/ofi', { ...query, to: middle }),
      world.ask('/api/orderflow/ofi', { ...query, from: middle }),
    ]);
    const numbers = ({ buckets }: Answer<'/api/orderflow/ofi'>) =>
      buckets.map(({ time, byRank, aligned, steps }) => [time, byRank, aligned, steps]);
    expect([...numbers(first), ...numbers(second)]).toEqual(numbers(whole));
    expect(whole.buckets.some(({ aligned }) => aligned !== 0 && aligned !== null)).toBe(true);
  });

  it.each([1, 7, 100])('frames in pages of %i are what is stored', async (limit) => {
    const query = { ...asked, to: iso(DEPTH.fromUs + 8_000_000), levels: '5', limit: String(limit) };
    const frames: Answer<'/api/depth/range'>['frames'][number][] = [];
    let next: string | null = null;
    do {
      const page: Answer<'/api/depth/range'> = await world.ask('/api/depth/range', {
        ...query,
        ...(next === null ? {} : { cursor: next }),
      });
      frames.push(...page.frames);
      expect(page.frames.length).toBeLessThanOrEqual(limit);
      next = page.next;
    } while (next !== null);
    expect(frames.map(({ stampUs, side, levels }) => [stampUs, side, levels[0], levels.length])).toEqual(
      world.frames
        .filter(({ bookTimeUs }) => bookTimeUs < DEPTH.fromUs + 8_000_000)
        .map(({ stampUs, side, levels }) => [
          stampUs,
          side === BID ? 'bid' : 'ask',
          [levels.prices[0], levels.quantities[0], levels.orders[0]],
          5,
        ]),
    );
  });
});

describe('the tape', () => {
  async function pagesOf(query: Record<string, string>): Promise<Answer<'/api/orderflow/tape'>['trades'][number][]> {
    const trades: Answer<'/api/orderflow/tape'>['trades'][number][] = [];
    let next: string | null = null;
    do {
      const page: Answer<'/api/orderflow/tape'> = await world.ask('/api/orderflow/tape', {
        ...query,
        ...(next === null ? {} : { cursor: next }),
      });
      trades.push(...page.trades);
      next = page.next;
    } while (next !== null);
    return trades;
  }
  const SIDES = { buy: AGGRESSOR.buy, sell: AGGRESSOR.sell, unknown: AGGRESSOR.unknown };
  const known = ({ stampUs, price, quantity }: { stampUs: number; price: number; quantity: number }) => [
    stampUs,
    price,
    quantity,
  ];

  it.each(['oldest', 'newest'])('in pages, %s first, is what is stored: nothing twice, nothing lost', async (order) => {
    const wanted = ticksOf().filter(({ quantity }) => quantity > 0);
    if (order === 'newest') wanted.reverse();
    const trades = await pagesOf(morning({ order, limit: '97' }));
    expect(trades.map(known)).toEqual(wanted.map(known));
    expect(trades.map(({ side }) => SIDES[side])).toEqual(wanted.map(({ aggressor }) => aggressor));
  });

  it('joins pages also where ticks are stored between two of them', async () => {
    const query = morning({ to: iso(NOW_US + MINUTE_US), limit: '1000' });
    const first = await world.ask('/api/orderflow/tape', query);
    await world.client.query(
      `INSERT INTO gehra.ticks (time, instrument_id, feed_id, n, mode, aggressor, aggressor_confidence, last_price, volume_delta)
       SELECT to_timestamp(($1::bigint + i) / 1e6), 1, 1, 0, 3, 1, 3, 2604000, 65 FROM generate_series(0, 4) AS i`,
      [NOW_US + 1_000_000],
    );
    const rest = await pagesOf({ ...query, cursor: first.next as string });
    const stamps = [...first.trades, ...rest].map(({ stampUs }) => stampUs);
    expect(new Set(stamps).size).toBe(stamps.length);
    expect(stamps).toHaveLength(ticksOf().filter(({ quantity }) => quantity > 0).length + 5);
    await world.client.query('DELETE FROM gehra.ticks WHERE time >= to_timestamp($1::bigint / 1e6)', [
      NOW_US + 1_000_000,
    ]);
  });

  it.each([
    ['side', { side: 'sell' }, (tick: FlowTick) => tick.aggressor === AGGRESSOR.sell],
    [
      'quantity',
      { min_quantity: '130', max_quantity: '260' },
      ({ quantity }: FlowTick) => quantity >= 130 && quantity <= 260,
    ],
    [
      'price',
      { min_price: '2604000', max_price: '2604100' },
      ({ price }: FlowTick) => price >= 2_604_000 && price <= 2_604_100,
    ],
  ] as const)('is filtered by %s', async (_what, filter, passes) => {
    const wanted = ticksOf().filter((tick) => tick.quantity > 0 && passes(tick));
    expect(wanted.length).toBeGreaterThan(0);
    expect((await pagesOf(morning({ ...filter, limit: '500' }))).map(known)).toEqual(wanted.map(known));
  });

  it('is filtered by how sure the side is', async () => {
    const all = await pagesOf(morning({ limit: '5000' }));
    const sure = await pagesOf(morning({ min_confidence: '3', limit: '5000' }));
    expect(sure).toEqual(all.filter(({ confidence }) => confidence >= 3));
    expect(sure.length).toBeGreaterThan(0);
    expect(sure.length).toBeLessThan(all.length);
  });

  it('of ticks has every tick with what it was given', async () => {
    const ids = new Set<string>();
    let count = 0;
    for (const instrument of [FUTURE, CALL, PUT]) {
      let next: string | null = null;
      do {
        const page: Answer<'/api/orderflow/ticks'> = await world.ask('/api/orderflow/ticks', {
          ...morning({ instrument, from: iso(FROM_US), limit: '1000' }),
          ...(next === null ? {} : { cursor: next }),
        });
        for (const tick of page.ticks) {
          ids.add(`${instrument} ${tick.stampUs} ${tick.n}`);
          expect(tick.bids).toHaveLength(5);
          expect(tick.mode).toBe('full');
        }
        count += page.ticks.length;
        next = page.next;
      } while (next !== null);
    }
    expect([count, ids.size]).toEqual([world.stored, world.stored]);
  });
});

describe('toxicity', () => {
  it("Kyle's lambda is the slope over the steps of each bucket", async () => {
    const { buckets } = await world.ask(
      '/api/orderflow/toxicity/kyle-lambda',
      morning({ step: '5s', interval: '30m' }),
    );
    const builder = new BarBuilder({ by: 'time', us: 5_000_000 });
    const steps = ticksOf()
      .filter(({ quantity }) => quantity > 0)
      .flatMap((tick) => builder.add(tick) ?? []);
    const first = steps.filter(({ fromUs }) => fromUs < OPEN_US + 30 * MINUTE_US);
    const changes = first.slice(1).map((step, i) => step.close - (first[i] as Bar).close);
    const lambda = kyleLambda(first.slice(1).map(deltaOf), changes);
    expect(buckets[0]?.lambda).toBeCloseTo(lambda, 9);
    expect(buckets[0]?.points).toBe(changes.length);
    // Neither over the gap.
    const second = steps.filter(
      ({ fromUs }) => fromUs >= OPEN_US + 30 * MINUTE_US && fromUs < OPEN_US + 60 * MINUTE_US,
    );
    expect(buckets[1]?.points).toBe(second.length - 2);
  });

  it.each(['bulk', 'trades'] as const)(
    'VPIN by %s is that of the trades, and forgets the bucket under way at a gap',
    async (sides) => {
      const answer = await world.ask(
        '/api/orderflow/toxicity/vpin',
        morning({ bucket_volume: '6500', buckets: '20', sides }),
      );
      expect(answer.experimental).toBe(true);
      const measure = new Vpin({ bucketVolume: 6500, buckets: 20, sides });
      let beforeUs = 0;
      for (const tick of ticksOf()) {
        if (beforeUs <= GAP.fromUs && tick.stampUs >= GAP.toUs) measure.noteGap();
        beforeUs = tick.stampUs;
        if (tick.quantity > 0) measure.add(tick.price, tick.quantity, sideOf(tick));
      }
      expect(last(answer.points).vpin).toBeCloseTo(measure.value, 12);
    },
  );

  it('VPIN without a bucket needs a week before, and says so', async () => {
    const answer = await world.get('/api/orderflow/toxicity/vpin', morning());
    expect(answer.status).toBe(422);
    expect(((await answer.json()) as { detail: string }).detail).toContain('give `bucket_volume`');
  });
});

describe('what was recorded', () => {
  it('gaps are told with their feed, their cause and how many they concern', async () => {
    const { gaps } = await world.ask('/api/orderflow/gaps', ASKED['/api/orderflow/gaps']);
    expect(gaps).toEqual([
      {
        feed: 'dhan-depth200-1',
        from: inIst(DEPTH_GAP.fromUs),
        to: inIst(DEPTH_GAP.toUs),
        cause: 'silent',
        instruments: 1,
      },
      { feed: 'kite-ticks-1', from: inIst(GAP.fromUs), to: inIst(GAP.toUs), cause: 'network', instruments: 3 },
    ]);
    const ofCall = await world.ask('/api/orderflow/gaps', { ...ASKED['/api/orderflow/gaps'], instrument: CALL });
    expect(ofCall.gaps.map(({ feed, instruments }) => [feed, instruments])).toEqual([['kite-ticks-1', 1]]);
  });

  it('the calendar says how much of each session, and what is missing', async () => {
    const { days } = await world.ask('/api/orderflow/coverage', ASKED['/api/orderflow/coverage']);
    expect(days.map(({ date }) => date)).toEqual(['2026-11-24', '2026-11-25', '2026-11-26']);
    const [before, today, after] = days;
    // 24 November 2026 is a holiday.
    expect(before?.instruments[0]).toMatchObject({ session: null, coverage: null, missing: [] });
    const [future, unheard] = today?.instruments ?? [];
    expect(future?.session?.from).toBe(inIst(OPEN_US));
    expect(future?.missing).toEqual([{ from: inIst(GAP.fromUs), to: inIst(GAP.toUs), cause: 'network' }]);
    expect(future?.coverage).toBeCloseTo(1 - 10 / 90, 3);
    expect(unheard).toMatchObject({ feed: null, coverage: 0 });
    expect(unheard?.missing.map(({ cause }) => cause)).toEqual(['not_recorded']);
    expect(after?.instruments[0]).toMatchObject({ coverage: null, missing: [] });
  });

  it('the calendar of depth is of its own feed and gaps', async () => {
    const { days } = await world.ask('/api/orderflow/coverage', {
      instruments: FUTURE,
      from: '2026-11-25',
      to: '2026-11-25',
      of: 'depth',
    });
    expect(days[0]?.instruments[0]?.missing.map(({ from, cause }) => [from, cause])).toEqual([
      [inIst(DEPTH_GAP.fromUs), 'silent'],
    ]);
  });
});

describe('the latest state', () => {
  it('is that of the newest tick, in the order asked for', async () => {
    const { instruments } = await world.ask('/api/instruments/latest', { instruments: `${UNHEARD},${CALL},${FUTURE}` });
    expect(instruments.map(({ instrument }) => instrument)).toEqual([UNHEARD, CALL, FUTURE]);
    expect(instruments[0]).toMatchObject({ state: 'none', lastPrice: null, ageMs: null });
    const { rows } = await world.client.query<{ price: number; volume: number; bid: number }>(
      `SELECT last_price AS price, volume, bid_prices[1] AS bid FROM gehra.ticks WHERE instrument_id = 1 ORDER BY time DESC LIMIT 1`,
    );
    expect(instruments[2]).toMatchObject({
      state: 'live',
      lastPrice: rows[0]?.price,
      volume: rows[0]?.volume,
      bid: rows[0]?.bid,
    });
  });

  it('names every instrument that there is not', async () => {
    const answer = await world.get('/api/instruments/latest', { instruments: `${FUTURE},NSE:NOTHING,NSE:NOBODY` });
    expect(answer.status).toBe(404);
    expect(((await answer.json()) as { detail: string }).detail).toBe(
      'There is no instrument NSE:NOTHING, NSE:NOBODY.',
    );
  });
});

describe("the predecessor's summaries", () => {
  it('have its keys, and sums that are right', async () => {
    const answer = await world.ask('/api/orderflow');
    expect(Object.keys(answer)).toEqual(['market_overview', 'cvd', 'volume', 'oi_changes', 'imbalance', 'metadata']);
    const deltas = [1, 2, 3].map((id) => sum(ticksOf(id).map(sideOf)));
    expect(answer.cvd).toEqual({
      futures: deltas[0],
      calls: deltas[1],
      puts: deltas[2],
      net_options: (deltas[1] as number) - (deltas[2] as number),
    });
    const { rows } = await world.client.query<{
      id: number;
      volume: number;
      price: number;
      first: number;
      bids: number;
      asks: number;
      oi: number;
    }>(
      `SELECT instrument_id AS id, (array_agg(volume ORDER BY time DESC))[1] AS volume,
         (array_agg(last_price ORDER BY time DESC))[1] AS price, (array_agg(last_price ORDER BY time))[1] AS first,
         (array_agg(bid_depth ORDER BY time DESC))[1] AS bids, (array_agg(ask_depth ORDER BY time DESC))[1] AS asks,
         (array_agg(oi ORDER BY time DESC))[1] - (array_agg(oi ORDER BY time) FILTER (WHERE time >= to_timestamp($1::bigint / 1e6)))[1] AS oi
       FROM gehra.ticks GROUP BY 1 ORDER BY 1`,
      [OPEN_US],
    );
    const [future, call, put] = rows as [(typeof rows)[0], (typeof rows)[0], (typeof rows)[0]];
    expect(answer.volume).toEqual({
      futures: future.volume,
      calls: call.volume,
      puts: put.volume,
      total: future.volume + call.volume + put.volume,
    });
    expect(answer.oi_changes).toEqual({
      futures: future.oi,
      calls: call.oi,
      puts: put.oi,
      total: future.oi + call.oi + put.oi,
    });
    expect(answer.market_overview).toEqual({
      symbol: 'NIFTY',
      price: future.price / 100,
      change: (future.price - future.first) / 100,
      change_pct: (100 * (future.price - future.first)) / future.first,
    });
    expect(answer.imbalance.puts).toEqual({
      bid_value: (put.bids * put.price) / 100,
      ask_value: (put.asks * put.price) / 100,
      ratio: (put.bids * put.price) / (put.asks * put.price),
    });
    expect(answer.metadata).toMatchObject({ futures_count: 1, calls_count: 1, puts_count: 1 });
    expect(answer.metadata.coverage).toBeCloseTo(1 - 10 / 90, 3);
  });

  it('of toxicity count what traded, and compare times, not sizes', async () => {
    const answer = await world.ask('/api/orderflow/toxicity', { limit: '300' });
    expect(Object.keys(answer)).toEqual([
      'avg_toxicity',
      'high_toxicity_events',
      'toxicity_trend',
      'ranked_instruments',
      'metadata',
    ]);
    const { rows } = await world.client.query<{ id: number; lambda: number; toxicity: number }>(
      `SELECT instrument_id AS id,
         CASE WHEN abs(price_delta) > 1 THEN abs(price_delta) / 100.0 / volume_delta ELSE 0 END::float8
           / (1 + (bid_depth + ask_depth)::float8 / volume_delta) AS lambda,
         1 / (1 + (bid_depth + ask_depth)::float8 / volume_delta) AS toxicity
       FROM gehra.ticks WHERE volume_delta > 0 ORDER BY time DESC, instrument_id LIMIT 300`,
    );
    const mean = (values: readonly number[]): number => sum(values) / values.length;
    expect(answer.metadata.ticks_analyzed).toBe(300);
    expect(answer.metadata.futures_ticks).toBe(rows.filter(({ id }) => id === 1).length);
    expect(answer.avg_toxicity.overall.kyle_lambda).toBeCloseTo(mean(rows.map(({ lambda }) => lambda)), 12);
    expect(answer.avg_toxicity.calls.depth_toxicity).toBeCloseTo(
      mean(rows.filter(({ id }) => id === 2).map(({ toxicity }) => toxicity)),
      12,
    );
    expect(answer.toxicity_trend.recent_avg).toBeCloseTo(mean(rows.slice(0, 150).map(({ lambda }) => lambda)), 12);
    expect(answer.toxicity_trend.previous_avg).toBeCloseTo(mean(rows.slice(150).map(({ lambda }) => lambda)), 12);
    const highest = rows.map(({ lambda }) => lambda).sort((a, b) => b - a);
    answer.high_toxicity_events.forEach((event, i) => {
      expect(event.kyle_lambda).toBeCloseTo(highest[i] as number, 12);
    });
    expect(answer.high_toxicity_events).toHaveLength(20);
    expect(answer.ranked_instruments.map(({ rank }) => rank)).toEqual([1, 2, 3]);
    expect(new Set(answer.ranked_instruments.map((one) => one.trading_symbol)).size).toBe(3);
  });

  it('of an underlying that is not recorded are empty, and no error', async () => {
    const answer = await world.ask('/api/orderflow', { underlying: 'BANKNIFTY' });
    expect(answer.market_overview).toEqual({ symbol: 'BANKNIFTY', price: null, change: null, change_pct: null });
    expect(answer.metadata).toMatchObject({ futures_count: 0, coverage: null });
  });
});

it('absent numbers are null in every answer', async () => {
  for (const path of Object.keys(ASKED) as JsonPath[]) {
    expect(JSON.stringify(await world.ask(path, ASKED[path])), path).not.toContain(String(ABSENT));
  }
});
