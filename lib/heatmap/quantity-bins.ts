/**
 * Quantities as bins that grow with the quantity: 128 to each doubling, so every whole number up to 256 has a bin of its
 * own and none is wider than 0.8 % of its value. A colour or a percentile is looked up by bin; no logarithm is taken per
 * cell. Bin 0 means "nothing there".
 */

const MANTISSA_BITS = 7;
const PER_OCTAVE = 1 << MANTISSA_BITS;

/** Bins of 32-bit quantities. */
export const BIN_COUNT = 33 * PER_OCTAVE;

/** Sums of levels beyond 32 bits count as this. */
const QUANTITY_MAX = 2 ** 32 - 1;

/** @param quantity whole, at least 0 */
export function binOf(quantity: number): number {
  if (quantity < 1) return 0;
  const q = quantity > QUANTITY_MAX ? QUANTITY_MAX : quantity;
  const zeros = Math.clz32(q);
  // The highest bit is pushed out at the top; the seven after it are the place within the octave.
  const fraction = zeros === 31 ? 0 : (q << (zeros + 1)) >>> (32 - MANTISSA_BITS);
  return ((32 - zeros) << MANTISSA_BITS) | fraction;
}

/** The smallest quantity of a bin. */
export function quantityOfBin(bin: number): number {
  if (bin < PER_OCTAVE) return 0;
  const octave = (bin >> MANTISSA_BITS) - 1;
  return Math.ceil(2 ** octave * (1 + (bin & (PER_OCTAVE - 1)) / PER_OCTAVE));
}
