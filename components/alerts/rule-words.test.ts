import { describe, expect, it } from 'vitest';
import type { Alert, AlertDelivery } from '../../lib/client/rules.ts';
import { cooldownWords, deliveryWords, previewWords, watchWords, worthWords } from './rule-words.ts';
import { firedOf } from './told.ts';

const DELIVERY: AlertDelivery = {
  channel: 'slack',
  state: 'sent',
  unknown: false,
  attempts: 1,
  failure: null,
  changed: '2026-11-27T10:15:02.000+05:30',
};

describe('words of rules', () => {
  it('say what is watched', () => {
    const watch = { by: 'metric', metric: 'last_price', direction: 'above', level: 2_601_005 } as const;
    expect(watchWords({ watch, priceScale: 100 })).toBe('Last price comes above 26,010.05');
    expect(watchWords({ watch: { ...watch, level: 831_225 }, priceScale: 10_000 })).toMatch(/83\.1225$/);
    expect(
      watchWords({
        watch: {
          by: 'signals',
          kinds: ['wall_pulled', 'sweep'],
          detectors: 'own',
          side: 'bid',
          minSeverity: 2,
          minSize: 117_600,
        },
        priceScale: null,
      }),
    ).toBe('Wall pulled, Sweep · Gehra’s detectors · bid side · severity from middle · from 1,17,600 units');
  });

  it('say how often at most', () => {
    expect(cooldownWords({ cooldownS: 300, cooldownOf: 'instrument' })).toBe('at most once in 5 min an instrument');
    expect(cooldownWords({ cooldownS: 30, cooldownOf: 'rule' })).toBe('at most once in 30 s');
    expect(cooldownWords({ cooldownS: 0, cooldownOf: 'rule' })).toBe('no pause between alerts');
  });

  it.each<[Partial<AlertDelivery>, RegExp]>([
    [{}, /^Webhook: sent$/],
    [{ unknown: true }, /sent; an earlier attempt may have arrived too/],
    [{ channel: 'screen' }, /^On screen: shown$/],
    [{ state: 'waiting', attempts: 2, failure: 'refused' }, /after 2 attempts: refused\. It is tried again/],
    [{ state: 'failed', failure: 'gone' }, /failed after 1 attempt: gone/],
    [{ state: 'uncertain' }, /not sent again/],
    [{ state: 'held', attempts: 0 }, /quiet hours/],
  ])('say how far an alert got: %o', (part, words) => {
    expect(deliveryWords({ ...DELIVERY, ...part })).toMatch(words);
  });

  it('say what a rule would have told', () => {
    const days = [1, 2].map((n) => ({ day: `2026-11-2${n}`, matched: 40, fired: 14 }));
    expect(previewWords({ days, perDay: 14, isCut: false, outcomes: null })).toBe(
      'It would have told 14 times a day, in the mean of 2 recorded days.',
    );
    expect(previewWords({ days, perDay: 0, isCut: false, outcomes: null })).toBe(
      'It would have told nothing on 2 recorded days.',
    );
    expect(previewWords({ days: [], perDay: null, isCut: false, outcomes: null })).toContain('No day was recorded');
    const outcome = { horizonS: 60, signals: 28, medianBps: 0.3, random: 140, randomMedianBps: 0 };
    const preview = { days, perDay: 14, isCut: false, outcomes: null };
    expect(worthWords({ ...preview, outcomes: [{ ...outcome, horizonS: 10 }, outcome] })).toBe(
      '28 of them are measured: median +0.30 bps after 60 s, against 0.00 at 140 random times.',
    );
    expect(worthWords({ ...preview, outcomes: [{ ...outcome, signals: 0 }] })).toContain('not measured yet');
    expect(worthWords({ ...preview, outcomes: null })).toBeNull();
    expect(previewWords({ days, perDay: 1.5, isCut: true, outcomes: null })).toContain('the newest are missing');
  });
});

describe('what a rule has told', () => {
  const nowMs = Date.parse('2026-11-27T12:00:00.000+05:30');
  const at = (ruleId: number, time: string, key = `alert-${ruleId}-${time}`): Alert => ({
    key,
    ruleId,
    rule: `rule ${ruleId}`,
    title: '',
    detail: '',
    found: `${time}.000+05:30`,
    made: `${time}.100+05:30`,
    deliveries: [],
  });

  it('is counted for a day, without its tests', () => {
    const alerts = [
      at(1, '2026-11-27T11:59:00', 'alert-1-test-5'),
      at(1, '2026-11-27T11:00:00'),
      at(2, '2026-11-27T10:00:00'),
      at(1, '2026-11-26T13:00:00'),
      at(1, '2026-11-25T13:00:00'),
    ];
    expect(firedOf(alerts, 1, nowMs)).toEqual({ words: 'Last 2026-11-27 11:00:00, 2 times in 24 h', test: alerts[0] });
    expect(firedOf(alerts, 3, nowMs)).toEqual({ words: 'Told nothing yet', test: null });
  });

  it('is said to be at least so much where the list does not go back a day', () => {
    const alerts = Array.from({ length: 100 }, () => at(1, '2026-11-27T11:00:00'));
    expect(firedOf(alerts, 1, nowMs).words).toContain('at least 100 times');
    expect(firedOf(alerts, 2, nowMs).words).toBe('Told nothing lately');
  });
});
