import { describe, expect, it } from 'vitest';
import { newBar } from '../orderflow/bars.ts';
import type { SeriesBar } from '../orderflow/open-bars.ts';
import { instantAt, isPartial, type OtherCandle, placeOf, slotAt, slotsOf, timeBetween } from './chart-slots.ts';

const MINUTE_US = 60_000_000;
const OPEN_US = Date.parse('2026-11-25T09:15:00+05:30') * 1000;
const at = (minute: number): number => OPEN_US + minute * MINUTE_US;
const bar = (minute: number, coverage: number | null = 1): SeriesBar => ({
  ...newBar(at(minute)),
  coverage,
  footprint: null,
});
const candle = (minute: number): OtherCandle => ({
  fromUs: at(minute),
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  volume: 1,
  oi: null,
});
const minutesOf = (slots: readonly { readonly us: number }[]): number[] =>
  slots.map(({ us }) => (us - OPEN_US) / MINUTE_US);

const input = { candles: [], bars: [], barUs: MINUTE_US, gaps: [], nowUs: at(100) };

describe('places of a chart', () => {
  it('a minute in which nothing traded has none, and breaks no line', () => {
    const slots = slotsOf({ ...input, bars: [bar(0), bar(1), bar(5)] });
    expect(minutesOf(slots)).toEqual([0, 1, 5]);
    expect(slots.map(({ broken }) => broken)).toEqual([false, false, false]);
  });

  it('minutes in which nobody listened have one each, and break the line', () => {
    const gaps = [{ fromUs: at(1) + 30_000_000, toUs: at(4) + 10_000_000, cause: 'silent' }];
    const slots = slotsOf({ ...input, bars: [bar(0), bar(1, 0.5), bar(4, 0.8), bar(5)], gaps });
    expect(minutesOf(slots)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(slots.map(({ cause }) => cause)).toEqual([null, null, 'silent', 'silent', null, null]);
    expect(slots.map(({ broken }) => broken)).toEqual([false, false, true, true, true, false]);
  });

  it('a gap from one bar into the next breaks the line between them', () => {
    const gaps = [{ fromUs: at(0) + 50_000_000, toUs: at(1) + 5_000_000, cause: 'network' }];
    const slots = slotsOf({ ...input, bars: [bar(0), bar(1), bar(2)], gaps });
    expect(slots.map(({ broken }) => broken)).toEqual([false, true, false]);
  });

  it('that the market was closed takes no place and breaks nothing', () => {
    const gaps = [{ fromUs: at(1), toUs: at(50), cause: 'market_closed' }];
    const slots = slotsOf({ ...input, bars: [bar(0), bar(50)], gaps });
    expect(slots.map(({ cause, broken }) => [cause, broken])).toEqual([
      [null, false],
      [null, false],
    ]);
  });

  it('an open gap reaches to now, and a long one is shortened', () => {
    const gaps = [{ fromUs: at(1), toUs: Number.POSITIVE_INFINITY, cause: 'silent' }];
    expect(minutesOf(slotsOf({ ...input, bars: [bar(0)], gaps, nowUs: at(3) + 1 }))).toEqual([0, 1, 2]);
    const long = slotsOf({ ...input, bars: [bar(0)], gaps, nowUs: at(1000) });
    expect(long.length).toBeGreaterThan(10);
    expect(long.length).toBeLessThan(30);
  });

  it("a broker's candles stand before our own bars and not beside them", () => {
    const slots = slotsOf({ ...input, candles: [candle(-2), candle(-1), candle(0)], bars: [bar(0)] });
    expect(minutesOf(slots)).toEqual([-2, -1, 0]);
    expect(slots.map(({ bar: own, candle: other }) => [own !== null, other !== null])).toEqual([
      [false, true],
      [false, true],
      [true, false],
    ]);
  });

  it('a new day in India is told', () => {
    const slots = slotsOf({ ...input, bars: [bar(0), bar(60), bar(24 * 60)], nowUs: at(2000) });
    expect(slots.map(({ newDay }) => newDay)).toEqual([true, false, true]);
  });

  it('instants and places are told of each other', () => {
    const slots = slotsOf({ ...input, bars: [bar(0), bar(1), bar(5)] });
    for (const place of [-3.5, 0, 0.25, 1.5, 2, 2.75, 9]) {
      expect(placeOf(slots, MINUTE_US, instantAt(slots, MINUTE_US, place))).toBeCloseTo(place, 6);
    }
    expect(slotAt(slots, at(4))).toBe(1);
    expect(slotAt(slots, at(0) - 1)).toBe(-1);
    // In the minutes that have no place one is at the end of the bar before them.
    expect(placeOf(slots, MINUTE_US, at(3))).toBe(2);
  });

  it('a time that reaches to the newest place is the live edge, which must not become the past', () => {
    const slots = slotsOf({ ...input, bars: [bar(0), bar(1), bar(5)] });
    expect(timeBetween(slots, MINUTE_US, { from: 0, to: 2 })).toBeNull();
    expect(timeBetween(slots, MINUTE_US, { from: 0, to: 1.5 })).toEqual({ fromUs: at(0), toUs: at(1) + MINUTE_US / 2 });
  });

  it('a bar is partial that was not wholly heard, and an open one never', () => {
    expect([bar(0, 1), bar(0, 0.5), bar(0, null)].map(isPartial)).toEqual([false, true, false]);
  });
});
