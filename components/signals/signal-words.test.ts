import { expect, it } from 'vitest';
import type { ToldSignal } from '../../lib/api/signals.ts';
import { distanceWords, priceWords } from './signal-words.ts';

it('shows every tick of a currency, and no more than paise elsewhere', () => {
  const at = (lowPrice: number, priceScale: number) => ({ lowPrice, highPrice: lowPrice, priceScale }) as ToldSignal;
  expect(priceWords(at(831_225, 10_000))).toBe('83.1225');
  expect(distanceWords(at(831_225, 10_000), 831_200, 25)).toBe('1 tick above (+0.0025)');
  expect(priceWords(at(2_601_005, 100))).toBe('26,010.05');
});
