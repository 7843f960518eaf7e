import { describe, expect, it } from 'vitest';
import { istTimeUs } from '../core/ist.ts';
import { Calendar, type Segment } from './calendar.ts';
import { KNOWN_UNTIL, SPECIAL_DAYS } from './nse.ts';
import { closedWords, momentWords } from './words.ts';

const calendar = new Calendar();

/** `09:00-09:08 pre_open_order_entry`, as a person would write it. */
function written(date: string, segment: Segment): string[] {
  const time = (us: number): string => new Date(us / 1000 + 19_800_000).toISOString().slice(11, 16);
  return calendar
    .sessionsOn(date, segment)
    .flatMap(({ phases }) => phases.map(({ name, fromUs, toUs }) => `${time(fromUs)}-${time(toUs)} ${name}`));
}

describe('days', () => {
  it.each([
    ['2026-11-23', true, 'a Monday'],
    ['2026-11-24', false, 'a holiday'],
    ['2026-11-28', false, 'a Saturday'],
    ['2025-02-01', true, 'a Saturday with a full session'],
    ['2026-02-01', true, 'a Sunday with a full session'],
    ['2026-01-15', false, 'a holiday added at short notice'],
    ['2025-10-20', true, 'the day before Diwali of 2025, which others have wrong'],
    ['2025-10-21', false, 'a Muhurat session makes no ordinary trading day'],
    ['2026-08-15', false, 'a holiday on a Saturday'],
  ])('%s: trading day %s (%s)', (date, trades) => {
    expect(calendar.isTradingDay(date)).toBe(trades);
  });

  it('has each special day once, in order, with a source', () => {
    const dates = SPECIAL_DAYS.map(({ date }) => date);
    expect(dates).toEqual([...new Set(dates)].toSorted());
    expect(SPECIAL_DAYS.filter(({ source, name }) => source === '' || name === '')).toEqual([]);
  });
});

describe('phases', () => {
  it('has the cash market of January, August and September 2026', () => {
    expect(written('2026-01-16', 'CM')).toEqual([
      '09:00-09:08 pre_open_order_entry',
      '09:15-15:30 normal',
      '15:40-16:00 post_close',
    ]);
    expect(written('2026-01-16', 'CM_FO_STOCKS')).toEqual(written('2026-01-16', 'CM'));
    expect(written('2026-08-03', 'CM').at(-1)).toBe('15:50-16:00 post_close');
    expect(written('2026-09-07', 'CM')).toEqual([
      '09:00-09:05 pre_open_entry_all',
      '09:05-09:10 pre_open_entry_limit',
      '09:10-09:12 pre_open_matching',
      '09:15-15:30 normal',
      '15:50-16:00 post_close',
    ]);
    expect(written('2026-09-04', 'CM')[0]).toBe('09:00-09:08 pre_open_order_entry');
  });

  it('has the closing auction of stocks with derivatives since August 2026', () => {
    expect(written('2026-07-31', 'CM_FO_STOCKS')[1]).toBe('09:15-15:30 normal');
    expect(written('2026-08-03', 'CM_FO_STOCKS').slice(1)).toEqual([
      '09:15-15:15 continuous',
      '15:15-15:20 closing_auction_reference',
      '15:20-15:25 closing_auction_entry',
      '15:25-15:30 closing_auction_limit_only',
      '15:30-15:35 closing_auction_matching',
      '15:50-16:00 post_close',
    ]);
  });

  it('has the pre-open of derivatives since December 2025 and their later close since August 2026', () => {
    expect(written('2025-12-05', 'FO')).toEqual(['09:15-15:30 normal']);
    expect(written('2025-12-08', 'FO')).toEqual([
      '09:00-09:08 pre_open_order_entry',
      '09:08-09:12 pre_open_matching',
      '09:15-15:30 normal',
    ]);
    expect(written('2026-07-31', 'FO').at(-1)).toBe('09:15-15:30 normal');
    expect(written('2026-08-03', 'FO').at(-1)).toBe('09:15-15:40 normal');
  });

  it('tells phase, pause and closed apart at their very edges', () => {
    const at = (time: string, plusUs = 0) => calendar.phaseAt('FO', istTimeUs('2026-11-23', time) + plusUs);
    expect(at('09:00', -1).kind).toBe('closed');
    expect(at('09:00')).toMatchObject({ kind: 'phase', phase: { name: 'pre_open_order_entry' } });
    expect(at('09:12')).toMatchObject({ kind: 'pause', next: { name: 'normal' } });
    expect(at('15:40', -1)).toMatchObject({ kind: 'phase', phase: { name: 'normal' } });
    expect(at('15:40')).toMatchObject({ kind: 'closed', next: { date: '2026-11-25' } });
    expect(calendar.sessionsOn('2026-11-23', 'FO')[0]?.normalOpenUs).toBe(istTimeUs('2026-11-23', '09:15'));
    expect(calendar.nextOpen('FO', istTimeUs('2026-11-23', '15:40'))).toBe(istTimeUs('2026-11-25', '09:00'));
  });
});

