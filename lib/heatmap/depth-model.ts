/**
 * What a page knows of one instrument: columns of every width, gaps, trades, and the book as it stands. Fed by the live
 * stream and by pages of history; pure, so that the join of the two can be tested without either.
 */
import { BookSide, type GapMessage, MessageReader, SEQ_MODULUS, type TickMessage } from '../book/messages.ts';
import { ASK, BID, type Side } from '../core/side.ts';
import { BLOCK_COLUMNS, ColumnStore, Frame } from './column-store.ts';
import { Coverage } from './coverage.ts';
import { Gaps } from './gaps.ts';
import { columnOf, TIERS, TIERS_US, type Tier } from './tiers.ts';
import type { Tile } from './tile.ts';
import { type TileKind, TileStore } from './tile-store.ts';
import { emptyTick } from './trades.ts';

/** A side is shown for at most this long after its last frame; then its columns are hatched. */
export const CARRY_US = 2_000_000;

/**
 * A silence is marked as missing data for this long; where it goes on without a recorded gap, nothing was being recorded
 * (a collector records a gap after 15 s of silence in the session). Also how far one looks back for a frame.
 */
export const SILENCE_US = 60_000_000;

/**
 * Blocks held, of all widths together: 12,288 columns, 60 MB. A 4K screen shows 3,840 columns at most; the rest is what
 * was scrolled over lately and the live edges of the other widths.
 */
export const BLOCKS_MAX = 48;

/** Of the end of a connection's coverage this much may still have been under way when it broke. */
const UNDER_WAY_US = 1_000_000;

/** From this width on the past is made of tiles, which are stored for it. */
export const TILES_FROM_TIER: Tier = 2;

/** Of columns that say more than their last book, the newest so many are shown as their last books until a tile tells of them. */
export const TAIL_COLUMNS = 4;

/** What a side of a column is. */
export const COLUMN_STATE = {
  /** Its own frame, or one carried for at most CARRY_US. */
  data: 0,
  /** No frame for longer than that, and no gap recorded. */
  stale: 1,
  /** Inside a recorded gap. */
  gap: 2,
  /** Nothing was recorded. */
  none: 3,
  /** Not fetched yet. */
  unloaded: 4,
} as const;
export type ColumnState = (typeof COLUMN_STATE)[keyof typeof COLUMN_STATE];

/** Header of a page of history (docs/STREAM.md). */
export interface HistoryPage {
  readonly fromUs: number;
  readonly toUs: number;
  readonly completeToUs: number;
  /** Whether it ends at `completeToUs` for having too many trades, and not for what is not recorded yet. */
  readonly more?: boolean;
  readonly gaps: readonly { readonly fromUs: number; readonly toUs: number | null; readonly cause: string }[];
}

/** Columns that have changed since they were last asked for. */
export class DirtyColumns {
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;

  add(from: number, to: number): void {
    if (from < this.from) this.from = from;
    if (to > this.to) this.to = to;
  }

  clear(): void {
    this.from = Number.POSITIVE_INFINITY;
    this.to = Number.NEGATIVE_INFINITY;
  }
}

export class DepthModel {
  readonly stores: readonly ColumnStore[] = TIERS.map((tier) => new ColumnStore(TIERS_US[tier]));
  /** By tier; those below TILES_FROM_TIER stay empty. */
  readonly tiles: readonly TileStore[] = TIERS.map((tier) => new TileStore(TIERS_US[tier]));
  readonly dirty: readonly DirtyColumns[] = TIERS.map(() => new DirtyColumns());
  readonly gaps = new Gaps();
  /** Newest tick; its stamp is 0 before the first. */
  readonly lastTick: TickMessage = emptyTick();
  /** Newest stamp that the stream has delivered; 0 before anything came. Later times cannot be asked of history. */
  seenUs = 0;
  /** Frames taken from the stream. */
  frames = 0;

