import { expect, it } from 'vitest';
import { dhanRenewalIsDue } from './dhan-renewal.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ist = (text: string): number => Date.parse(`${text}+05:30`);

it('is due two hours before the end, and not once it has come', () => {
  const end = ist('2026-11-26T19:00:00');
  expect(dhanRenewalIsDue(end, end - 2 * HOUR - 1)).toBe(false);
  expect(dhanRenewalIsDue(end, end - 2 * HOUR)).toBe(true);
  expect(dhanRenewalIsDue(end, end - 1)).toBe(true);
  expect(dhanRenewalIsDue(end, end)).toBe(false);
});

it('is due early in the morning for a token that ends within the day', () => {
  expect(dhanRenewalIsDue(ist('2026-11-26T11:00:00'), ist('2026-11-26T03:59:59'))).toBe(false);
  expect(dhanRenewalIsDue(ist('2026-11-26T11:00:00'), ist('2026-11-26T04:00:00'))).toBe(true);
  expect(dhanRenewalIsDue(ist('2026-11-26T19:00:00'), ist('2026-11-26T07:59:00'))).toBe(true);
  expect(dhanRenewalIsDue(ist('2026-11-26T19:00:00'), ist('2026-11-26T08:00:00'))).toBe(false);
});

it('never falls between 08:00 and 16:00 of a month, whenever the first login was, and no reader sees under an hour', () => {
  for (const login of ['00:10', '02:30', '05:00', '08:45', '09:20', '12:00', '15:29', '19:00', '23:50']) {
    const start = ist(`2026-11-01T${login}:00`);
    let end = start + 24 * HOUR;
    let renewals = 0;
    for (let now = start; now < start + 30 * 24 * HOUR; now += MINUTE) {
      if (dhanRenewalIsDue(end, now)) {
        end = now + 24 * HOUR;
        renewals += 1;
        const hour = new Date(now + 5.5 * HOUR).getUTCHours();
        expect(hour < 8 || hour >= 16, `${login}: renewed at ${hour} h`).toBe(true);
      }
      expect(end - now, login).toBeGreaterThan(HOUR);
    }
    expect(renewals).toBeGreaterThan(28);
    expect(renewals).toBeLessThan(65);
  }
});
