/** The detectors of every instrument, fed from merged entries. */
import { BID, SideLevels } from '../../lib/core/side.ts';
import { type DepthRecord, EntryReader, type GapRecord } from '../../lib/queue/entry.ts';
import type { Detector, Signal } from '../../lib/signals/detector.ts';
import { OneSidedBook } from '../../lib/signals/one-sided-book.ts';

export interface FoundSignal {
  readonly instrumentId: number;
  readonly signal: Signal;
}

/** An instrument's book on one feed, and its detectors. */
interface Watch {
  readonly bids: SideLevels;
  readonly asks: SideLevels;
  bidStampUs: number;
  askStampUs: number;
  readonly detectors: readonly Detector[];
}

export class Detectors {
  private readonly reader = new EntryReader();
  /** By feed and instrument: a 20-level book and a 200-level one of the same instrument are two books. */
  private readonly watches = new Map<string, Watch>();
  private feedId = 0;
  private found: FoundSignal[] = [];

  /** Takes in one entry; returns what its records set off. @throws CodecError where it cannot be read */
  take(feedId: number, stampUs: number, bytes: Uint8Array): FoundSignal[] {
    this.feedId = feedId;
    this.found = [];
    this.reader.read(stampUs, bytes, this);
    return this.found;
  }

  onDepth(record: DepthRecord): void {
    const watch = this.watch(record.instrumentId);
    if (record.side === BID) {
      watch.bids.copyFrom(record.levels);
      watch.bidStampUs = record.stampUs;
    } else {
      watch.asks.copyFrom(record.levels);
      watch.askStampUs = record.stampUs;
    }
    for (const detector of watch.detectors) {
      const signal = detector.push({ stampUs: record.stampUs, ...watch });
      if (signal) this.found.push({ instrumentId: record.instrumentId, signal });
    }
  }

  onGap({ instrumentIds }: GapRecord): void {
    for (const instrumentId of instrumentIds) {
      const watch = this.watch(instrumentId);
      watch.bidStampUs = 0;
      watch.askStampUs = 0;
      for (const detector of watch.detectors) detector.reset();
    }
  }

  onTick(): void {
    // No detector of the moment looks at trades.
  }

  onReject(): void {
    // A packet that could not be believed says nothing.
  }

  private watch(instrumentId: number): Watch {
    const key = `${this.feedId}:${instrumentId}`;
    let watch = this.watches.get(key);
    if (!watch) {
      watch = {
        bids: new SideLevels(),
        asks: new SideLevels(),
        bidStampUs: 0,
        askStampUs: 0,
        detectors: [new OneSidedBook()],
      };
      this.watches.set(key, watch);
    }
    return watch;
  }
}