  /** The newest frame of each side, from the stream or from history. */
  private readonly newest = [new BookSide(BID), new BookSide(ASK)] as const;
  private readonly reader = new MessageReader();
  private readonly frame = new Frame();
  /** Sequence number of each side's newest live frame; null where the next one may have any. */
  private readonly seqs: [number | null, number | null] = [null, null];
  /** Up to here the stream's own coverage reaches; null until its first event. */
  private coveredToUs: number | null = null;
  private holes: { fromUs: number; toUs: number }[] = [];

  constructor(readonly instrumentId: number) {}

  /** The newest that is known of a side; not `known` before its first frame. */
  side(side: Side): Readonly<BookSide> {
    return this.newest[side];
  }

  /** Receive stamp of the newest frame of either side; 0 before the first. */
  get newestFrameUs(): number {
    return Math.max(this.newest[BID].stampUs, this.newest[ASK].stampUs);
  }

  /**
   * A connection begins. `resumedFromUs`: up to there the server knows everything to have been delivered over the one
   * before; null where it does not know. What we believed to have beyond is fetched again.
   */
  connected(resumedFromUs: number | null): void {
    this.reader.reset();
    this.seqs[BID] = null;
    this.seqs[ASK] = null;
    this.coveredToUs = null;
    const certainUs = resumedFromUs ?? this.seenUs - UNDER_WAY_US;
    for (const { coverage } of this.stores) coverage.remove(certainUs, Number.POSITIVE_INFINITY);
    for (const tiles of this.tiles) tiles.forget(certainUs, Number.POSITIVE_INFINITY);
  }

  /** Takes in one event of the stream. @throws CodecError where its bytes are no messages. */
  readLive(bytes: Uint8Array): void {
    this.reader.read(bytes, {
      onDepth: (instrumentId, side) => this.onLiveDepth(instrumentId, side),
      onTick: (tick) => this.onLiveTick(tick),
      onGap: (gap) => this.onGap(gap),
      onBaseMissing: () => undefined,
    });
    this.seenUs = Math.max(this.seenUs, this.lastTick.stampUs, this.newestFrameUs);
    for (const { coverage } of this.stores) {
      // The first event is a picture of an instant: from there on nothing is missed.
      if (this.coveredToUs !== null) coverage.add(this.coveredToUs, this.seenUs);
      for (const hole of this.holes) coverage.remove(hole.fromUs, hole.toUs);
    }
    this.coveredToUs = this.seenUs;
    this.holes = [];
  }

