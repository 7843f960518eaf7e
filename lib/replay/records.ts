/** Records put back into the entries that they came in: one for each stamp of a feed. */
import type { Side, SideLevels } from '../core/side.ts';
import type { Tick } from '../orderflow/tick.ts';
import { EntryWriter, type GapRecord } from '../queue/entry.ts';
import type { ReplayEntry } from './source.ts';

export class EntryCollector {
  private readonly writer = new EntryWriter();
  private entries: ReplayEntry[] = [];
  private stampUs = 0;

  constructor(private readonly feedId: number) {}

  depth(
    stampUs: number,
    row: {
      readonly instrumentId: number;
      readonly n: number;
      readonly side: Side;
      readonly flags: number;
      readonly bookTimeUs: number;
      readonly levels: SideLevels;
    },
  ): void {
    this.at(stampUs);
    this.writer.depth(row.instrumentId, row.n, row.side, row.flags, stampUs - row.bookTimeUs, row.levels);
  }

  tick(tick: Tick): void {
    this.at(tick.stampUs);
    this.writer.tick(tick);
  }

  gap(stampUs: number, gap: GapRecord): void {
    this.at(stampUs);
    this.writer.gap(gap);
  }

  /** The entries so far; what comes after begins anew. */
  take(): ReplayEntry[] {
    this.at(0);
    const { entries } = this;
    this.entries = [];
    return entries;
  }

  private at(stampUs: number): void {
    if (stampUs === this.stampUs) return;
    const bytes = this.stampUs > 0 ? this.writer.finish() : null;
    if (bytes) this.entries.push({ feedId: this.feedId, stampUs: this.stampUs, bytes });
    this.stampUs = stampUs;
    this.writer.begin();
  }
}
