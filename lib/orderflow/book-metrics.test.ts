import fc from 'fast-check';
import {
  costOfRoundTrip,
  depthImbalance,
  depthWithin as depthWithinOracle,
  OrderBook,
  orderBookSlope,
  simulateMarketOrder,
  weightedMid,
} from 'orderflow-metrics';
import { describe, expect, it } from 'vitest';
import { anyBook, levelsOf, sideOf } from '../../tests/support/books-and-trades.ts';
import { ABSENT } from '../core/absent.ts';
import { SideLevels } from '../core/side.ts';
import {
  averageOrderSize,
  averagePriceFor,
  BOOK_METRICS,
  BookMetrics,
  depthWithin,
  halfQuantityPrice,
  imbalanceOf,
  imbalanceWithin,
  midOf,
  quantityWeightedPrice,
  roundTripBps,
  slopeOf,
  spreadOf,
  vampOf,
  weightedMidOf,
} from './book-metrics.ts';

// 100×50, 99.95×100, 99.9×200 against 100.05×40, 100.1×10, 100.15×400, in paise.
const bids = sideOf([
  [10_000, 50, 2],
  [9_995, 100, 5],
  [9_990, 200, 8],
]);
const asks = sideOf([
  [10_005, 40, 4],
  [10_010, 10, 1],
  [10_015, 400, 5],
]);
const empty = new SideLevels();

describe('golden book', () => {
  it('is measured as the definitions say', () => {
    expect(spreadOf(bids, asks)).toBe(5);
    expect(midOf(bids, asks)).toBe(10_002.5);
    expect(weightedMidOf(sideOf([[10_000, 9]]), sideOf([[10_100, 1]]))).toBe(10_090);
    expect(imbalanceOf(bids, asks, 1)).toBeCloseTo(0.1111, 4);
    expect(imbalanceOf(bids, asks, 3)).toBe(-0.125);
    expect(imbalanceOf(bids, asks, 200)).toBe(-0.125);
    expect(averagePriceFor(asks, 100)).toBe(10_010.5);
    expect(((averagePriceFor(asks, 100) - midOf(bids, asks)) / midOf(bids, asks)) * 10_000).toBeCloseTo(7.998, 3);
    expect(roundTripBps(bids, asks, 100)).toBeCloseTo(12.9968, 4);
    expect(depthWithin(bids, 10_002.5, 5)).toBe(50);
    expect(depthWithin(asks, 10_002.5, 5)).toBe(40);
    expect(slopeOf(bids, 10_002.5)).toBeCloseTo(280_070, 0);
    expect(averageOrderSize(bids)).toBeCloseTo(350 / 15, 10);
    expect(halfQuantityPrice(bids)).toBe(9_990);
    expect(
      halfQuantityPrice(
        sideOf([
          [100, 5],
          [99, 5],
        ]),
      ),
    ).toBe(100);
    expect(quantityWeightedPrice(asks)).toBeCloseTo((10_005 * 40 + 10_010 * 10 + 10_015 * 400) / 450, 9);
    // By rank, prices crossed with the quantities opposite to them.
    expect(vampOf(bids, asks, 1)).toBeCloseTo((10_000 * 40 + 10_005 * 50) / 90, 9);
  });
});

describe('a book of one side', () => {
  it('has no price of both, and an imbalance of 1 or −1', () => {
    for (const metric of [spreadOf, midOf, weightedMidOf]) expect(metric(bids, empty)).toBe(ABSENT);
    expect(imbalanceOf(bids, empty, 5)).toBe(1);
    expect(imbalanceOf(empty, asks, 5)).toBe(-1);
    expect(imbalanceOf(empty, empty, 5)).toBe(0);
    expect(imbalanceWithin(bids, empty, 10)).toBe(1);
    expect(imbalanceWithin(empty, asks, 10)).toBe(-1);
    expect(imbalanceWithin(empty, empty, 10)).toBe(0);
    expect(roundTripBps(bids, empty, 1)).toBe(ABSENT);
    expect(vampOf(bids, empty, 5)).toBe(ABSENT);
    expect([
      slopeOf(empty, 100),
      quantityWeightedPrice(empty),
      halfQuantityPrice(empty),
      averageOrderSize(empty),
    ]).toEqual(Array(4).fill(ABSENT));
  });

  it('cannot fill more than it holds', () => {
    expect(averagePriceFor(asks, 450)).not.toBe(ABSENT);
    expect(averagePriceFor(asks, 451)).toBe(ABSENT);
    expect(averagePriceFor(asks, 0)).toBe(ABSENT);
  });

  it('has no order size where the feed counts no orders', () => {
    expect(
      averageOrderSize(
        sideOf([
          [100, 5],
          [99, 7],
        ]),
      ),
    ).toBe(ABSENT);
    expect(
      averageOrderSize(
        sideOf([
          [100, 5],
          [99, 7, 2],
        ]),
      ),
    ).toBe(3.5);
  });
});

