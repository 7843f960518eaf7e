/**
 * The ledger's checksum: what the exchange sent and what the database holds are compared by a sum over frames, which
 * does not depend on their order and which SQL computes from the stored rows (gehra.depth_checksum, gehra.tick_checksum
 * in db/migrations). All steps stay below 2^53, so that doubles here and bigints there agree.
 */
import type { SideLevels } from './side.ts';

/** Largest prime below 2^26: a product of two residues fits a double. */
export const CHECKSUM_PRIME = 67_108_859;
const A = 40_692_017;
const B = 16_807_943;
const C = 31_415_911;

/** Mixes one more number (at most 2^53 in size) into a residue. */
const mix = (hash: number, value: number): number => {
  const residue = value % CHECKSUM_PRIME;
  return (((hash * A) % CHECKSUM_PRIME) + (residue < 0 ? residue + CHECKSUM_PRIME : residue)) % CHECKSUM_PRIME;
};

/** Checksum of one side frame: Σ over levels i (1 = best) of i × h(price, quantity, orders)², modulo the prime. */
export function depthChecksum({ count, prices, quantities, orders }: SideLevels): number {
  let sum = count;
  for (let i = 0; i < count; i += 1) {
    const h =
      ((((prices[i] as number) % CHECKSUM_PRIME) * B) % CHECKSUM_PRIME) +
      ((((quantities[i] as number) % CHECKSUM_PRIME) * C) % CHECKSUM_PRIME) +
      (orders[i] as number);
    const residue = h % CHECKSUM_PRIME;
    sum = (sum + ((residue * residue) % CHECKSUM_PRIME) * (i + 1)) % CHECKSUM_PRIME;
  }
  return sum;
}

/** Checksum of one tick: its numbers mixed in a fixed order. */
export function tickChecksum(values: readonly number[]): number {
  let hash = values.length;
  for (const value of values) hash = mix(hash, value);
  return hash;
}
