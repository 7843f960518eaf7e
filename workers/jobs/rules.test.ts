import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InstrumentType } from '../../lib/core/instrument.ts';
import type { RuleAnswer } from '../../lib/core/watchlist.ts';
import { answerRule, type Listed, type RuleContext, strikeAt } from './rules.ts';

const INDEX: Listed = {
  id: 1,
  exchange: 'INDICES',
  symbol: 'NIFTY 50',
  name: 'NIFTY 50',
  type: 'INDEX',
  expiry: null,
  strike: null,
  priceScale: 100,
};
const contract = (id: number, type: InstrumentType, expiry: string, strike: number | null = null): Listed => ({
  id,
  exchange: 'NFO',
  symbol: `NIFTY-${expiry}-${strike ?? ''}${type}`,
  name: 'NIFTY',
  type,
  expiry,
  strike,
  priceScale: 100,
});

const STRIKES = [24_900, 24_950, 25_000, 25_050, 25_100].map((rupees) => rupees * 100);
/** Two weekly expiries with five strikes each, and three futures; one contract has expired. */
const CONTRACTS: readonly Listed[] = [
  contract(10, 'FUT', '2026-12-29'),
  contract(11, 'FUT', '2026-11-24'),
  contract(12, 'FUT', '2027-01-26'),
  contract(13, 'FUT', '2027-02-23'),
  ...['2026-12-01', '2026-12-08'].flatMap((expiry, week) =>
    STRIKES.flatMap((strike, i) => [
      contract(100 + 100 * week + 2 * i, 'CE', expiry, strike),
      contract(101 + 100 * week + 2 * i, 'PE', expiry, strike),
    ]),
  ),
];

const context = (price: number | null, changes: Partial<RuleContext> = {}): RuleContext => ({
  today: '2026-11-26',
  contractsOf: (underlying) => (underlying === 'NIFTY' ? CONTRACTS : []),
  priceSourceOf: () => INDEX,
  lastPriceOf: () => price,
  topByTurnover: (_exchange, count) => [7, 8, 9].slice(0, count),
  ...changes,
});

describe('rules', () => {
  it('give every contract that has not expired, the nearest first', () => {
    const { instrumentIds } = answerRule({ kind: 'underlying', underlying: 'NIFTY' }, context(null), null);
    expect(instrumentIds.slice(0, 3)).toEqual([100, 101, 102]);
    expect(instrumentIds.slice(-3)).toEqual([10, 12, 13]);
    expect(instrumentIds).not.toContain(11);
  });

  it('give the nearest futures', () => {
    expect(answerRule({ kind: 'futures', underlying: 'NIFTY', count: 2 }, context(null), null)).toEqual({
      instrumentIds: [10, 12],
      strike: null,
      note: '',
    });
    expect(answerRule({ kind: 'futures', underlying: 'FOO', count: 2 }, context(null), null).note).toBe(
      'no future is listed of FOO',
    );
  });

  it('give what was traded most', () => {
    expect(answerRule({ kind: 'turnover', exchange: 'NSE', count: 2 }, context(null), null).instrumentIds).toEqual([
      7, 8,
    ]);
    expect(
      answerRule({ kind: 'turnover', exchange: 'NSE', count: 2 }, context(null, { topByTurnover: () => [] }), null)
        .note,
    ).toBe('no turnover is known of NSE yet');
  });
});

describe('options at the money', () => {
  const rule = { kind: 'atm', underlying: 'NIFTY', strikes: 1 } as const;

  it('are those of the nearest expiry around the price, the nearest strike first, with what the price is of', () => {
    expect(answerRule(rule, context(25_010_00), null)).toEqual({
      instrumentIds: [1, 104, 105, 102, 103, 106, 107],
      strike: 25_000,
      note: '',
    });
  });

  it('end where the chain ends', () => {
    expect(answerRule(rule, context(30_000_00), null).instrumentIds).toEqual([1, 108, 109, 106, 107]);
  });

  it('wait for the first price, and ask for it', () => {
    expect(answerRule(rule, context(null), null)).toEqual({
      instrumentIds: [1],
      strike: null,
      note: 'waits for the first price of NIFTY 50',
    });
  });

  it('stay while no price is known any more', () => {
    const before = answerRule(rule, context(25_010_00), null);
    expect(answerRule(rule, context(null), before)).toEqual(before);
  });

  it('of an expiry that ended give way to the next', () => {
    const before = answerRule(rule, context(25_010_00), null);
    const later = answerRule(rule, context(25_010_00, { today: '2026-12-02' }), before);
    expect(later.instrumentIds).toEqual([1, 204, 205, 202, 203, 206, 207]);
  });

  it('do not flap around the middle of two strikes', () => {
    let before: RuleAnswer = answerRule(rule, context(25_024_00), null);
    expect(before.strike).toBe(25_000);
    for (const [price, strike] of [
      [25_026_00, 25_000],
      [25_031_00, 25_000],
      [25_034_00, 25_050],
      [25_026_00, 25_050],
      [25_019_00, 25_050],
      [25_017_00, 25_000],
    ] as const) {
      before = answerRule(rule, context(price), before);
      expect(before.strike, String(price)).toBe(strike);
    }
  });
});

describe('the strike at the money', () => {
  const chain = fc
    .uniqueArray(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 30 })
    .map((list) => list.map((step) => step * 50).sort((a, b) => a - b));

  it('is never further off than the nearest one by more than the hysteresis, and then stays', () => {
    fc.assert(
      fc.property(chain, fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1 }), (strikes, prices) => {
        let strike: number | null = null;
        for (const price of prices) {
          const next = strikeAt(strikes, price, strike);
          const nearest = Math.min(...strikes.map((one) => Math.abs(one - price)));
          const neighbours = strikes.filter((one) => one !== next).map((one) => Math.abs(one - next));
          expect(Math.abs(next - price)).toBeLessThanOrEqual(
            Math.max(nearest, 0.65 * Math.max(...neighbours, 0)) + 1e-9,
          );
          expect(strikeAt(strikes, price, next)).toBe(next);
          strike = next;
        }
      }),
    );
  });
});
