/** What one commit will carry: rows made from stream entries, and where each came from. */
import { CopyRows } from '../../db/copy.ts';
import type { GapRow } from '../../db/gaps.ts';
import { UnstorableError, writeDepthRow, writeTickRow } from '../../db/market-rows.ts';
import type { QuarantineRow } from '../../db/quarantine.ts';
import { CodecError } from '../../lib/core/bytes.ts';
import { type FlowTick, flowOf } from '../../lib/orderflow/flow-rows.ts';
import type { Tick } from '../../lib/orderflow/tick.ts';
import { type DepthRecord, EntryReader, type GapRecord, type RejectRecord } from '../../lib/queue/entry.ts';
import type { StreamEntry } from '../../lib/queue/streams.ts';

export type RowTable = 'depth' | 'ticks';

/** One row of a table within its CopyRows, and the record it was made from. */
export interface RowOrigin {
  readonly from: number;
  readonly to: number;
  readonly feedId: number;
  readonly stampUs: number;
  readonly n: number;
  readonly record: Uint8Array;
  /** What a tick says of the flow; null where it says nothing of it. */
  readonly flow: FlowTick | null;
}

export class Batch {
  readonly copies: Record<RowTable, CopyRows> = { depth: new CopyRows(), ticks: new CopyRows() };
  readonly origins: Record<RowTable, RowOrigin[]> = { depth: [], ticks: [] };
  readonly gaps: GapRow[] = [];
  readonly quarantine: QuarantineRow[] = [];
  /** By feed: the position that the commit starts from and the one it moves to, µs. */
  readonly moves = new Map<number, { fromUs: number; toUs: number }>();

  private readonly reader = new EntryReader();
  private feedId = 0;

  get rows(): number {
    return this.origins.depth.length + this.origins.ticks.length + this.gaps.length + this.quarantine.length;
  }

  get isEmpty(): boolean {
    return this.moves.size === 0;
  }

  clear(): void {
    this.copies.depth.clear();
    this.copies.ticks.clear();
    this.origins.depth.length = 0;
    this.origins.ticks.length = 0;
    this.gaps.length = 0;
    this.quarantine.length = 0;
    this.moves.clear();
  }

  /** Adds the next entry of a feed whose position is `positionUs`. What cannot be read is set aside, never an error. */
  add(feedId: number, positionUs: number, { stampUs, bytes }: StreamEntry): void {
    this.feedId = feedId;
    try {
      this.reader.read(stampUs, bytes, this);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.quarantine.push({
        stampUs,
        feedId,
        n: 0,
        stage: 'entry',
        reason: 'unreadable',
        detail: error.message,
        bytes,
      });
    }
    const move = this.moves.get(feedId);
    if (move) move.toUs = stampUs;
    else this.moves.set(feedId, { fromUs: positionUs, toUs: stampUs });
  }

  onDepth(record: DepthRecord): void {
    this.row('depth', record.stampUs, record.n, null, (rows) => writeDepthRow(rows, this.feedId, record));
  }

  onTick(tick: Tick): void {
    this.row('ticks', tick.stampUs, tick.n, flowOf(this.feedId, tick), (rows) => writeTickRow(rows, this.feedId, tick));
  }

  onGap({ fromUs, toUs, cause, instrumentIds }: GapRecord): void {
    this.gaps.push({ feedId: this.feedId, fromUs, toUs, cause, instrumentIds });
  }

  onReject({ stampUs, n, code, detail, bytes }: RejectRecord): void {
    this.quarantine.push({ stampUs, feedId: this.feedId, n, stage: 'wire', reason: code, detail, bytes });
  }

  private row(
    table: RowTable,
    stampUs: number,
    n: number,
    flow: FlowTick | null,
    write: (rows: CopyRows) => void,
  ): void {
    const rows = this.copies[table];
    const from = rows.length;
    const record = this.reader.recordBytes;
    const { feedId } = this;
    try {
      write(rows);
    } catch (error) {
      if (!(error instanceof UnstorableError)) throw error;
      this.quarantine.push({
        stampUs,
        feedId,
        n,
        stage: 'row',
        reason: 'out_of_range',
        detail: error.message,
        bytes: record,
      });
      return;
    }
    this.origins[table].push({ from, to: rows.length, feedId, stampUs, n, record, flow });
  }
}
