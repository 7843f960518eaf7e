import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InstrumentSearch } from './instrument-search.ts';

const LINES = [
  'INDICES NIFTY 50 NIFTY 50 INDEX',
  'NFO NIFTY26DECFUT NIFTY FUT FUTURE 29 DEC 2026',
  'NFO BANKNIFTY26SEPFUT BANKNIFTY FUT FUTURE 29 SEP 2026',
  'NFO BANKNIFTY26DECFUT BANKNIFTY FUT FUTURE 29 DEC 2026',
  'NSE INFY INFOSYS',
  'NSE ITC ITC',
  'NFO NIFTY26DEC25000CE NIFTY CE CALL 25000 29 DEC 2026',
  'NFO NIFTY26DEC25000PE NIFTY PE PUT 25000 29 DEC 2026',
  'NFO NIFTY26120125000CE NIFTY CE CALL 25000 01 DEC 2026',
];
const search = new InstrumentSearch(
  LINES.map((_, i) => i + 1),
  LINES,
);
const find = (words: string, first: number[] = [], limit = 10) => search.find(words, first, limit);

describe('search', () => {
  it.each([
    ['NIFTY 25000 CE', [7, 9]],
    ['BANKNIFTY SEP FUT', [3]],
    ['nifty dec fut', [2, 4]],
    ['nfo:nifty26decfut', [2, 4]],
    ['infosys', [5]],
    ['25000 put', [8]],
    ['01 dec 25000', [9]],
    ['  Pe  NIFTY 25000 ', [8]],
    ['itc', [6]],
    ['nothing', []],
  ])('%s', (words, ids) => {
    expect(find(words)).toEqual(ids);
  });

  it('gives what is recorded first, then what begins with the word', () => {
    expect(find('nifty', [9, 4])).toEqual([9, 4, 1, 2, 7, 8, 3]);
    expect(find('nifty', [9, 4], 3)).toEqual([9, 4, 1]);
  });

  it('of nothing gives the first of all', () => {
    expect(find('', [], 3)).toEqual([1, 2, 3]);
  });

  it('never joins words of two lines', () => {
    expect(find('INFOSYSNSE')).toEqual([]);
    expect(find('INFOSYS ITC')).toEqual([]);
  });

  it('finds what looking at each line finds', () => {
    const word = fc.string({ unit: fc.constantFrom('A', 'B', '1'), minLength: 1, maxLength: 3 });
    const line = fc.array(word, { minLength: 2, maxLength: 5 }).map((words) => words.join(' '));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), fc.array(word, { maxLength: 3 }), (lines, words) => {
        const ids = lines.map((_, i) => i);
        const expected = ids.filter((i) => words.every((one) => lines[i]?.includes(one)));
        const index = new InstrumentSearch(ids, lines);
        expect(index.find(words.join(' '), [], 100).sort((a, b) => a - b)).toEqual(expected);
        expect(index.filter(words.join(' '), ids)).toEqual(expected);
      }),
    );
  });
});
