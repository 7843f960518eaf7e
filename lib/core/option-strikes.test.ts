import { describe, expect, it } from 'vitest';
import type { InstrumentSummary } from './instrument.ts';
import { optionExpiries, optionStrikes } from './option-strikes.ts';

const option = (type: 'CE' | 'PE' | 'FUT', strike: number | null, expiry: string, name = 'NIFTY') =>
  ({ slug: `${name}${expiry}${strike}${type}`, type, strike, expiry, name }) as InstrumentSummary;

const LIST = [
  ...[100, 110, 120, 130, 140].flatMap((strike) => [
    option('CE', strike, '2026-12-29'),
    option('PE', strike, '2026-12-29'),
  ]),
  option('CE', 150, '2026-12-29'),
  option('CE', 100, '2026-12-01'),
  option('CE', 100, '2026-11-30', 'BANKNIFTY'),
  option('FUT', null, '2026-11-25'),
];

describe('strikes', () => {
  it('of an underlying have its expiries, the next first', () => {
    expect(optionExpiries(LIST, 'NIFTY')).toEqual(['2026-12-01', '2026-12-29']);
  });

  it('stand around the one nearest to the price', () => {
    const { strikes, atTheMoney } = optionStrikes(LIST, 'NIFTY', '2026-12-29', 127, 1);
    expect(atTheMoney).toBe(130);
    expect(strikes.map(({ strike }) => strike)).toEqual([120, 130, 140]);
    expect(strikes[0]?.put?.type).toBe('PE');
  });

  it('are all there where the price is not known, and one of a pair may be missing', () => {
    const { strikes, atTheMoney } = optionStrikes(LIST, 'NIFTY', '2026-12-29', null, 1);
    expect(atTheMoney).toBeNull();
    expect(strikes.map(({ strike }) => strike)).toEqual([100, 110, 120, 130, 140, 150]);
    expect(strikes.at(-1)?.put).toBeNull();
  });
});
