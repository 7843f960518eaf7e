import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Bar, newBar } from './bars.ts';
import { cumulativeDelta } from './cumulative-delta.ts';
import { sumBars } from './summed-bars.ts';

const MINUTE_US = 60_000_000;
/** 2026-11-25 09:15 IST. */
const OPEN_US = Date.UTC(2026, 10, 25, 3, 45) * 1000;

const quantity = fc.integer({ min: 0, max: 10_000 });
const bars = fc
  .array(fc.record({ buy: quantity, sell: quantity, unknown: quantity, unattributed: quantity }), { maxLength: 40 })
  .map((flows) =>
    flows.map(
      (flow, i): Bar => ({
        ...newBar(OPEN_US + i * MINUTE_US),
        ...flow,
        volume: flow.buy + flow.sell + flow.unknown,
        value: 100 * (flow.buy + flow.sell + flow.unknown),
        trades: 1,
      }),
    ),
  );
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

it('is the sum of the deltas, and of those since the last gap', () => {
  fc.assert(
    fc.property(bars, fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 3 }), (all, minutes) => {
      const ends = [...minutes].sort((a, b) => a - b).map((minute) => OPEN_US + minute * MINUTE_US + 30_000_000);
      const sums = cumulativeDelta(
        all,
        MINUTE_US,
        ends.map((toUs) => ({ toUs })),
      );
      all.forEach((bar, i) => {
        const before = ends.filter((us) => us < bar.fromUs + MINUTE_US).at(-1) ?? 0;
        const run = all.slice(0, i + 1).filter(({ fromUs }) => fromUs + MINUTE_US > before);
        const seen = all.slice(0, i + 1);
        expect(sums[i]).toMatchObject({
          cvd: sum(run.map(({ buy, sell }) => buy - sell)),
          sinceAnchor: sum(seen.map(({ buy, sell }) => buy - sell)),
          uncertain: sum(seen.map(({ unknown, unattributed }) => unknown + unattributed)),
        });
      });
    }),
  );
});

it('numbers its runs from 1, one more after each gap, and none while a gap is open', () => {
  const all = [0, 1, 2, 3].map((minute) => newBar(OPEN_US + minute * MINUTE_US));
  const runs = cumulativeDelta(all, MINUTE_US, [
    { toUs: OPEN_US - 1 },
    { toUs: OPEN_US + 2 * MINUTE_US },
    { toUs: null },
  ]).map(({ run }) => run);
  expect(runs).toEqual([1, 1, 2, 2]);
});

it('of several instruments summed is additive, in rupees', () => {
  fc.assert(
    fc.property(bars, bars, (one, other) => {
      const sums = sumBars([
        { priceScale: 100, bars: one },
        { priceScale: 10_000, bars: other },
      ]);
      expect(sums).toHaveLength(Math.max(one.length, other.length));
      for (const field of ['volume', 'buy', 'sell', 'unknown', 'unattributed', 'trades'] as const) {
        expect(sum(sums.map((bar) => bar[field]))).toBe(sum([...one, ...other].map((bar) => bar[field])));
      }
      expect(sum(sums.map(({ value }) => value))).toBeCloseTo(
        sum(one.map(({ value }) => value / 100)) + sum(other.map(({ value }) => value / 10_000)),
        4,
      );
    }),
  );
});
