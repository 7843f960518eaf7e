import { describe, expect, it } from 'vitest';
import { liveEdgeUs } from './live-edge.ts';
import { T0 } from './test-support.ts';

const COLUMN_US = 250_000;
const SPAN_US = 100_000_000;

describe('live edge', () => {
  it('is the end of the current column', () => {
    expect(liveEdgeUs(T0 + 10, T0, false, SPAN_US, COLUMN_US)).toBe(T0 + COLUMN_US);
  });

  it('goes on in a gap, up to half of the chart', () => {
    expect(liveEdgeUs(T0 + 20_000_000, T0, true, SPAN_US, COLUMN_US)).toBe(T0 + 20_000_000 + COLUMN_US);
    expect(liveEdgeUs(T0 + 900_000_000, T0, true, SPAN_US, COLUMN_US)).toBe(T0 + SPAN_US / 2 + COLUMN_US);
  });

  it('stays at the end of a session, so that its last minutes are seen', () => {
    expect(liveEdgeUs(T0 + 10 ** 11, T0, false, 10 ** 9, COLUMN_US)).toBe(T0 + 60_000_000 + COLUMN_US);
  });

  it('is now where nothing is known', () => {
    expect(liveEdgeUs(T0 + 1, 0, false, SPAN_US, COLUMN_US)).toBe(T0 + COLUMN_US);
  });
});
