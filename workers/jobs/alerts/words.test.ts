import { expect, it } from 'vitest';
import { istTimeUs } from '../../../lib/core/ist.ts';
import type { Signal } from '../../../lib/signals/signal.ts';
import { digestOf, digestSpan } from './digest.ts';
import { metricWords, signalWords } from './words.ts';

const FUTURE = { exchange: 'NFO', symbol: 'NIFTY26DECFUT', priceScale: 100 } as const;
const AT_US = istTimeUs('2026-11-25', '10:00') + 7_500_000;
const SIGNAL: Signal = {
  id: 'w.1',
  kind: 'key_level',
  detector: 'key-levels@1',
  parameters: '0badcafe',
  instrumentId: 1,
  feedId: 31,
  fromUs: AT_US,
  toUs: AT_US,
  foundUs: AT_US,
  lowPrice: 2_604_000,
  highPrice: 2_605_050,
  side: 'ask',
  size: 123_500.4,
  severity: 3,
  confidence: 1,
  cause: {},
  evidence: [],
  quality: { frameMs: 200, tickAgeMs: null },
  state: 'broken',
};

it('says of a signal what it is, where, how large, how it stands and when', () => {
  expect(signalWords(SIGNAL, FUTURE)).toEqual({
    title: 'NFO:NIFTY26DECFUT: key level',
    detail:
      'A level where far more orders rest than elsewhere: 26,040.00 to 26,050.50, ask, 1,23,500 units, broken, severity 3 of 3, 10:00:07 IST',
    link: '/live/NFO%3ANIFTY26DECFUT',
  });
  const bare = { ...SIGNAL, lowPrice: 0, highPrice: 0, side: null, size: 0, state: 'once' } as const;
  expect(signalWords(bare, FUTURE).detail).toMatch(/elsewhere: severity 3 of 3, 10:00:07 IST$/);
});

it('says of a number what it came over, in its own unit', () => {
  const watch = { by: 'metric', metric: 'imbalance', direction: 'below', level: -0.25 } as const;
  expect(metricWords(watch, { stampUs: AT_US, value: -0.3 }, FUTURE)).toMatchObject({
    title: 'NFO:NIFTY26DECFUT: imbalance of the best levels below -0.250',
    detail: 'It came to -0.300 at 10:00:07 IST',
  });
  const spread = { ...watch, metric: 'spread', direction: 'above', level: 500 } as const;
  expect(metricWords(spread, { stampUs: AT_US, value: 505 }, FUTURE).detail).toBe('It came to 5.05 at 10:00:07 IST');
});

it('counts the spans of a digest from midnight in India, and names the six kinds there were most of', () => {
  const span = digestSpan(AT_US, 45);
  expect(span).toEqual({ fromUs: istTimeUs('2026-11-25', '09:00'), toUs: istTimeUs('2026-11-25', '09:45') });
  const signals = [9, 8, 7, 6, 5, 4, 3, 2].map((count, i) => ({ kind: `kind_${i}`, count }));
  expect(digestOf(span, { signals, alerts: 1 })).toMatchObject({
    title: 'Signals from 09:00 to 09:45 IST',
    detail: '44: 9 kind 0, 8 kind 1, 7 kind 2, 6 kind 3, 5 kind 4, 4 kind 5, 5 others. 1 alert',
  });
  expect(digestOf(span, { signals: [], alerts: 0 }).detail).toBe('No signals, 0 alerts');
});
