import { describe, expect, it } from 'vitest';
import { istTimeUs } from '../core/ist.ts';
import { MarketHours, type Traded } from './hours.ts';

const hours = new MarketHours('calendar');
const NFO: readonly Traded[] = [{ exchange: 'NFO' }];
const NSE: readonly Traded[] = [{ exchange: 'NSE' }];
const at = (date: string, time: string): number => istTimeUs(date, time);

describe('when silence is a fault', () => {
  it.each([
    [NFO, '09:05', false, 'options have no pre-open'],
    [NFO, '09:15', true, 'continuous trading'],
    [NFO, '15:39', true, 'derivatives close at 15:40'],
    [NFO, '15:40', false, 'after the close'],
    [NSE, '15:14', true, 'continuous trading'],
    [NSE, '15:15', false, 'a stock with derivatives is in its closing auction'],
    [NSE, '15:55', false, 'post-close'],
  ])('%j at %s: %s (%s)', (instruments, time, expected) => {
    expect(hours.isDataExpected(instruments, at('2026-11-23', time))).toBe(expected);
  });

  it.each([
    ['MCX', '2026-11-23', '23:29', true],
    ['MCX', '2026-11-23', '23:31', false],
    ['MCX', '2026-11-24', '20:00', false],
    ['MCX', '2026-02-01', '10:00', false],
    ['CDS', '2026-11-23', '10:00', true],
    ['CDS', '2026-11-23', '17:01', false],
  ] as const)('of %s on %s at %s, by assumption: %s', (exchange, date, time, expected) => {
    expect(hours.isDataExpected([{ exchange }], at(date, time))).toBe(expected);
  });

  it('on no day of an unknown session, and always in the demo', () => {
    expect(hours.isDataExpected(NFO, at('2026-11-08', '18:30'))).toBe(false);
    expect(hours.isRecording(NFO, at('2026-11-08', '18:30'))).toBe(true);
    expect(new MarketHours('always').isDataExpected(NFO, at('2026-11-24', '03:00'))).toBe(true);
  });
});

describe('gaps', () => {
  /** `23 14:00-15:40 cause`, days of November 2026. */
  const divided = (
    from: [string, string],
    to: [string, string],
    cause: 'auth' | 'collector_down',
    open = null as null | 'auth' | 'market_closed',
  ) =>
    hours
      .divideGap(NFO, { fromUs: at(`2026-11-${from[0]}`, from[1]), toUs: at(`2026-11-${to[0]}`, to[1]) }, cause, open)
      .map(({ fromUs, toUs, cause: of }) => {
        const words = (us: number): string =>
          new Date(us / 1000 + 19_800_000).toISOString().slice(8, 16).replace('T', ' ');
        return `${words(fromUs)} - ${words(toUs)} ${of}`;
      });

  it('divides a crash at 14:00 and a start at 10:00 two days on, with a holiday between', () => {
    expect(divided(['23', '14:00'], ['25', '10:00'], 'collector_down')).toEqual([
      '23 14:00 - 23 15:40 collector_down',
      '23 15:40 - 25 09:00 market_closed',
      '25 09:00 - 25 10:00 collector_down',
    ]);
  });

  it('ends a closed market at the first phase, and what was missed at the last', () => {
    expect(divided(['23', '15:40'], ['25', '09:20'], 'auth', 'market_closed')).toEqual([
      '23 15:40 - 25 09:00 market_closed',
      '25 09:00 - 25 09:20 auth',
    ]);
    expect(divided(['23', '15:00'], ['23', '16:00'], 'auth', 'auth')).toEqual([
      '23 15:00 - 23 15:40 auth',
      '23 15:40 - 23 16:00 market_closed',
    ]);
  });

  it('leaves alone what lies in one session or one night', () => {
    expect(divided(['23', '10:00'], ['23', '11:00'], 'auth', 'auth')).toEqual(['23 10:00 - 23 11:00 auth']);
    expect(divided(['23', '16:00'], ['23', '23:00'], 'auth', 'market_closed')).toEqual([
      '23 16:00 - 23 23:00 market_closed',
    ]);
    // 09:12 to 09:15 is a buffer of the session.
    expect(divided(['23', '09:10'], ['23', '09:20'], 'auth')).toEqual(['23 09:10 - 23 09:20 auth']);
  });

  it('makes no gap of the last seconds before the close', () => {
    const closeUs = at('2026-11-23', '15:40');
    const night = { fromUs: closeUs - 2_000_000, toUs: closeUs + 60_000_000 };
    expect(hours.divideGap(NFO, night, 'collector_down', null)).toEqual([{ ...night, cause: 'market_closed' }]);
    const missed = { fromUs: closeUs - 20_000_000, toUs: closeUs + 60_000_000 };
    expect(hours.divideGap(NFO, missed, 'collector_down', null)).toHaveLength(2);
  });

  it('is one gap where the market never closes', () => {
    const span = { fromUs: at('2026-11-23', '14:00'), toUs: at('2026-11-25', '10:00') };
    expect(new MarketHours('always').divideGap(NFO, span, 'auth', null)).toEqual([{ ...span, cause: 'auth' }]);
  });
});
