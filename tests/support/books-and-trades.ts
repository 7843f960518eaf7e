/** Books and trades, made up and any, for tests of what is computed from them. */
import fc from 'fast-check';
import { AGGRESSOR, type Aggressor } from '../../lib/core/aggressor.ts';
import { SideLevels } from '../../lib/core/side.ts';
import type { Trade } from '../../lib/orderflow/bars.ts';

export type LevelTuple = readonly [price: number, quantity: number, orders?: number];

export function sideOf(levels: readonly LevelTuple[]): SideLevels {
  const side = new SideLevels();
  for (const [price, quantity, orders = 0] of levels) {
    side.prices[side.count] = price;
    side.quantities[side.count] = quantity;
    side.orders[side.count] = orders;
    side.count += 1;
  }
  return side;
}

export const levelsOf = (side: SideLevels): LevelTuple[] =>
  Array.from({ length: side.count }, (_, i) => [side.prices[i] as number, side.quantities[i] as number]);

const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5000 })), {
  minLength: 1,
  maxLength: 200,
});

/** A two-sided book around a mid: best first, prices strictly apart. */
export const anyBook = fc
  .record({
    bid: fc.integer({ min: 20_000, max: 3_000_000 }),
    spread: fc.integer({ min: 1, max: 40 }),
    bids: steps,
    asks: steps,
  })
  .map(({ bid, spread, bids, asks }) => ({
    bids: sideOf(walk(bid, bids, -1)),
    asks: sideOf(walk(bid + spread, asks, 1)),
  }));

function walk(from: number, steps: readonly (readonly [number, number])[], direction: 1 | -1): LevelTuple[] {
  let price = from;
  return steps.map(([step, quantity], i) => {
    if (i > 0) price += direction * step;
    return [price, quantity];
  });
}

const SIDES: readonly Aggressor[] = [AGGRESSOR.unknown, AGGRESSOR.buy, AGGRESSOR.sell];

/** Trades in the order of their stamps, within some hours of a trading day. */
export const anyTrades = fc
  .array(
    fc.record({
      gapUs: fc.integer({ min: 0, max: 20_000_000 }),
      price: fc.integer({ min: 9_900, max: 10_100 }),
      quantity: fc.integer({ min: 1, max: 1000 }),
      aggressor: fc.constantFrom(...SIDES),
      oi: fc.integer({ min: 0, max: 1_000_000 }),
    }),
    { minLength: 1, maxLength: 300 },
  )
  .map((trades): Trade[] => {
    // 2026-11-25 09:15 IST.
    let stampUs = 1_795_578_300_000_000;
    return trades.map(({ gapUs, ...trade }) => {
      stampUs += gapUs;
      return { ...trade, stampUs };
    });
  });
