/**
 * Kyle's lambda: by how much the price moves for a unit of signed volume; the slope of the least-squares line of price changes
 * on signed volumes (Kyle, Econometrica 53(6), 1985). What the predecessor called so is in tick-toxicity.ts.
 */
import { ABSENT } from '../core/absent.ts';

export interface Regression {
  /** Price units a unit. */
  readonly slope: number;
  readonly intercept: number;
  /** Share of the variance that the line explains, 0 to 1; ABSENT where the ys do not vary. */
  readonly r2: number;
}

/** Least squares of `ys` on `xs`; everything ABSENT where the xs do not vary. */
export function regress(xs: readonly number[], ys: readonly number[]): Regression {
  const count = Math.min(xs.length, ys.length);
  let meanX = 0;
  let meanY = 0;
  for (let i = 0; i < count; i += 1) {
    meanX += ((xs[i] as number) - meanX) / (i + 1);
    meanY += ((ys[i] as number) - meanY) / (i + 1);
  }
  let xx = 0;
  let xy = 0;
  let yy = 0;
  for (let i = 0; i < count; i += 1) {
    const x = (xs[i] as number) - meanX;
    const y = (ys[i] as number) - meanY;
    xx += x * x;
    xy += x * y;
    yy += y * y;
  }
  if (xx === 0) return { slope: ABSENT, intercept: ABSENT, r2: ABSENT };
  const slope = xy / xx;
  return { slope, intercept: meanY - slope * meanX, r2: yy === 0 ? ABSENT : (slope * xy) / yy };
}

/** @param signedVolumes units, of each interval @param priceChanges price units, of the same intervals */
export const kyleLambda = (signedVolumes: readonly number[], priceChanges: readonly number[]): number =>
  regress(signedVolumes, priceChanges).slope;