describe('any book', () => {
  const mirrored = ({ bids: b, asks: a }: { bids: SideLevels; asks: SideLevels }) => ({
    bids: sideOf(levelsOf(a).map(([price, quantity]) => [-price, quantity])),
    asks: sideOf(levelsOf(b).map(([price, quantity]) => [-price, quantity])),
  });

  it('and its mirror image have opposite imbalances and the same spread', () => {
    fc.assert(
      fc.property(anyBook, fc.integer({ min: 1, max: 200 }), (book, levels) => {
        const mirror = mirrored(book);
        expect(imbalanceOf(mirror.bids, mirror.asks, levels)).toBeCloseTo(
          -imbalanceOf(book.bids, book.asks, levels),
          12,
        );
        expect(spreadOf(mirror.bids, mirror.asks)).toBe(spreadOf(book.bids, book.asks));
        expect(weightedMidOf(mirror.bids, mirror.asks)).toBeCloseTo(-weightedMidOf(book.bids, book.asks), 6);
      }),
    );
  });

  it('is as unbalanced in lots as in units, and costs as many basis points in paise as in rupees', () => {
    fc.assert(
      fc.property(anyBook, ({ bids: b, asks: a }) => {
        const scaled = (side: SideLevels, price: number, quantity: number): SideLevels =>
          sideOf(levelsOf(side).map(([p, q]) => [p * price, q * quantity]));
        expect(imbalanceOf(scaled(b, 1, 65), scaled(a, 1, 65), 20)).toBeCloseTo(imbalanceOf(b, a, 20), 12);
        const quantity = Math.min(...[b, a].map((side) => side.quantities[0] as number));
        expect(roundTripBps(scaled(b, 100, 1), scaled(a, 100, 1), quantity)).toBeCloseTo(
          roundTripBps(b, a, quantity),
          8,
        );
      }),
    );
  });

  it('is measured as an independent library measures it', () => {
    fc.assert(
      fc.property(
        anyBook,
        fc.integer({ min: 1, max: 20_000 }),
        fc.integer({ min: 1, max: 200 }),
        (book, quantity, bps) => {
          const [b, a] = [book.bids, book.asks];
          const plain = (side: SideLevels) => levelsOf(side).map(([price, size]) => ({ price, size }));
          const oracle = new OrderBook();
          for (const { price, size } of plain(b)) oracle.update('bid', price, size);
          for (const { price, size } of plain(a)) oracle.update('ask', price, size);
          const top = {
            bidPrice: b.prices[0] as number,
            bidSize: b.quantities[0] as number,
            askPrice: a.prices[0] as number,
            askSize: a.quantities[0] as number,
          };
          const mid = midOf(b, a);
          expect(mid).toBe(oracle.mid());
          expect(imbalanceOf(b, a, 1)).toBeCloseTo(depthImbalance(top), 12);
          expect(imbalanceOf(b, a, 7)).toBeCloseTo(oracle.imbalance(7), 12);
          expect(weightedMidOf(b, a)).toBeCloseTo(weightedMid(top), 6);
          const within = depthWithinOracle(plain(b), plain(a), bps);
          expect([depthWithin(b, mid, bps), depthWithin(a, mid, bps)]).toEqual([within.bidDepth, within.askDepth]);
          expect(slopeOf(b, mid)).toBeCloseTo(orderBookSlope(plain(b), mid), 3);
          const bought = simulateMarketOrder(oracle, 'buy', quantity);
          if (bought.remainingSize > 0) expect(averagePriceFor(a, quantity)).toBe(ABSENT);
          else expect(averagePriceFor(a, quantity)).toBeCloseTo(bought.avgPrice as number, 6);
          const trip = costOfRoundTrip(plain(b), plain(a), quantity);
          // It gives the cost of what can be filled; ours gives none where not everything can be.
          if (trip.filledSize < quantity) expect(roundTripBps(b, a, quantity)).toBe(ABSENT);
          else expect(roundTripBps(b, a, quantity)).toBeCloseTo(trip.roundTripBps, 8);
        },
      ),
    );
  });
});

describe('BookMetrics', () => {
  it('holds each metric under its name, and nothing of the book before', () => {
    const metrics = new BookMetrics();
    metrics.measure(bids, asks, 10);
    expect(metrics.get('mid')).toBe(10_002.5);
    expect(metrics.get('imbalance1')).toBe(imbalanceOf(bids, asks, 1));
    expect(metrics.get('askWithin5')).toBe(40);
    expect(metrics.get('roundTrip10')).toBe(roundTripBps(bids, asks, 100));
    expect(metrics.values).toHaveLength(BOOK_METRICS.length);
    metrics.measure(bids, empty, 10);
    expect(metrics.get('mid')).toBe(ABSENT);
    expect(metrics.get('askWithin5')).toBe(ABSENT);
    expect(metrics.get('imbalance1')).toBe(1);
  });
});
