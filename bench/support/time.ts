/** µs of the monotonic clock, which all processes of a machine share: for what begins in one and ends in another. */
export const monotonicUs = (): number => Number(process.hrtime.bigint() / 1000n);

/** The value below which a part of all lie, e.g. 0.99. @throws RangeError where there are none */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  if (value === undefined) throw new RangeError('no quantile of nothing');
  return value;
}
