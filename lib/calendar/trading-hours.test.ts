import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXCHANGES, type Exchange } from '../core/exchange.ts';
import { formatIstDate, istTimeUs } from '../core/ist.ts';
import { tradingDayOf } from '../orderflow/trading-day.ts';
import { MarketHours } from './hours.ts';
import { normalOpenUs, TradingHours } from './trading-hours.ts';

const everyExchange = Object.keys(EXCHANGES) as Exchange[];
const calendar = new MarketHours('calendar');
const always = new MarketHours('always');
const WEDNESDAY = '2026-11-25';
const SUNDAY = '2026-11-22';
const span = (date: string, from: string, to: string) => ({ fromUs: istTimeUs(date, from), toUs: istTimeUs(date, to) });
const midnight = (date: string): number => istTimeUs(date, '00:00');

describe('a day of trading', () => {
  it('is measured in continuous trading, and over with its last phase', () => {
    const nfo = new TradingHours(calendar, 'NFO');
    expect(nfo.sessionOn(WEDNESDAY)).toEqual(span(WEDNESDAY, '09:15', '15:40'));
    // 09:12 to 09:15 is a buffer of the session.
    expect(nfo.phasesOn(WEDNESDAY)).toEqual([span(WEDNESDAY, '09:00', '15:40')]);
    const nse = new TradingHours(calendar, 'NSE');
    expect(nse.sessionOn(WEDNESDAY)).toEqual(span(WEDNESDAY, '09:15', '15:30'));
    expect(nse.phasesOn(WEDNESDAY).at(-1)?.toUs).toBe(istTimeUs(WEDNESDAY, '16:00'));
  });

  it('has the hours of its date', () => {
    expect(new TradingHours(calendar, 'NFO').sessionOn('2026-07-31')).toEqual(span('2026-07-31', '09:15', '15:30'));
  });

  it('is none on a Sunday, but one where the market never closes', () => {
    const nse = new TradingHours(calendar, 'NSE');
    expect([nse.sessionOn(SUNDAY), nse.phasesOn(SUNDAY)]).toEqual([null, []]);
    const open = new TradingHours(always, 'NSE');
    expect(open.sessionOn(SUNDAY)).toEqual({ fromUs: midnight(SUNDAY), toUs: midnight('2026-11-23') });
    expect(open.phasesOn(SUNDAY)).toEqual([open.sessionOn(SUNDAY)]);
  });

  it('may be an evening whose hours were entered, and is all of a day whose hours nobody knows', () => {
    const diwali = '2026-11-08';
    const entered = new MarketHours('calendar', {
      days: [{ date: diwali, kind: 'muhurat', name: 'Diwali', hours: { start: '18:00', end: '19:15' } }],
    });
    for (const exchange of ['NSE', 'NFO'] as const) {
      const evening = span(diwali, '18:00', '19:15');
      expect(new TradingHours(entered, exchange).sessionOn(diwali)).toEqual(evening);
      expect(new TradingHours(entered, exchange).phasesOn(diwali)).toEqual([evening]);
      const unknown = { fromUs: midnight(diwali), toUs: midnight('2026-11-09') };
      expect(new TradingHours(calendar, exchange).sessionOn(diwali)).toEqual(unknown);
      expect(new TradingHours(calendar, exchange).phasesOn(diwali)).toEqual([unknown]);
    }
  });

  it('has its session within its phases, and no two phases over each other, on every day of every exchange', () => {
    const day = fc
      .integer({ min: 0, max: 1000 })
      .map((n) => formatIstDate(midnight('2025-01-01') + n * 86_400_000_000));
    fc.assert(
      fc.property(
        day,
        fc.constantFrom(...everyExchange),
        fc.constantFrom(calendar, always),
        (date, exchange, hours) => {
          const trading = new TradingHours(hours, exchange);
          const session = trading.sessionOn(date);
          const phases = trading.phasesOn(date);
          expect(phases.length > 0).toBe(session !== null);
          for (const [i, { fromUs, toUs }] of phases.entries()) {
            expect(toUs).toBeGreaterThan(fromUs);
            if (i > 0) expect(fromUs).toBeGreaterThan((phases[i - 1] as { toUs: number }).toUs);
          }
          if (!session) return;
          expect(session.fromUs).toBeGreaterThanOrEqual((phases[0] as { fromUs: number }).fromUs);
          expect(session.toUs).toBeLessThanOrEqual((phases.at(-1) as { toUs: number }).toUs);
        },
      ),
    );
  });
});

describe('what sums begin at', () => {
  const nfo = new TradingHours(calendar, 'NFO');
  it('is midnight and the normal open; only midnight on a day without', () => {
    expect(nfo.startsBetween(midnight('2026-11-20'), midnight('2026-11-23') + 1)).toEqual([
      istTimeUs('2026-11-20', '09:15'),
      midnight('2026-11-21'),
      midnight(SUNDAY),
      midnight('2026-11-23'),
    ]);
    expect(nfo.startBefore(istTimeUs(WEDNESDAY, '09:14'))).toBe(midnight(WEDNESDAY));
    expect(nfo.startBefore(istTimeUs(WEDNESDAY, '09:15'))).toBe(istTimeUs(WEDNESDAY, '09:15'));
    expect(normalOpenUs(calendar.calendar, 'NFO', SUNDAY)).toBeNull();
  });

  it('is where the runs of ticks begin that live sums are made of', () => {
    const instant = fc.integer({ min: midnight('2025-12-01'), max: midnight('2026-12-01') });
    fc.assert(
      fc.property(instant, fc.constantFrom(...everyExchange), (us, exchange) => {
        const start = new TradingHours(calendar, exchange).startBefore(us);
        expect(tradingDayOf(exchange, start)).toBe(tradingDayOf(exchange, us));
        // At midnight in India a run begins in any case; before any other start it is another.
        expect(tradingDayOf(exchange, start - 1)).not.toBe(tradingDayOf(exchange, us));
      }),
    );
  });
});
