import { DHAN_SEGMENT_CODES, type DhanSegment, EXCHANGES } from '../core/exchange.ts';

const scales = new Array<number>(256).fill(100);
for (const { dhanSegment, priceScale } of Object.values(EXCHANGES)) {
  scales[DHAN_SEGMENT_CODES[dhanSegment]] = priceScale;
}

/** Price units in a rupee on a numeric segment; 1/100 rupee where the segment is unknown. */
export const scaleOfDhanSegment = (segmentCode: number): number => scales[segmentCode] as number;

const names = new Map(Object.entries(DHAN_SEGMENT_CODES).map(([name, code]) => [code, name as DhanSegment]));

/** Name of a numeric segment; null where Dhan lists none. */
export const dhanSegmentName = (segmentCode: number): DhanSegment | null => names.get(segmentCode) ?? null;
