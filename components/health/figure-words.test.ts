import { describe, expect, it } from 'vitest';
import type { Figure } from '../../lib/core/health.ts';
import { figureName, figureWords } from './figure-words.ts';

const of = (as: Figure['as'], value: number | null, name = 'x'): Figure => ({ name, value, as, atMs: 0 });

describe('figures', () => {
  it.each([
    [of('total', 5), undefined, '–'],
    [of('total', 5), 0, '0/s'],
    [of('total', 5), 3.25, '3.3/s'],
    [of('total', 5), 1234.6, '1,235/s'],
    [of('total', 5, 'bytes'), 1_500_000, '2 MB/s'],
    [of('total', 5, 'processor %'), 12.4, '12 %'],
    [of('count', null), undefined, '–'],
    [of('count', 123_456), undefined, '1,23,456'],
    [of('bytes', 1_234_567_890), undefined, '1.2 GB'],
    [of('ms', 0.42), undefined, '0.4 ms'],
    [of('ms', 42.6), undefined, '43 ms'],
    [of('ms', 2345), undefined, '2.3 s'],
  ])('%j at %s is %s', (figure, rate, words) => {
    expect(figureWords(figure, rate)).toBe(words);
  });

  it('leaves the unit out of a name', () => {
    expect(figureName('processor %')).toBe('processor');
  });
});
