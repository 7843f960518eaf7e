import { expect, it } from 'vitest';
import { windowFor } from './writer.ts';

it('keeps stored entries for a shorter time the nearer the streams come to their cap', () => {
  const windowS = (bytes: number): number => windowFor({ bytesMax: 1000, windowS: 300 }, bytes) / 1e6;
  expect([0, 500, 600, 650, 700, 1200].map(windowS)).toEqual([300, 300, 150, 75, 0, 0]);
});
