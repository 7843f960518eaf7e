/**
 * A fresh book one side of which is empty: at a price band, or in an instrument that nobody quotes. Said once, and again
 * only after both sides have been there in between.
 */
import { type BookInput, type Detector, FRESH_US, type Signal } from './detector.ts';

export class OneSidedBook implements Detector {
  private standing = false;

  push({ stampUs, bids, asks, bidStampUs, askStampUs }: BookInput): Signal | null {
    if (Math.min(bidStampUs, askStampUs) < stampUs - FRESH_US) return null;
    const oneSided = (bids.count === 0) !== (asks.count === 0);
    const begins = oneSided && !this.standing;
    this.standing = oneSided;
    if (!begins) return null;
    return { detector: 'one_sided_book@1', stampUs, cause: { bidLevels: bids.count, askLevels: asks.count } };
  }

  reset(): void {
    this.standing = false;
  }
}
