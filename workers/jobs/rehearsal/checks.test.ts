import { describe, expect, it } from 'vitest';
import { MarketHours } from '../../../lib/calendar/hours.ts';
import type { Check } from '../../../lib/core/finding.ts';
import { istTimeUs } from '../../../lib/core/ist.ts';
import {
  calendarCheck,
  clockCheck,
  feedCheck,
  freeCheck,
  serverCheck,
  type TokenLook,
  tokenCheck,
  writerCheck,
} from './checks.ts';
import { noticeOf } from './rehearsal.ts';

const at = (time: string): number => istTimeUs('2026-11-27', time);
const SESSION = { fromUs: at('09:00'), toUs: at('16:00') };
const look = (state: TokenLook['state'], expires: string | null, detail = 'words'): TokenLook => ({
  state,
  detail,
  expiresMs: expires === null ? null : at(expires) / 1000,
  warning: null,
});
const brief = ({ result, words, link }: Check) => ({ result, words, link });

describe('tokens', () => {
  it('passes one that lasts for the session', () => {
    expect(tokenCheck('kite', look('valid', '20:00'), SESSION).result).toBe('ok');
    expect(tokenCheck('dhan', look('valid', null), SESSION).result).toBe('ok');
    expect(tokenCheck('dhan', look('expiring', '09:30'), null).result).toBe('ok');
  });

  it('fails one that is not there, has ended, or ends before the open, with the page to log in', () => {
    expect(brief(tokenCheck('kite', look('missing', null, 'there is no Kite token yet: log in'), SESSION))).toEqual({
      result: 'fail',
      words: 'There is no Kite token yet: log in.',
      link: '/connections',
    });
    expect(tokenCheck('kite', look('expired', '06:00'), SESSION).result).toBe('fail');
    expect(brief(tokenCheck('dhan', look('expiring', '08:59'), SESSION))).toEqual({
      result: 'fail',
      words: 'It ends at 08:59 IST, before the market opens: log in again.',
      link: '/connections',
    });
  });

  it('warns of one that ends in the session', () => {
    expect(tokenCheck('dhan', look('valid', '11:00'), SESSION)).toMatchObject({ result: 'warn', name: 'token_dhan' });
  });
});

describe('feeds', () => {
  it('says for each cause what to do, and leads to the login only where that helps', () => {
    const of = (cause: 'auth' | 'limit' | 'network') => feedCheck('kite', 'ticks', undefined, { cause, detail: 'x' });
    expect(brief(of('auth'))).toEqual({
      result: 'fail',
      words: 'The test connection failed: x. Log in to the broker again; everything goes on by itself within seconds.',
      link: '/connections',
    });
    expect(of('limit')).toMatchObject({ link: null, words: expect.stringContaining('Close other programs') });
    expect(of('network').words).toContain("this machine's connection");
  });

  it('takes the own connection that stands for proof', () => {
    expect(feedCheck('dhan', 'depth200', undefined, null)).toMatchObject({
      result: 'ok',
      title: 'Dhan 200-level depth',
    });
    expect(feedCheck('dhan', 'live', undefined, { cause: null, detail: '' }).result).toBe('ok');
  });
});

describe('this machine', () => {
  it('grades the free space', () => {
    expect([0.5, 5, 50].map((gib) => freeCheck(gib).result)).toEqual(['fail', 'warn', 'ok']);
  });

  it('grades the clock', () => {
    expect([0, 1999, -2500, 31_000, null].map((skew) => clockCheck(skew).result)).toEqual([
      'ok',
      'ok',
      'warn',
      'fail',
      'warn',
    ]);
    expect(clockCheck(-2500).words).toMatch(/^It is 3 s behind the broker’s/);
  });

  it('passes on what a server says of itself, or why it says nothing', async () => {
    expect((await serverCheck('redis', async () => 'Redis 7 answers.')).words).toBe('Redis 7 answers.');
    const refused = await serverCheck('database', () => Promise.reject(new Error('ECONNREFUSED')));
    expect(refused).toMatchObject({ result: 'fail', words: expect.stringContaining('ECONNREFUSED') });
  });

  it('wants one writer that commits', () => {
    expect(writerCheck([null, 'disk full']).result).toBe('ok');
    expect(writerCheck(['disk full']).words).toContain('disk full');
    expect(writerCheck([]).words).toContain('no writer runs');
  });
});

describe('the calendar', () => {
  const known = (entered?: ConstructorParameters<typeof MarketHours>[1], fault: string | null = null) => ({
    now: new MarketHours('calendar', entered),
    fault,
    stop: () => undefined,
  });

  it('is known for the next thirty days, or it asks', () => {
    expect(calendarCheck(known(), '2026-11-27').result).toBe('ok');
    expect(calendarCheck(known(), '2026-12-02')).toMatchObject({ result: 'warn', link: '/settings/hours' });
    expect(calendarCheck(known({ knownUntil: '2027-12-31', days: [] }), '2026-12-02').result).toBe('ok');
    expect(calendarCheck(known(), '2026-10-12').words).toContain('Diwali Laxmi Pujan on Sun 8 Nov are not known');
    expect(calendarCheck(known(undefined, 'calendar.json is no JSON'), '2026-11-27').result).toBe('fail');
  });
});

it('tells the worst of a morning, and leads where it can be put right', () => {
  const checks = [
    freeCheck(50),
    clockCheck(2500),
    tokenCheck('kite', look('expired', '06:00', 'the Kite token ended'), SESSION),
  ];
  const rehearsal = {
    startedMs: at('08:45') / 1000,
    finishedMs: 0,
    askedBy: 'schedule',
    verdict: 'fail' as const,
    checks,
  };
  expect(noticeOf(rehearsal)).toEqual({
    event: 'rehearsal 2026-11-27',
    level: 'fail',
    title: 'Not ready for the market',
    detail: `${checks[1]?.title}: ${checks[1]?.words}\nKite token: The Kite token ended.`,
    link: '/connections',
  });
  expect(noticeOf({ ...rehearsal, verdict: 'ok', checks: [freeCheck(50)] })).toMatchObject({
    title: 'Ready for the market',
    link: '/rehearsal',
  });
});
