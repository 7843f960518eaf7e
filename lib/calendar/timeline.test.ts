import { describe, expect, it } from 'vitest';
import { istTimeUs } from '../core/ist.ts';
import { Calendar } from './calendar.ts';
import { marketSteps } from './timeline.ts';

const calendar = new Calendar();
const at = (date: string, time: string) => istTimeUs(date, time);
const stepsAt = (date: string, time: string, exchange: 'NSE' | 'NFO' = 'NSE') =>
  marketSteps(calendar, exchange, at(date, time));

describe('steps of the market', () => {
  it('go from pre-open over open to closed', () => {
    const steps = stepsAt('2026-01-16', '09:05');
    expect(steps.slice(0, 3)).toEqual([
      { fromUs: at('2026-01-16', '09:00'), kind: 'pre-open', next: 'opens at 09:15 IST' },
      { fromUs: at('2026-01-16', '09:15'), kind: 'open', next: 'closes at 15:30 IST' },
      // A Friday.
      { fromUs: at('2026-01-16', '15:30'), kind: 'closed', next: 'opens on Mon 19 Jan at 09:00 IST' },
    ]);
    expect(steps[3]).toMatchObject({ fromUs: at('2026-01-19', '09:00'), kind: 'pre-open' });
  });

  it.each([
    ['08:59', 'closed', 'opens today at 09:00 IST'],
    ['09:14', 'pre-open', 'opens at 09:15 IST'],
    ['09:15', 'open', 'closes at 15:30 IST'],
    ['15:29', 'open', 'closes at 15:30 IST'],
    // Trading after the close counts as closed.
    ['15:45', 'closed', 'opens on Mon 19 Jan at 09:00 IST'],
    ['20:00', 'closed', 'opens on Mon 19 Jan at 09:00 IST'],
  ])('at %s it is %s', (time, kind, next) => {
    expect(stepsAt('2026-01-16', time)[0]).toMatchObject({ kind, next });
  });

  it('know holidays and segments', () => {
    // Tuesday the 24th of November is a holiday.
    expect(stepsAt('2026-11-23', '16:30')[0]).toMatchObject({ next: 'opens on Wed 25 Nov at 09:00 IST' });
    expect(stepsAt('2026-11-24', '11:00')[0]).toMatchObject({ kind: 'closed' });
    expect(stepsAt('2026-11-23', '15:35', 'NFO')[0]).toMatchObject({ kind: 'open', next: 'closes at 15:40 IST' });
  });
});
