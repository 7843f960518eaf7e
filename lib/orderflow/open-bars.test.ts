import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ABSENT } from '../core/absent.ts';
import type { Aggressor } from '../core/aggressor.ts';
import { addTrade, type Bar, barStart, newBar, type Trade } from './bars.ts';
import { Footprint } from './footprint.ts';
import { OpenBars, type SeriesBar } from './open-bars.ts';

const MINUTE_US = 60_000_000;
/** A whole minute of a trading day. */
const OPEN_US = Date.parse('2026-11-25T09:15:00+05:30') * 1000;

/** The bars of some trades, made without the class. */
function barsOf(trades: readonly Trade[], barUs: number, rowHeight: number | null): SeriesBar[] {
  const bars = new Map<number, SeriesBar>();
  for (const trade of trades) {
    const fromUs = barStart(trade.stampUs, barUs);
    const bar = bars.get(fromUs) ?? {
      ...newBar(fromUs),
      coverage: 1,
      footprint: rowHeight === null ? null : new Footprint(rowHeight),
    };
    bars.set(fromUs, bar);
    addTrade(bar, trade);
    bar.footprint?.add(trade.price, trade.quantity, trade.aggressor);
  }
  return [...bars.values()];
}

const numbersOf = (bars: readonly SeriesBar[]) =>
  bars.map(({ coverage: _, footprint, ...bar }) => ({ ...(bar as Bar), cells: footprint?.rows() ?? null }));

const anyTrades = fc.uniqueArray(fc.integer({ min: 0, max: 10 * MINUTE_US - 1 }), { maxLength: 60 }).chain((offsets) =>
  fc.tuple(
    ...offsets
      .sort((a, b) => a - b)
      .map((offset) =>
        fc.record({
          stampUs: fc.constant(OPEN_US + offset),
          price: fc.integer({ min: 990, max: 1010 }),
          quantity: fc.integer({ min: 1, max: 500 }),
          aggressor: fc.constantFrom<Aggressor>(0, 1, 2),
          oi: fc.constantFrom(ABSENT, 1000, 2000),
        }),
      ),
  ),
);

describe('open bars', () => {
  it('are the bars of all trades, however they are divided between what is stored, the tape and the stream', () => {
    fc.assert(
      fc.property(
        anyTrades,
        fc.constantFrom(1_000_000, MINUTE_US, 3 * MINUTE_US),
        fc.constantFrom(null, 1, 5),
        fc.nat({ max: 10 }),
        fc.nat({ max: 60 }),
        fc.nat({ max: 60 }),
        (trades, barUs, rowHeight, minutes, tapeTo, liveFrom) => {
          const settledUs = OPEN_US + minutes * MINUTE_US;
          const stored = trades.filter(({ stampUs }) => stampUs < settledUs);
          const series = new OpenBars(barUs, rowHeight);
          // The stream has begun before the tape was read to its end: they overlap, and nothing lies between them.
          for (const trade of trades.slice(Math.min(liveFrom, tapeTo))) series.add(trade);
          series.settle(OPEN_US, settledUs, barsOf(stored, barUs, rowHeight));
          series.addAll(trades.slice(0, Math.max(liveFrom, tapeTo)));
          expect(numbersOf(series.all())).toEqual(numbersOf(barsOf(trades, barUs, rowHeight)));
          // A minute later more of it is stored.
          const laterUs = settledUs + MINUTE_US;
          const later = trades.filter(({ stampUs }) => stampUs < laterUs);
          series.settle(OPEN_US, laterUs, barsOf(later, barUs, rowHeight));
          expect(numbersOf(series.all())).toEqual(numbersOf(barsOf(trades, barUs, rowHeight)));
        },
      ),
    );
  });

  it('leave the stored ones as they are, and have no coverage while they are open', () => {
    const [stored] = barsOf(
      [{ stampUs: OPEN_US + 1, price: 1000, quantity: 5, aggressor: 1, oi: ABSENT }],
      3 * MINUTE_US,
      1,
    );
    const series = new OpenBars(3 * MINUTE_US, 1);
    series.settle(OPEN_US, OPEN_US + MINUTE_US, [stored as SeriesBar]);
    const open = series.add({ stampUs: OPEN_US + MINUTE_US, price: 1001, quantity: 7, aggressor: 2, oi: 10 });
    expect(open).toMatchObject({ volume: 12, buy: 5, sell: 7, coverage: null, oi: 10 });
    expect(series.storedAt(OPEN_US)).toMatchObject({ volume: 5, coverage: 1, oi: ABSENT });
    expect(series.isOpen({ fromUs: OPEN_US })).toBe(true);
    expect(series.add({ stampUs: OPEN_US + 2, price: 1, quantity: 1, aggressor: 0, oi: ABSENT })).toBeNull();
  });

  it('older ones are put before the others', () => {
    const trade = (stampUs: number): Trade => ({ stampUs, price: 10, quantity: 1, aggressor: 0, oi: ABSENT });
    const series = new OpenBars(MINUTE_US, null);
    series.settle(OPEN_US, OPEN_US + MINUTE_US, barsOf([trade(OPEN_US)], MINUTE_US, null));
    series.settle(OPEN_US - MINUTE_US, OPEN_US, barsOf([trade(OPEN_US - 5)], MINUTE_US, null));
    expect(series.all().map(({ fromUs }) => fromUs)).toEqual([OPEN_US - MINUTE_US, OPEN_US]);
    expect(series.settledUs).toBe(OPEN_US + MINUTE_US);
  });
});
