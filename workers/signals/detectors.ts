/** The detectors of every instrument, fed from merged entries. */
import { deserialize, serialize } from 'node:v8';
import { isPresent } from '../../lib/core/absent.ts';
import { levelsOfFeed } from '../../lib/core/feeds.ts';
import type { Tick } from '../../lib/orderflow/tick.ts';
import { type DepthRecord, EntryReader, type GapRecord } from '../../lib/queue/entry.ts';
import { restoreState } from '../../lib/signals/checkpoint.ts';
import { AS_LIVE, type DetectorChoice } from '../../lib/signals/detector-options.ts';
import { DetectorSet } from '../../lib/signals/detector-set.ts';
import type { Signal } from '../../lib/signals/signal.ts';

/** An instrument that two feeds give is followed on one; on the other once that has been silent for so long. */
const SILENT_US = 10_000_000;

/** An instrument, and which feeds are believed of it. */
interface Watch {
  /** By the feed of the book. */
  readonly sets: Map<number, DetectorSet>;
  bookFeedId: number;
  bookUs: number;
  tickFeedId: number;
  tickUs: number;
}

export class Detectors {
  private readonly reader = new EntryReader();
  private readonly watches = new Map<number, Watch>();
  private feedId = 0;
  private found: Signal[] = [];

  /**
   * @param only instruments that are looked at; null: all
   * @param choice which detectors, and with what parameters
   */
  constructor(
    private readonly only: ReadonlySet<number> | null = null,
    private readonly choice: DetectorChoice = AS_LIVE,
  ) {}

  /** Takes in one entry; returns what its records set off. @throws CodecError where it cannot be read */
  take(feedId: number, stampUs: number, bytes: Uint8Array): Signal[] {
    this.feedId = feedId;
    this.found = [];
    this.reader.read(stampUs, bytes, this);
    return this.found;
  }

  /** Everything that is remembered, as bytes. */
  save(): Buffer {
    return serialize({ rules: rulesOf(this.choice), watches: this.watches });
  }

  /** Takes back what `save` gave. @returns false where other rules made it: then nothing was taken */
  restore(bytes: Uint8Array): boolean {
    const saved = deserialize(bytes) as { rules: string; watches: Map<number, Watch> };
    if (saved.rules !== rulesOf(this.choice)) return false;
    for (const [instrumentId, { sets, ...watch }] of saved.watches) {
      const restored = new Map<number, DetectorSet>();
      for (const [feedId, set] of sets) {
        restored.set(feedId, restoreState(this.newSet(instrumentId, feedId), set));
      }
      this.watches.set(instrumentId, { ...watch, sets: restored });
    }
    return true;
  }

  onDepth(record: DepthRecord): void {
    const { instrumentId, stampUs } = record;
    if (this.isLeftOut(instrumentId)) return;
    const watch = this.watch(instrumentId);
    if (this.feedId !== watch.bookFeedId) {
      const deeper = levelsOf(this.feedId) > levelsOf(watch.bookFeedId);
      if (!deeper && stampUs - watch.bookUs < SILENT_US) return;
      // What was under way in the other feed's book is not carried over.
      watch.sets.get(this.feedId)?.gap({ fromUs: watch.bookUs, toUs: stampUs });
      watch.bookFeedId = this.feedId;
    }
    watch.bookUs = stampUs;
    let set = watch.sets.get(this.feedId);
    if (!set) {
      set = this.newSet(instrumentId, this.feedId);
      watch.sets.set(this.feedId, set);
    }
    set.side(record, this.found);
  }

  onTick(tick: Tick): void {
    const { instrumentId, stampUs, volumeDelta } = tick;
    if (!isPresent(volumeDelta) || this.isLeftOut(instrumentId)) return;
    const watch = this.watch(instrumentId);
    if (this.feedId !== watch.tickFeedId) {
      if (stampUs - watch.tickUs < SILENT_US) return;
      watch.tickFeedId = this.feedId;
    }
    watch.tickUs = stampUs;
    watch.sets.get(watch.bookFeedId)?.tick(tick, this.feedId, this.found);
  }

  onGap(gap: GapRecord): void {
    for (const instrumentId of gap.instrumentIds) {
      const watch = this.watches.get(instrumentId);
      if (!watch || (watch.bookFeedId !== this.feedId && watch.tickFeedId !== this.feedId)) continue;
      watch.sets.get(watch.bookFeedId)?.gap(gap);
    }
  }

  onReject(): void {
    // A packet that could not be believed says nothing.
  }

  protected isLeftOut(instrumentId: number): boolean {
    return this.only !== null && !this.only.has(instrumentId);
  }

  private newSet(instrumentId: number, feedId: number): DetectorSet {
    return new DetectorSet(instrumentId, feedId, levelsOf(feedId), this.choice);
  }

  private watch(instrumentId: number): Watch {
    let watch = this.watches.get(instrumentId);
    if (!watch) {
      watch = { sets: new Map(), bookFeedId: 0, bookUs: 0, tickFeedId: 0, tickUs: 0 };
      this.watches.set(instrumentId, watch);
    }
    return watch;
  }
}

const levelsOf = (feedId: number): number => (feedId === 0 ? 0 : levelsOfFeed(feedId));

/** Versions and parameters of all detectors: what others made is not taken back. */
export const rulesOf = (choice: DetectorChoice): string =>
  new DetectorSet(0, 0, 0, choice).detectors.map(({ name, parameters }) => `${name}.${parameters}`).join(' ');
