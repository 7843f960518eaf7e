import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AGGRESSOR } from '../core/aggressor.ts';
import { T0, tickOf } from './test-support.ts';
import { clusterPrice, clusterTimeUs, clusterTrades, clusterVolume, TradeList } from './trades.ts';

describe('trades', () => {
  it('holds each once and in order, whichever way and how often they come', () => {
    const offsets = fc.uniqueArray(fc.nat({ max: 500 }), { minLength: 1, maxLength: 150 });
    fc.assert(
      fc.property(offsets, fc.array(fc.nat({ max: 1000 }), { maxLength: 60 }), (times, again) => {
        const list = new TradeList();
        const order = [...times, ...again.map((i) => times[i % times.length] as number)];
        for (const time of order) list.add(tickOf(T0 + time, { volume: time }));
        const held = Array.from(list.stampsUs.subarray(0, list.count));
        expect(held).toEqual([...times].sort((a, b) => a - b).map((time) => T0 + time));
      }),
    );
  });

  it('keeps two trades of one frame apart by the volume of the day', () => {
    const list = new TradeList();
    expect(list.add(tickOf(T0, { volume: 100 }))).toBe(true);
    expect(list.add(tickOf(T0, { volume: 165 }))).toBe(true);
    expect(list.add(tickOf(T0, { volume: 100 }))).toBe(false);
    expect(list.count).toBe(2);
  });

  it('clusters by column and price row, and loses no volume', () => {
    const trade = fc.record({
      at: fc.nat({ max: 3_000_000 }),
      price: fc.integer({ min: 900, max: 1100 }),
      volume: fc.integer({ min: 1, max: 5000 }),
      aggressor: fc.constantFrom(AGGRESSOR.unknown, AGGRESSOR.buy, AGGRESSOR.sell),
    });
    fc.assert(
      fc.property(fc.array(trade, { maxLength: 80 }), (trades) => {
        const list = new TradeList();
        trades.forEach(({ at, price, volume, aggressor }, i) => {
          list.add(tickOf(T0 + at, { lastPrice: price, volumeDelta: volume, aggressor, volume: i }));
        });
        const clusters = clusterTrades(list, { widthUs: 250_000, rowUnits: 50, least: 0 });
        const names = clusters.map(({ fromUs, row }) => `${fromUs} ${row}`);
        expect(new Set(names).size).toBe(names.length);
        const total = trades.reduce((sum, { volume }) => sum + volume, 0);
        expect(clusters.reduce((sum, cluster) => sum + clusterVolume(cluster), 0)).toBe(total);
      }),
    );
  });

  it('tells who initiated how much, and how much of it was observed', () => {
    const list = new TradeList();
    list.add(tickOf(T0, { volumeDelta: 100, aggressor: AGGRESSOR.buy, confidence: 3, volume: 1 }));
    list.add(tickOf(T0 + 1, { volumeDelta: 300, aggressor: AGGRESSOR.sell, confidence: 1, volume: 2 }));
    const [cluster] = clusterTrades(list, { widthUs: 250_000, rowUnits: 10, least: 0 });
    expect(cluster).toMatchObject({ bought: 100, sold: 300, unknown: 0 });
    expect(cluster?.observed).toBe(100);
  });

  it('makes every trade a cluster of its own, at its own time, where none are to be joined', () => {
    const list = new TradeList();
    list.add(tickOf(T0 + 10, { volume: 1 }));
    list.add(tickOf(T0 + 20, { volume: 2 }));
    const clusters = clusterTrades(list, { widthUs: 0, rowUnits: 10, least: 0 });
    expect(clusters.map(clusterTimeUs)).toEqual([T0 + 10, T0 + 20]);
    expect(clusterTrades(list, { widthUs: 1_000_000, rowUnits: 10, least: 0 })).toHaveLength(1);
  });

  it('knows what was paid on average for what it joins', () => {
    const list = new TradeList();
    list.add(tickOf(T0, { lastPrice: 1000, volumeDelta: 100, volume: 1 }));
    list.add(tickOf(T0 + 1, { lastPrice: 1020, volumeDelta: 300, volume: 2 }));
    const joined = clusterTrades(list, { widthUs: 250_000, rowUnits: 100, least: 0 });
    expect(joined.map(clusterPrice)).toEqual([1015]);
    const apart = clusterTrades(list, { widthUs: 250_000, rowUnits: 10, least: 0 });
    expect(apart.map(clusterPrice)).toEqual([1000, 1020]);
  });

  it('filters single trades before they are joined, not their sum', () => {
    const list = new TradeList();
    list.add(tickOf(T0, { volumeDelta: 60, volume: 1 }));
    list.add(tickOf(T0 + 1, { volumeDelta: 60, volume: 2 }));
    list.add(tickOf(T0 + 2, { volumeDelta: 100, volume: 3 }));
    const [cluster] = clusterTrades(list, { widthUs: 250_000, rowUnits: 10, least: 100 });
    expect(cluster && clusterVolume(cluster)).toBe(100);
    expect(cluster?.trades).toBe(1);
  });
});
