import { expect, it } from 'vitest';
import { CodecError } from '../core/bytes.ts';
import type { FootprintCell } from './footprint.ts';
import { eachPackedCell, packFootprint } from './packed-footprint.ts';

it('gives back what was packed, whatever fits a bigint and a number', () => {
  const cells: FootprintCell[] = [
    { price: -5, buy: 0, sell: 65, unknown: 2 ** 32 - 1, trades: 1 },
    { price: 2_604_000, buy: Number.MAX_SAFE_INTEGER, sell: 2 ** 32, unknown: 2 ** 31, trades: 2 ** 31 - 1 },
  ];
  const found: FootprintCell[] = [];
  eachPackedCell(packFootprint(cells), (price, buy, sell, unknown, trades) =>
    found.push({ price, buy, sell, unknown, trades }),
  );
  expect(found).toEqual(cells);
});

it('refuses what is no footprint', () => {
  expect(() => eachPackedCell(Uint8Array.of(10, 1, 1, 1), () => undefined)).toThrow(CodecError);
});