describe('what is not known', () => {
  it('takes a Muhurat session for the whole day until its hours are entered', () => {
    expect(calendar.sessionsOn('2026-11-08', 'FO')).toMatchObject([
      {
        certainty: 'unknown',
        fromUs: istTimeUs('2026-11-08', '00:00'),
        toUs: istTimeUs('2026-11-09', '00:00'),
      },
    ]);
    const entered = new Calendar({
      days: [{ date: '2026-11-08', kind: 'muhurat', name: 'Diwali', hours: { start: '18:00', end: '19:15' } }],
    });
    expect(entered.sessionsOn('2026-11-08', 'CM')).toMatchObject([
      { certainty: 'known', fromUs: istTimeUs('2026-11-08', '18:00'), toUs: istTimeUs('2026-11-08', '19:15') },
    ]);
  });

  it('takes a late holiday and a session on a weekend from what was entered', () => {
    const entered = new Calendar({
      knownUntil: '2027-12-31',
      days: [
        { date: '2026-11-27', kind: 'holiday', name: 'announced late' },
        { date: '2026-11-28', kind: 'full_session', name: 'instead' },
      ],
    });
    expect(entered.isTradingDay('2026-11-27')).toBe(false);
    expect(entered.isTradingDay('2026-11-28')).toBe(true);
    expect([calendar.knownUntil, entered.knownUntil]).toEqual([KNOWN_UNTIL, '2027-12-31']);
    // A stale file takes nothing away.
    expect(new Calendar({ knownUntil: '2025-12-31', days: [] }).knownUntil).toBe(KNOWN_UNTIL);
  });

  it('assumes ordinary days beyond the last year it knows, and the hours of exchanges without a source', () => {
    expect(calendar.sessionsOn('2027-02-01', 'FO')[0]?.certainty).toBe('assumed');
    expect(calendar.sessionsOn('2026-11-23', 'FO')[0]?.certainty).toBe('known');
    expect(calendar.sessionsOn('2026-11-23', 'BSE_FO')[0]?.certainty).toBe('assumed');
    // MCX has evening sessions on many of NSE's holidays.
    expect(calendar.sessionsOn('2026-11-24', 'COMMODITY')[0]?.certainty).toBe('assumed');
    expect(calendar.sessionsOn('2026-11-24', 'CURRENCY')).toEqual([]);
  });

  it('takes MCX to have NSE’s sessions on a weekend, and no other', () => {
    expect(calendar.sessionsOn('2026-11-08', 'COMMODITY')).toMatchObject([{ name: 'Diwali Laxmi Pujan' }]);
    expect(calendar.sessionsOn('2026-02-01', 'COMMODITY')).toMatchObject([
      { fromUs: istTimeUs('2026-02-01', '09:00') },
    ]);
    expect(calendar.sessionsOn('2026-11-21', 'COMMODITY')).toEqual([]);
  });
});

it('says it in words', () => {
  const closedUs = istTimeUs('2026-11-23', '16:00');
  expect(closedWords(calendar, ['FO'], closedUs)).toBe('market closed, opens on Wed 25 Nov at 09:00 IST');
  expect(closedWords(calendar, ['FO'], istTimeUs('2026-11-23', '08:00'))).toBe(
    'market closed, opens today at 09:00 IST',
  );
  expect(closedWords(calendar, ['FO'], istTimeUs('2026-11-07', '12:00'))).toBe(
    'market closed, opens on Sun 8 Nov for Diwali Laxmi Pujan, at an hour that is not announced yet',
  );
  const words = (date: string, time: string): string => {
    const us = istTimeUs(date, time);
    return momentWords(calendar.phaseAt('CM', us), us);
  };
  expect(words('2026-11-23', '11:00')).toBe('open until 15:30 IST');
  expect(words('2026-11-23', '15:35')).toBe('pause until 15:50 IST');
  expect(words('2026-11-08', '15:35')).toBe('Diwali Laxmi Pujan: hours not announced, recorded all day');
});
