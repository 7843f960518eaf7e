import { describe, expect, it } from 'vitest';
import { lastBuildUp, recentVolume, sparkline } from './overview.ts';

describe('the overview', () => {
  it('compares the last five minutes with the mean of those before', () => {
    const bars = [10, 10, 10, 10, 30, 30, 30, 30, 30].map((volume) => ({ volume }));
    expect(recentVolume(bars)).toEqual({ recent: 150, times: 3 });
    expect(recentVolume(bars.slice(0, 3))).toEqual({ recent: 30, times: null });
  });

  it('tells the last build-up that is known', () => {
    expect(lastBuildUp([{ buildUp: 'short_covering' }, { buildUp: 'long_build_up' }, { buildUp: null }])).toBe(
      'long_build_up',
    );
    expect(lastBuildUp([{ buildUp: null }])).toBeNull();
  });

  it('draws closes over the whole box, higher ones higher', () => {
    expect(sparkline([5, 10, 5], 20, 10)).toBe('0.0,10.0 10.0,0.0 20.0,10.0');
    expect(sparkline([5], 20, 10)).toBe('');
    expect(sparkline([5, 5], 20, 10)).toBe('0.0,10.0 20.0,10.0');
  });
});
