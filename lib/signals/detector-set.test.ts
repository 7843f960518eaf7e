import { describe, expect, it } from 'vitest';
import { AGGRESSOR, type Aggressor } from '../core/aggressor.ts';
import { ASK, BID, type Side, SideLevels } from '../core/side.ts';
import { Tick } from '../orderflow/tick.ts';
import { restoreState } from './checkpoint.ts';
import { DetectorSet } from './detector-set.ts';
import type { Signal } from './signal.ts';

/** 2026-11-25 09:15 IST, µs. */
const OPEN_US = Date.UTC(2026, 10, 25, 3, 45) * 1000;
const MID = 2_600_000;
const TICK = 10;
const LOT = 65;

/** A book of 200 levels a side, 10 lots each, which a test changes level by level; 4 books a second. */
class Market {
  readonly set = new DetectorSet(1, 31, 200);
  readonly found: Signal[] = [];
  nowUs = OPEN_US;
  private readonly changed = new Map<number, number>();
  private readonly orders = new Map<number, number>();
  /** Levels of the ask side that are gone. */
  askFrom = 1;

  constructor() {
    // Until it is known what is usual: levels, and trades of 1 to 3 lots on both sides.
    for (let i = 0; i < 240; i += 1) {
      // Nowhere so often that it would be more than usual.
      const away = TICK * (1 + (i % 40));
      this.trade(
        i % 2 === 0 ? MID + away : MID - away,
        LOT * (1 + (i % 3)),
        i % 2 === 0 ? AGGRESSOR.buy : AGGRESSOR.sell,
      );
      this.books(1);
    }
    expect(this.found).toEqual([]);
  }

  level(price: number, lots: number, orders = 1): void {
    this.changed.set(price, lots * LOT);
    this.orders.set(price, orders);
  }

  books(count: number): this {
    for (let i = 0; i < count; i += 1) {
      this.nowUs += 250_000;
      for (const side of [BID, ASK] as const) {
        const stampUs = this.nowUs + side * 100;
        this.set.side({ stampUs, n: 0, side, bookTimeUs: this.nowUs, levels: this.levels(side) }, this.found);
      }
    }
    return this;
  }

  /** A tick a millisecond later. */
  trade(price: number, quantity: number, aggressor: Aggressor): this {
    this.nowUs += 1000;
    const tick = new Tick();
    Object.assign(tick, {
      stampUs: this.nowUs,
      instrumentId: 1,
      lastPrice: price,
      volumeDelta: quantity,
      lastQuantity: Math.min(LOT, quantity),
      aggressor,
    });
    this.set.tick(tick, 1, this.found);
    return this;
  }

  /** A tick in which nothing traded. */
  quiet(): this {
    return this.trade(MID, 0, AGGRESSOR.unknown);
  }

  kinds(): string[] {
    return this.found.map(({ kind }) => kind);
  }

  private levels(side: Side): SideLevels {
    const levels = new SideLevels();
    for (let i = side === ASK ? this.askFrom : 1; levels.count < 200; i += 1) {
      const price = MID + (side === BID ? -i : i) * TICK;
      const quantity = this.changed.get(price) ?? 10 * LOT;
      if (quantity === 0) continue;
      levels.prices[levels.count] = price;
      levels.quantities[levels.count] = quantity;
      levels.orders[levels.count] = this.orders.get(price) ?? 2;
      levels.count += 1;
    }
    return levels;
  }
}

const WALL = MID + 20 * TICK;

describe('walls', () => {
  it('appear and are pulled, with the frames that show it', () => {
    const market = new Market();
    market.level(WALL, 200);
    market.books(4);
    market.level(WALL, 5);
    market.books(1).quiet();
    const walls = market.found.filter(({ kind }) => kind.startsWith('wall'));
    expect(walls.map(({ kind, side, lowPrice, size }) => [kind, side, lowPrice, size])).toEqual([
      ['wall_appeared', 'ask', WALL, 200 * LOT],
      ['wall_pulled', 'ask', WALL, 195 * LOT],
    ]);
    expect(walls[1]?.cause.lost).toEqual({ value: 0.975, threshold: 0.8 });
    expect(walls[1]?.evidence.every((frame) => /^31\/\d+\/0$/.test(frame))).toBe(true);
    expect(market.kinds().filter((kind) => kind.startsWith('big'))).toEqual(['big_add', 'big_pull']);
  });

  it('at the touch are told to be filled by the trades that explain it, and pulled without them', () => {
    const filled = new Market();
    filled.level(MID + TICK, 200);
    filled.books(4);
    filled.trade(MID + TICK, 200 * LOT, AGGRESSOR.buy);
    filled.askFrom = 2;
    filled.books(2).quiet();
    expect(filled.kinds().filter((kind) => kind.startsWith('wall'))).toEqual(['wall_appeared', 'wall_filled']);

    const pulled = new Market();
    pulled.level(MID + TICK, 200);
    pulled.books(4);
    pulled.askFrom = 2;
    pulled.books(1);
    // Until a tick has come it may have traded.
    expect(pulled.kinds()).not.toContain('wall_pulled');
    pulled.quiet();
    expect(pulled.kinds().filter((kind) => kind.startsWith('wall'))).toEqual(['wall_appeared', 'wall_pulled']);
  });

  it('that stood before a gap say nothing when they are gone after it', () => {
    const market = new Market();
    market.level(WALL, 200);
    market.books(4);
    market.set.gap({ fromUs: market.nowUs, toUs: 0 });
    market.level(WALL, 5);
    market.books(4).quiet();
    expect(market.kinds().filter((kind) => /pulled|pull|filled|layering/.test(kind))).toEqual([]);
    // Nor does one that is there when watching begins anew appear.
    market.level(WALL, 200);
    market.set.gap({ fromUs: market.nowUs, toUs: 0 });
    const before = market.found.length;
    market.books(4).quiet();
    expect(market.found.slice(before)).toEqual([]);
  });
});

