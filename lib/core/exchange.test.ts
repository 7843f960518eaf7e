import { describe, expect, it } from 'vitest';
import { DHAN_DEPTH_SEGMENTS, DHAN_SEGMENT_CODES, EXCHANGES, isExchange } from './exchange.ts';

describe('exchanges', () => {
  it.each([
    ['NSE', 100, 1, 'NSE_EQ', 1],
    ['NFO', 100, 2, 'NSE_FNO', 2],
    ['CDS', 10_000_000, 3, 'NSE_CURRENCY', 3],
    ['BSE', 100, 4, 'BSE_EQ', 4],
    ['BFO', 100, 5, 'BSE_FNO', 8],
    ['BCD', 10_000, 6, 'BSE_CURRENCY', 7],
    ['MCX', 100, 7, 'MCX_COMM', 5],
    ['INDICES', 100, 9, 'IDX_I', 0],
  ] as const)('%s: %i units a rupee, Kite segment %i, Dhan %s = %i', (name, scale, kite, dhan, code) => {
    expect(EXCHANGES[name]).toEqual({ priceScale: scale, kiteSegment: kite, dhanSegment: dhan });
    expect(DHAN_SEGMENT_CODES[dhan]).toBe(code);
    expect(isExchange(name)).toBe(true);
  });

  it('are these and no others', () => {
    expect(Object.keys(EXCHANGES).length).toBe(8);
    expect(Object.keys(DHAN_SEGMENT_CODES).length).toBe(8);
    for (const name of ['', 'nse', 'NSE_EQ', 'toString', '__proto__']) expect(isExchange(name)).toBe(false);
  });

  it('with full depth are NSE’s cash and derivatives', () => {
    expect([...DHAN_DEPTH_SEGMENTS]).toEqual(['NSE_EQ', 'NSE_FNO']);
  });
});
