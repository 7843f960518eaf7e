/** Dhan's security id is unique only within its segment: both together, as one number. */
import { DHAN_SEGMENT_CODES } from '../core/exchange.ts';
import type { Instrument } from '../core/instrument.ts';

export const dhanKey = (segmentCode: number, securityId: number): number => segmentCode * 2 ** 32 + securityId;

/** Instruments by that number; those that Dhan does not know are left out. */
export function byDhanKey(instruments: readonly Instrument[]): Map<number, Instrument> {
  const found = new Map<number, Instrument>();
  for (const instrument of instruments) {
    const { dhanSegment, dhanSecurityId } = instrument;
    if (dhanSegment === null || dhanSecurityId === null) continue;
    found.set(dhanKey(DHAN_SEGMENT_CODES[dhanSegment], dhanSecurityId), instrument);
  }
  return found;
}
