import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MarketHours } from '../calendar/hours.ts';
import { TradingHours } from '../calendar/trading-hours.ts';
import { istTimeUs } from '../core/ist.ts';
import { coverageOf, coverageOfDay } from './coverage.ts';

const DAY = '2026-11-25';
const at = (time: string): number => istTimeUs(DAY, time);
const MINUTE_US = 60_000_000;

describe('coverage', () => {
  const spans = [
    { fromUs: at('09:00'), toUs: at('09:08') },
    { fromUs: at('09:15'), toUs: at('15:30') },
  ];

  it('is whole without a gap, and nothing can be said of a day without trading', () => {
    expect(coverageOf(spans, [])).toMatchObject({ share: 1, missingUs: 0, missed: [] });
    expect(coverageOf([], [{ fromUs: 0, toUs: null, cause: 'network' }])).toMatchObject({ share: null, expectedUs: 0 });
  });

  it('counts a gap only within the sessions, and names its cause', () => {
    const { missingUs, missed, byCause } = coverageOf(spans, [
      { fromUs: at('09:06'), toUs: at('09:20'), cause: 'network' },
      { fromUs: at('15:20'), toUs: null, cause: 'auth' },
      { fromUs: at('08:00'), toUs: at('09:00'), cause: 'market_closed' },
    ]);
    expect(missingUs).toBe((2 + 5 + 10) * MINUTE_US);
    expect(missed.map(({ cause }) => cause)).toEqual(['network', 'network', 'auth']);
    expect(byCause).toEqual([
      ['auth', 10 * MINUTE_US],
      ['network', 7 * MINUTE_US],
    ]);
  });

  it('takes what lies before the first subscription for not recorded, and nothing after what is stored', () => {
    const coverage = coverageOf(spans, [], { heardFromUs: at('09:45'), untilUs: at('10:15') });
    expect(coverage.expectedUs).toBe((8 + 60) * MINUTE_US);
    expect(coverage.byCause).toEqual([['not_recorded', 38 * MINUTE_US]]);
  });

  it('takes what lies outside of what is stored for not recorded, where no gap says why', () => {
    const gaps = [
      { fromUs: at('09:30'), toUs: at('09:35'), cause: 'network' },
      { fromUs: at('15:10'), toUs: null, cause: 'collector_down' },
    ];
    const { missed, share } = coverageOf([{ fromUs: at('09:15'), toUs: at('15:30') }], gaps, {
      heardFromUs: at('09:45'),
      heardToUs: at('15:00'),
    });
    expect(missed).toEqual([
      { fromUs: at('09:15'), toUs: at('09:30'), cause: 'not_recorded' },
      { fromUs: at('09:30'), toUs: at('09:35'), cause: 'network' },
      { fromUs: at('09:35'), toUs: at('09:45'), cause: 'not_recorded' },
      { fromUs: at('15:00'), toUs: at('15:10'), cause: 'not_recorded' },
      { fromUs: at('15:10'), toUs: at('15:30'), cause: 'collector_down' },
    ]);
    expect(share).toBeCloseTo(1 - 60 / 375, 12);
  });

  it('loses nothing to a closed market', () => {
    const closed = { fromUs: at('10:00'), toUs: at('11:00'), cause: 'market_closed' };
    expect(coverageOf(spans, [closed])).toMatchObject({ share: 1, missed: [] });
  });

  it('is nothing where nothing is stored', () => {
    expect(coverageOf(spans, [], { heardFromUs: Number.POSITIVE_INFINITY }).share).toBe(0);
    expect(coverageOf(spans, [], { heardToUs: 0 }).share).toBe(0);
  });

  it('never counts a moment twice: expected is heard and missed', () => {
    const minute = fc.integer({ min: 0, max: 480 });
    const gap = fc.record({ from: minute, length: fc.integer({ min: 1, max: 200 }) });
    fc.assert(
      fc.property(fc.array(gap, { maxLength: 12 }), (drawn) => {
        const gaps = drawn.map(({ from, length }) => ({
          fromUs: at('08:30') + from * MINUTE_US,
          toUs: at('08:30') + (from + length) * MINUTE_US,
          cause: 'network',
        }));
        // The same by looking at each minute.
        let missed = 0;
        for (const { fromUs, toUs } of spans) {
          for (let us = fromUs; us < toUs; us += MINUTE_US) {
            if (gaps.some((one) => us >= one.fromUs && us < one.toUs)) missed += 1;
          }
        }
        expect(coverageOf(spans, gaps).missingUs).toBe(missed * MINUTE_US);
      }),
    );
  });
});

describe('coverage of a day', () => {
  const nse = new TradingHours(new MarketHours('calendar'), 'NSE');
  it('is the share of continuous trading, and lists what was missed of the auctions too', () => {
    const gaps = [
      { fromUs: at('08:50'), toUs: at('09:06'), cause: 'auth' },
      { fromUs: at('15:29'), toUs: at('15:33'), cause: 'network' },
    ];
    const { share, missed } = coverageOfDay(nse, DAY, gaps);
    expect(share).toBeCloseTo(1 - 1 / 375, 12);
    expect(missed).toEqual([
      { fromUs: at('09:00'), toUs: at('09:06'), cause: 'auth' },
      { fromUs: at('15:29'), toUs: at('15:33'), cause: 'network' },
    ]);
  });
  it('is nothing to be said of a Sunday', () => {
    expect(coverageOfDay(nse, '2026-11-22', [])).toEqual({ share: null, missed: [] });
  });
});
