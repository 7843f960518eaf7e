import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKSUM_PRIME, depthChecksum, tickChecksum } from './checksum.ts';
import { MAX_LEVELS, SideLevels } from './side.ts';

/** The same two sums in whole numbers of any size, as SQL computes them in bigint. */
const P = 67_108_859n;
const [A, B, C] = [40_692_017n, 16_807_943n, 31_415_911n];

function depthReference(rows: readonly (readonly number[])[]): number {
  let sum = BigInt(rows.length);
  rows.forEach(([price, quantity, orders], i) => {
    const h = (BigInt(price as number) * B + BigInt(quantity as number) * C + BigInt(orders as number)) % P;
    sum += h * h * BigInt(i + 1);
  });
  return Number(sum % P);
}

function tickReference(values: readonly number[]): number {
  let hash = BigInt(values.length);
  for (const value of values) hash = (((hash * A + BigInt(value)) % P) + P) % P;
  return Number(hash);
}

function sideOf(rows: readonly (readonly number[])[]): SideLevels {
  const side = new SideLevels();
  for (const [price, quantity, orders] of rows) {
    side.prices[side.count] = price as number;
    side.quantities[side.count] = quantity as number;
    side.orders[side.count] = orders as number;
    side.count += 1;
  }
  return side;
}

const u32 = fc.oneof(fc.nat({ max: 0xffff_ffff }), fc.constantFrom(0, 2 ** 31, 2 ** 32 - 1));
const anyRows = fc.array(fc.tuple(fc.integer({ min: 1, max: 2 ** 31 - 1 }), u32, u32), { maxLength: MAX_LEVELS });

describe('checksums', () => {
  it('are computed modulo the largest prime below 2^26', () => {
    const isPrime = (n: number): boolean => {
      for (let d = 2; d * d <= n; d += 1) if (n % d === 0) return false;
      return true;
    };
    expect(isPrime(CHECKSUM_PRIME)).toBe(true);
    for (let n = CHECKSUM_PRIME + 1; n < 2 ** 26; n += 1) expect(isPrime(n)).toBe(false);
  });

  it('of a side lose no bit on the way', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        expect(depthChecksum(sideOf(rows))).toBe(depthReference(rows));
      }),
    );
    const largest = Array.from({ length: MAX_LEVELS }, () => [2 ** 31 - 1, 2 ** 32 - 1, 2 ** 32 - 1]);
    expect(depthChecksum(sideOf(largest))).toBe(depthReference(largest));
  });

  it('of a tick lose no bit on the way, up to the largest and the absent value', () => {
    const anyValue = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER));
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 60 }), (values) => {
        expect(tickChecksum(values)).toBe(tickReference(values));
      }),
    );
  });

  it('differ where one level, the order of levels or the number of levels differs', () => {
    const rows = [
      [15_225, 75, 1],
      [15_220, 150, 2],
    ];
    const others = [
      [],
      [[15_225, 75, 1]],
      rows.toReversed(),
      [...rows, [0, 0, 0]],
      ...[0, 1].flatMap((row) =>
        [0, 1, 2].map((column) =>
          rows.map((values, r) => values.map((v, c) => (r === row && c === column ? v + 1 : v))),
        ),
      ),
    ];
    const sums = new Set([rows, ...others].map((each) => depthChecksum(sideOf(each))));
    expect(sums.size).toBe(others.length + 1);
  });

  it('of a tick depend on place', () => {
    expect(tickChecksum([1, 2])).not.toBe(tickChecksum([2, 1]));
    expect(tickChecksum([0])).not.toBe(tickChecksum([0, 0]));
  });
});