  /** Which tiles the past of wide columns is made of; null: it is made of books. */
  showTiles(kind: TileKind | null): void {
    for (const tier of TIERS) {
      if (tier < TILES_FROM_TIER || !this.tiles[tier]?.want(kind)) continue;
      this.dirty[tier]?.add(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
    }
  }

  /** What of a width need not be asked for any more. */
  held(tier: Tier): Coverage {
    const { coverage, columnUs } = this.stores[tier] as ColumnStore;
    const tiles = this.tiles[tier] as TileStore;
    if (tiles.kind === null) return coverage;
    const held = new Coverage();
    for (const { fromUs, toUs } of [...tiles.coverage.all, ...tiles.without.all]) held.add(fromUs, toUs);
    const tailUs = tiles.kind.value === 'last' ? 0 : this.seenUs - TAIL_COLUMNS * columnUs;
    for (const { fromUs, toUs } of coverage.all) held.add(Math.max(fromUs, tailUs), toUs);
    return held;
  }

  /**
   * Takes in tiles of one width, and with them a page of what traded in their time and of its gaps.
   *
   * @param completeToUs nothing that the tiles tell is missing before it
   * @throws CodecError where the page's bytes are no messages
   */
  readTiles(tier: Tier, tiles: readonly Tile[], completeToUs: number, page: HistoryPage, bytes: Uint8Array): void {
    for (const tile of tiles) this.tiles[tier]?.put(tile, completeToUs);
    this.takeIn(tier, page, bytes);
  }

  /** Takes in a page of history of one width. @throws CodecError where its bytes are no messages. */
  readHistory(tier: Tier, page: HistoryPage, bytes: Uint8Array): void {
    this.takeIn(tier, page, bytes);
    const toUs = Math.min(page.toUs, page.completeToUs);
    this.stores[tier]?.coverage.add(page.fromUs, toUs);
    if (this.tiles[tier]?.kind) this.tiles[tier].without.add(page.fromUs, toUs);
  }

  private takeIn(tier: Tier, page: HistoryPage, bytes: Uint8Array): void {
    const store = this.stores[tier] as ColumnStore;
    const { instrumentId, frame } = this;
    new MessageReader().read(bytes, {
      onDepth: (id, side) => {
        if (id !== instrumentId) return;
        frame.pointAt(side);
        store.put(columnOf(side.bookTimeUs, store.columnUs), side.side, frame);
        this.keepNewest(side);
      },
      onTick: (tick) => {
        if (tick.instrumentId === instrumentId && tick.volumeDelta > 0) store.putTrade(tick);
      },
      onGap: (gap) => this.onGap(gap),
      onBaseMissing: () => undefined,
    });
    for (const { fromUs, toUs, cause } of page.gaps) {
      this.gaps.add({ fromUs, toUs: toUs ?? Number.POSITIVE_INFINITY, cause });
    }
    this.dirty[tier]?.add(columnOf(page.fromUs, store.columnUs), columnOf(page.toUs + CARRY_US, store.columnUs));
  }

  /** Fills a wider tier with what a finer one holds, so that zooming out shows at once what was on the screen. */
  derive(finer: Tier, coarser: Tier): void {
    (this.stores[coarser] as ColumnStore).deriveFrom(this.stores[finer] as ColumnStore);
    this.dirty[coarser]?.add(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  /** What a side of a column is, as of `nowUs`; its levels go into `into` where it is data. */
  resolve(tier: Tier, column: number, side: Side, nowUs: number, into: Frame): ColumnState {
    const store = this.stores[tier] as ColumnStore;
    if (this.isTold(tier, column)) return this.resolveTold(tier, column, side, into);
    if (store.frame(column, side, into)) {
      const tiles = this.tiles[tier] as TileStore;
      if (tiles.covers(column)) tiles.readRange(column, side, into);
      return COLUMN_STATE.data;
    }
    const { columnUs } = store;
    const startUs = column * columnUs;
    if (startUs > nowUs) return COLUMN_STATE.none;
    const endUs = Math.min(startUs + columnUs, nowUs);
    if (this.gaps.overlapping(startUs, endUs)) return COLUMN_STATE.gap;
    if (startUs < this.seenUs && !store.coverage.has(startUs)) return COLUMN_STATE.unloaded;
    if (!store.frameBefore(column, Math.ceil(SILENCE_US / columnUs), side, into)) return COLUMN_STATE.none;
    const carried = endUs - into.stampUs <= CARRY_US && !this.gaps.overlapping(into.stampUs, endUs);
    return carried ? COLUMN_STATE.data : COLUMN_STATE.stale;
  }

  /** The last that is held of a side in the `columns` columns before this one; false where there is none. */
  lastBefore(tier: Tier, column: number, columns: number, side: Side, into: Frame): boolean {
    const tiles = this.tiles[tier] as TileStore;
    for (let at = column - 1; at >= column - columns && tiles.kind; at -= 1) {
      if (this.isTold(tier, at) && tiles.read(at, side, into)) return true;
      if (this.stores[tier]?.frame(at, side, into)) return true;
    }
    return this.stores[tier]?.frameBefore(column, columns, side, into) ?? false;
  }

  /** Whether a column is made of a tile: of the last books, only where the books themselves are not held. */
  private isTold(tier: Tier, column: number): boolean {
    const tiles = this.tiles[tier] as TileStore;
    if (!tiles.covers(column)) return false;
    return tiles.kind?.value !== 'last' || !this.stores[tier]?.coverage.has(column * TIERS_US[tier]);
  }

  private resolveTold(tier: Tier, column: number, side: Side, into: Frame): ColumnState {
    const tiles = this.tiles[tier] as TileStore;
    if (tiles.read(column, side, into)) return COLUMN_STATE.data;
    const columnUs = TIERS_US[tier];
    if (this.gaps.overlapping(column * columnUs, (column + 1) * columnUs)) return COLUMN_STATE.gap;
    for (let at = column - 1; at >= column - Math.ceil(SILENCE_US / columnUs); at -= 1) {
      if (tiles.read(at, side, into)) return COLUMN_STATE.stale;
    }
    return COLUMN_STATE.none;
  }

  /**
   * Gives up blocks beyond BLOCKS_MAX: first those of widths not shown, away from the live edge, then their live edges,
   * then those farthest from what is shown.
   */
  trim(shown: Tier, centreUs: number): void {
    const held = TIERS.flatMap((tier) =>
      [...(this.stores[tier] as ColumnStore).blocks.keys()].map((number) => {
        const blockUs = BLOCK_COLUMNS * TIERS_US[tier];
        const fromShownUs = Math.abs((number + 0.5) * blockUs - centreUs);
        const live = (number + 1) * blockUs > this.seenUs;
        const rank = tier === shown ? (live ? 0 : 1) : live ? 2 : 3;
        return { tier, number, rank, distance: fromShownUs / blockUs };
      }),
    );
    if (held.length <= BLOCKS_MAX) return;
    held.sort((a, b) => b.rank - a.rank || b.distance - a.distance);
    for (const { tier, number } of held.slice(0, held.length - BLOCKS_MAX)) {
      this.stores[tier]?.drop(number);
      const first = number * BLOCK_COLUMNS;
      // The trades of that time are gone with it.
      this.tiles[tier]?.drop(first * TIERS_US[tier], (first + BLOCK_COLUMNS) * TIERS_US[tier]);
      this.dirty[tier]?.add(first, first + BLOCK_COLUMNS + Math.ceil(CARRY_US / TIERS_US[tier]));
    }
  }

  private onLiveDepth(instrumentId: number, side: BookSide): void {
    if (instrumentId !== this.instrumentId) return;
    this.frames += 1;
    const seq = this.seqs[side.side];
    if (seq !== null && side.seq !== (seq + 1) % SEQ_MODULUS) {
      // Frames were left out for us, a slow reader: history has them.
      this.holes.push({ fromUs: this.newest[side.side].stampUs, toUs: side.stampUs });
    }
    this.seqs[side.side] = side.seq;
    this.keepNewest(side);
    this.frame.pointAt(side);
    this.stores.forEach((store, tier) => {
      const column = columnOf(side.bookTimeUs, store.columnUs);
      if (!store.put(column, side.side, this.frame)) return;
      this.dirty[tier]?.add(column, column + Math.ceil(CARRY_US / store.columnUs));
    });
    if (this.gaps.endAt(side.stampUs)) this.dirtyAll();
  }

  private keepNewest(side: Readonly<BookSide>): void {
    const newest = this.newest[side.side];
    if (newest.known && side.stampUs < newest.stampUs) return;
    newest.levels.copyFrom(side.levels);
    newest.known = true;
    newest.stampUs = side.stampUs;
    newest.bookTimeUs = side.bookTimeUs;
  }

  private onLiveTick(tick: TickMessage): void {
    if (tick.instrumentId !== this.instrumentId) return;
    if (tick.stampUs >= this.lastTick.stampUs) Object.assign(this.lastTick, tick);
    if (tick.volumeDelta > 0) for (const store of this.stores) store.putTrade(tick);
  }

  private onGap({ instrumentId, fromUs, toUs, cause }: GapMessage): void {
    if (instrumentId !== this.instrumentId) return;
    this.gaps.add({ fromUs, toUs: toUs === 0 ? Number.POSITIVE_INFINITY : toUs, cause });
    this.dirtyAll();
  }

  private dirtyAll(): void {
    for (const dirty of this.dirty) dirty.add(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
  }
}
