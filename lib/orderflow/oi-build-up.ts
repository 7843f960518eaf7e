/** What a change of price and of open interest say together about positions. */
import { isPresent } from '../core/absent.ts';

export type OiBuildUp = 'long_build_up' | 'short_build_up' | 'short_covering' | 'long_unwinding';

/** Null where either did not change or is not known. */
export function oiBuildUpOf(priceChange: number, oiChange: number): OiBuildUp | null {
  if (!isPresent(priceChange) || !isPresent(oiChange) || priceChange === 0 || oiChange === 0) return null;
  if (oiChange > 0) return priceChange > 0 ? 'long_build_up' : 'short_build_up';
  return priceChange > 0 ? 'short_covering' : 'long_unwinding';
}