describe('trades', () => {
  it('far larger than usual are told, with what they had to reach', () => {
    const market = new Market();
    market.trade(MID + TICK, 9 * LOT, AGGRESSOR.buy);
    expect(market.found).toEqual([]);
    market.trade(MID + TICK, 40 * LOT, AGGRESSOR.buy);
    expect(market.kinds()).toEqual(['large_trade']);
    const { size, side, cause, severity } = market.found[0] as Signal;
    expect({ size, side, severity }).toEqual({ size: 40 * LOT, side: 'ask', severity: 2 });
    expect(cause.quantity?.threshold).toBeGreaterThan(3 * LOT);
  });

  it('through many levels are a sweep, whether tick or book comes first', () => {
    for (const bookFirst of [false, true]) {
      const market = new Market();
      const tick = () => market.trade(MID + 8 * TICK, 75 * LOT, AGGRESSOR.buy);
      if (!bookFirst) tick();
      market.askFrom = 8;
      market.books(1);
      if (bookFirst) tick();
      const sweeps = market.found.filter(({ kind }) => kind === 'sweep');
      expect(sweeps.map(({ side, lowPrice }) => [side, lowPrice])).toEqual([['ask', MID + TICK]]);
      expect(sweeps[0]?.cause.levels?.value).toBeGreaterThanOrEqual(7);
    }
  });

  it('into a price that holds are absorption; where it trades beyond they are not', () => {
    const holds = new Market();
    for (let i = 0; i < 8; i += 1) holds.trade(MID - TICK, 6 * LOT, AGGRESSOR.sell).books(2);
    expect(holds.kinds()).toContain('absorption');
    const breaks = new Market();
    for (let i = 0; i < 8; i += 1) breaks.trade(MID - TICK - i * 20 * TICK, 6 * LOT, AGGRESSOR.sell).books(2);
    expect(breaks.kinds()).not.toContain('absorption');
  });

  it('at a price that shows the same again and again are an iceberg', () => {
    const market = new Market();
    market.level(MID - TICK, 4);
    market.books(2);
    for (let i = 0; i < 8; i += 1) market.trade(MID - TICK, 4 * LOT, AGGRESSOR.sell).books(1);
    const iceberg = market.found.find(({ kind }) => kind === 'iceberg');
    expect(iceberg?.cause.shownAtMost?.value).toBe(4 * LOT);
    expect(iceberg?.cause.executed?.value).toBeGreaterThanOrEqual(16 * LOT);
    expect(iceberg?.confidence).toBeLessThan(0.7);
  });
});

describe('levels', () => {
  it('of many orders form, become active and go, under one name', () => {
    const market = new Market();
    market.level(WALL, 10, 40);
    market.books(48);
    market.level(WALL, 10, 2);
    market.books(8);
    const states = market.found.filter(({ kind, detector }) => kind === 'key_level' && detector === 'key_levels@1');
    expect(states.map(({ state }) => state)).toEqual(['forming', 'active', 'gone']);
    expect(new Set(states.map(({ id }) => id)).size).toBe(1);
  });

  it('three of which go together are layering', () => {
    const market = new Market();
    for (const i of [20, 23, 26]) market.level(MID - i * TICK, 60);
    market.books(4);
    for (const i of [20, 23, 26]) market.level(MID - i * TICK, 0);
    market.books(1).quiet();
    const layering = market.found.filter(({ kind }) => kind === 'layering');
    expect(layering.map(({ side, lowPrice, highPrice }) => [side, lowPrice, highPrice])).toEqual([
      ['bid', MID - 26 * TICK, MID - 20 * TICK],
    ]);
  });
});

describe('a set of detectors', () => {
  const act = (market: Market): Signal[] => {
    const from = market.found.length;
    market.level(WALL, 200, 40);
    market.books(44);
    market.trade(MID + TICK, 40 * LOT, AGGRESSOR.buy);
    market.level(WALL, 0);
    market.books(4).quiet();
    return market.found.slice(from);
  };

  it('finds the same, by the same names, in the same input', () => {
    const first = act(new Market());
    expect(first.length).toBeGreaterThan(4);
    expect(act(new Market())).toEqual(first);
    const told = first.map(({ id, state }) => `${id} ${state}`);
    expect(new Set(told).size).toBe(told.length);
  });

  it('goes on from what was saved as if nothing had been', () => {
    const market = new Market();
    market.level(WALL, 200, 40);
    market.books(6);
    const continued = new Market();
    // As bytes would bring it back: fields without methods.
    restoreState(continued.set, structuredClone(market.set));
    continued.nowUs = market.nowUs;
    continued.level(WALL, 200, 40);
    const before = market.found.length;
    for (const one of [market, continued]) {
      one.books(40);
      one.level(WALL, 0);
      one.books(2).quiet();
    }
    expect(continued.found).toEqual(market.found.slice(before));
    expect(continued.found.map(({ kind }) => kind)).toContain('wall_pulled');
  });
});
