import { expect, it } from 'vitest';
import { MarketHours } from '../../../lib/calendar/hours.ts';
import { istTimeUs } from '../../../lib/core/ist.ts';
import type { FeedStatus } from '../../../lib/queue/status.ts';
import { eventsOf } from './events.ts';
import { retryAfterMs } from './notifier.ts';

const hours = new MarketHours('calendar');
const nowMs = istTimeUs('2026-11-27', '08:50') / 1000;
const feed = (state: FeedStatus['state'], detail = 'there is no Kite token yet'): FeedStatus => ({
  state,
  cause: null,
  detail,
  sinceUs: 0,
  gapFromUs: null,
  instrumentIds: [],
  frames: 0,
  rejects: 0,
  unpublished: 0,
  journalFailure: null,
  publishFailure: null,
  tooMany: null,
  silent: 0,
});
const none = { nowMs, hours, tokens: [], feeds: {}, freeBytes: 100 * 2 ** 30 };

it('is silent while all is well', () => {
  const look = { state: 'valid', detail: '', expiresMs: nowMs + 7_200_000, warning: null } as const;
  expect(eventsOf({ ...none, tokens: [{ broker: 'kite', look }], feeds: { 'kite-ticks-1': feed('live') } })).toEqual(
    [],
  );
});

it('warns of a token an hour and a quarter of an hour before its end, once each', () => {
  const expiresMs = nowMs + 14 * 60_000;
  const told = ([60, 15] as const).map((warning) => {
    const look = { state: 'expiring', detail: '', expiresMs, warning } as const;
    return eventsOf({ ...none, tokens: [{ broker: 'dhan', look }] })[0];
  });
  expect(told[1]).toMatchObject({ title: 'The Dhan token ends in 14 minutes', level: 'warn', link: '/connections' });
  expect(told[0]?.event).not.toBe(told[1]?.event);
});

it('asks for a login once a broker and day, however many feeds wait for it', () => {
  const feeds = {
    'kite-ticks-1': feed('needs_login'),
    'kite-ticks-2': feed('needs_login'),
    'dhan-live-1': feed('live'),
  };
  expect(eventsOf({ ...none, feeds })).toMatchObject([
    { event: 'login kite 2026-11-27', level: 'fail', link: '/connections' },
  ]);
});

it('tells of a disk before it is full, and once more when it nearly is', () => {
  const told = [20, 9.5, 1.5].map((gib) => eventsOf({ ...none, freeBytes: gib * 2 ** 30 }));
  expect(told[0]).toEqual([]);
  expect(told[1]).toMatchObject([{ level: 'warn', title: '9.5 GiB are left on the disk', link: '/settings/data' }]);
  expect(told[2]).toMatchObject([{ level: 'fail', title: '1.5 GiB are left on the disk' }]);
  expect(told[1]?.[0]?.event).not.toBe(told[2]?.[0]?.event);
  expect(eventsOf({ ...none, freeBytes: null })).toEqual([]);
});

it('asks for the hours of a session that is near, and not in the market that never closes', () => {
  const before = { ...none, nowMs: istTimeUs('2026-11-05', '10:00') / 1000 };
  expect(eventsOf(before)).toMatchObject([
    { event: 'unknown session 2026-11-08', title: 'When is the session of Sun 8 Nov?', link: '/settings/hours' },
  ]);
  expect(eventsOf({ ...before, nowMs: istTimeUs('2026-11-04', '10:00') / 1000 })).toEqual([]);
  expect(eventsOf({ ...before, hours: new MarketHours('always') })).toEqual([]);
});

it('tries longer and longer apart, and gives up after eight attempts', () => {
  expect(Array.from({ length: 8 }, (_, i) => retryAfterMs(i + 1))).toEqual([
    30_000,
    60_000,
    120_000,
    240_000,
    480_000,
    960_000,
    1_920_000,
    null,
  ]);
});
