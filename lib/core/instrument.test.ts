import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXCHANGES, type Exchange } from './exchange.ts';
import { parseSlug, slugOf } from './instrument.ts';

describe('slugs', () => {
  it.each([
    ['NFO:NIFTY26DECFUT', 'NFO', 'NIFTY26DECFUT'],
    ['nfo:nifty26decfut', 'NFO', 'NIFTY26DECFUT'],
    ['NSE:M&M', 'NSE', 'M&M'],
    ['NSE:BAJAJ-AUTO', 'NSE', 'BAJAJ-AUTO'],
    ['INDICES:NIFTY 50', 'INDICES', 'NIFTY 50'],
    ['CDS:USDINR26DEC86.5CE', 'CDS', 'USDINR26DEC86.5CE'],
  ])('%s', (slug, exchange, symbol) => {
    expect(parseSlug(slug)).toEqual({ exchange, symbol });
  });

  it.each([
    ['nothing', ''],
    ['no exchange', 'INFY'],
    ['an unknown exchange', 'NYSE:IBM'],
    ['an inherited name for an exchange', 'VALUEOF:X'],
    ['no symbol', 'NSE:'],
    ['a blank symbol', 'NSE:  '],
    ['a symbol that begins with a blank', 'NSE: INFY'],
    ['a blank before', ' NSE:INFY'],
    ['a line break after', 'NSE:INFY\n'],
    ['a path', 'NSE:../INFY'],
    ['SQL', "NSE:X';--"],
    ['two colons', 'NSE:NSE:INFY'],
    ['a symbol of 65', `NSE:${'X'.repeat(65)}`],
    ['an exchange of very many letters', `${'N'.repeat(100_000)}:X`],
  ])('%s is none', (_, slug) => {
    expect(parseSlug(slug)).toBeNull();
  });

  it('name the instrument they were made of', () => {
    const symbol = fc.stringMatching(/^[A-Z0-9][A-Z0-9&_. -]{0,63}$/);
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(EXCHANGES) as Exchange[])), symbol, (exchange, name) => {
        expect(parseSlug(slugOf({ exchange, symbol: name }))).toEqual({ exchange, symbol: name });
      }),
    );
  });

  it('any text is a slug or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const parsed = parseSlug(text);
        if (parsed) expect(slugOf(parsed)).toBe(text.toUpperCase());
      }),
    );
  });
});
