import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGGRESSOR } from '../core/aggressor.ts';
import { emptyTick } from '../heatmap/trades.ts';
import { TapeFilter, tapeSettingsOf } from './tape-filter.ts';
import { type StoredTrade, TapeRows } from './tape-rows.ts';

const UNITS = { lotSize: 10, priceScale: 100 };
const all = new TapeFilter(tapeSettingsOf({}), UNITS);

const storedOf = (stampUs: number, n = 0): StoredTrade => ({
  stampUs,
  n,
  price: 100,
  quantity: 10,
  side: 'buy',
  confidence: 3,
});
const tickOf = (stampUs: number) => ({
  ...emptyTick(),
  stampUs,
  lastPrice: 100,
  volumeDelta: 10,
  volume: stampUs,
  aggressor: AGGRESSOR.buy,
  confidence: 3,
});

describe('rows of a tape', () => {
  it('have no double and no hole at the seam of stored and live, however they come', () => {
    // Trades at 1 … 60; the server has been asked at rising instants and the stream told of any of them, in any order.
    const asked = fc.uniqueArray(fc.integer({ min: 2, max: 61 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(asked, fc.array(fc.integer({ min: 1, max: 60 })), (instants, live) => {
        const rows = new TapeRows();
        const told = [...live];
        let heldTo = 0;
        for (const completeTo of instants.sort((a, b) => a - b)) {
          for (const stamp of told.splice(0, 3)) rows.addLive(tickOf(stamp), all);
          // The answer reaches beyond what is complete.
          const stored = [];
          for (let stamp = completeTo + 1; stamp >= Math.max(1, heldTo); stamp -= 1) stored.push(storedOf(stamp));
          rows.setNewest(stored, completeTo);
          heldTo = completeTo;
        }
        for (const stamp of told) rows.addLive(tickOf(stamp), all);
        const stamps = rows.all.map(({ stampUs }) => stampUs);
        expect(new Set(stamps).size, 'each once').toBe(stamps.length);
        expect(stamps, 'newest first').toEqual([...stamps].sort((a, b) => b - a));
        const complete = Array.from({ length: heldTo - 1 }, (_, i) => heldTo - 1 - i);
        expect(rows.all.filter(({ stored }) => stored).map(({ stampUs }) => stampUs)).toEqual(complete);
        expect(
          stamps.filter((stamp) => stamp < heldTo),
          'nothing but stored below',
        ).toEqual(complete);
      }),
    );
  });

  it('hold two trades of one stamp, and older pages behind', () => {
    const rows = new TapeRows();
    rows.setNewest([storedOf(9, 1), storedOf(9, 0)], 10);
    rows.addOlder([storedOf(8, 4)]);
    expect(rows.all.map(({ name }) => name)).toEqual(['9.1', '9.0', '8.4']);
  });
});

describe('a filter', () => {
  it('is the same for the server and for the stream', () => {
    const filter = new TapeFilter(
      tapeSettingsOf({
        side: 'sell',
        minLots: 2,
        maxLots: 5,
        minPrice: 1,
        maxPrice: 2.5,
        observedOnly: true,
        splitMs: 7,
      }),
      UNITS,
    );
    expect(filter.query).toEqual({
      side: 'sell',
      min_quantity: 20,
      max_quantity: 50,
      min_price: 100,
      max_price: 250,
      min_confidence: 3,
    });
    const fits = { side: 'sell', quantity: 20, price: 250, confidence: 3 } as const;
    expect(filter.takes(fits)).toBe(true);
    for (const off of [
      { side: 'buy' },
      { quantity: 19 },
      { quantity: 51 },
      { price: 99 },
      { price: 251 },
      { confidence: 2 },
    ] as const) {
      expect(filter.takes({ ...fits, ...off }), JSON.stringify(off)).toBe(false);
    }
  });
});
