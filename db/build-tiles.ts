/** Makes the heatmap's tiles of what is stored: one when it is asked for, and all that time has made final. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { CARRY_US } from '../lib/heatmap/depth-model.ts';
import { ROW_TICKS } from '../lib/heatmap/price-rows.ts';
import { TIERS_US } from '../lib/heatmap/tiers.ts';
import { decodeTile, encodeTile, type Tile, tileStart, tileUs } from '../lib/heatmap/tile.ts';
import { type TileCells, TileFold } from '../lib/heatmap/tile-fold.ts';
import { coarserTile } from '../lib/heatmap/tile-merge.ts';
import type { Pool } from './connect.ts';
import { eachFrame, gapsBetween, positionOf } from './depth.ts';
import { flowFeedOf } from './flow.ts';
import { instrumentsOf } from './instruments.ts';
import {
  type CoarseTile,
  coarseTilesToBuild,
  feedsWithBooks,
  firstBook,
  instrumentsWithBooks,
  newestTile,
  readTrades,
  sourceRevisions,
  storedRevisions,
  storedTiles,
  storeTiles,
  type TileSources,
} from './tiles.ts';

const US_PER_DAY = 86_400_000_000;

/** Columns from this width on are stored; finer ones are made of the frames when they are asked for, which is soon done. */
const STORED_FROM_MS = 5000;
/** Widths of stored columns, finest first: those of the frames themselves, and those made of the ones before. */
export const STORED_MS: readonly number[] = TIERS_US.map((us) => us / 1000).filter((ms) => ms >= STORED_FROM_MS);
const BASE_MS = STORED_MS[0] as number;

/**
 * A tile is final when its feed's position has passed its end by this much. A book time lies up to 0.1 s before its frame's
 * stamp, and a silence is known for one, with its beginning, after 15 s.
 */
const FINAL_AFTER_US = 20_000_000;
/** What is older than this is complete, wherever the position of its feed stands: imported frames move none. */
const SETTLED_AFTER_US = US_PER_DAY;
/** A feed whose position stands still for longer holds nobody's tiles up: its own are made up for at night. */
const STALLED_AFTER_US = 3_600_000_000;

/** A tile's place: whose it is, and when it begins. */
export interface TilePlace {
  readonly instrumentId: number;
  readonly feedId: number;
  readonly columnMs: number;
  readonly startUs: number;
}

export const isStored = (columnMs: number): boolean => columnMs >= STORED_FROM_MS;

/** Up to where everything of a feed is in the database, µs. */
export const knownTo = (positionUs: number, nowUs: number): number => Math.max(positionUs, nowUs - SETTLED_AFTER_US);

export const isFinal = ({ columnMs, startUs }: Pick<TilePlace, 'columnMs' | 'startUs'>, knownToUs: number): boolean =>
  knownToUs >= startUs + tileUs(columnMs) + FINAL_AFTER_US;

/** What a tile is made of. */
export async function sourcesOf(
  db: Pool,
  { instrumentId, feedId, columnMs }: Omit<TilePlace, 'startUs'>,
  fromUs: number,
  toUs: number,
): Promise<TileSources> {
  return { instrumentId, feedId, columnMs, flowFeedId: await flowFeedOf(db, instrumentId, fromUs, toUs) };
}

/** Tiles of one place, made of its frames and ticks. @param knownToUs what is known ends here */
async function foldTiles(db: Pool, place: TilePlace, wanted: readonly TileCells[], knownToUs: number): Promise<Tile[]> {
  const { instrumentId, feedId, columnMs, startUs } = place;
  const endUs = startUs + tileUs(columnMs);
  const fromUs = startUs - CARRY_US;
  const [sources, gaps] = await Promise.all([
    sourcesOf(db, place, startUs, endUs),
    gapsBetween(db, instrumentId, feedId, fromUs, endUs),
  ]);
  const fold = new TileFold(
    columnMs,
    startUs,
    wanted,
    gaps.map((gap) => ({ ...gap, toUs: gap.toUs ?? Number.POSITIVE_INFINITY })),
  );
  await Promise.all([
    eachFrame(db, { instrumentId, feedId, fromUs, toUs: endUs }, (side, bookTimeUs, stampUs, levels) =>
      fold.put(side, bookTimeUs, stampUs, levels),
    ),
    readTrades(db, sources, startUs, fold.trades),
  ]);
  return fold.finish(Math.min(endUs, knownToUs));
}

/**
 * The tile of a place as it is now: stored, or of the finer ones that are stored and of the frames where they are not yet.
 *
 * @param cells rows of a stored width have the instrument's tick as their height, or for `max` that of some of its ticks
 */
export async function tileNow(db: Pool, place: TilePlace, cells: TileCells, knownToUs: number): Promise<Tile> {
  const { columnMs, startUs } = place;
  const finerMs = STORED_MS[STORED_MS.indexOf(columnMs) - 1];
  if (finerMs === undefined) {
    const [tile] = await foldTiles(db, place, [cells], knownToUs);
    return tile as Tile;
  }
  const endUs = startUs + tileUs(columnMs);
  const stored = await storedTiles(db, { ...place, ...cells, columnMs: finerMs, fromUs: startUs, toUs: endUs });
  const tiles = new Map(stored.map(({ startUs: at, bytes }) => [at, decodeTile(gunzipSync(bytes))]));
  const finer: Tile[] = [];
  for (let at = startUs; at < endUs && at < knownToUs; at += tileUs(finerMs)) {
    finer.push(tiles.get(at) ?? (await tileNow(db, { ...place, columnMs: finerMs, startUs: at }, cells, knownToUs)));
  }
  return coarserTile({ ...cells, columnMs, startUs }, finer);
}

/** Compressed bytes of a tile. */
export const tileBytes = (tile: Tile): Uint8Array<ArrayBuffer> => Uint8Array.from(gzipSync(encodeTile(tile)));

export interface TilesToBuild {
  /** Null: all that have books in the interval. */
  readonly instrumentIds: readonly number[] | null;
  readonly fromUs: number;
  readonly toUs: number;
  readonly nowUs: number;
  /**
   * `new`: what follows the newest tile of each instrument. `changed`: also those whose frames, trades or gaps are others than
   * when they were built. `all`: every one.
   */
  readonly which: 'new' | 'changed' | 'all';
  /** Asked between tiles: whether to leave the rest for another time. */
  readonly isTimeUp: () => boolean;
  /** A tile could not be built; the others go on. */
  readonly onFailure: (place: TilePlace, error: Error) => void;
}

export interface BuiltTiles {
  /** Places of which tiles were stored. */
  built: number;
  /** Places that were stored as they are. */
  unchanged: number;
}

/**
 * Builds the tiles that are final. Safe to run at any time, several at once and again: what is built twice is the same.
 * Tiles whose frames are no longer stored are left as they are.
 */
export async function buildTiles(db: Pool, task: TilesToBuild): Promise<BuiltTiles> {
  const result: BuiltTiles = { built: 0, unchanged: 0 };
  const ids = task.instrumentIds ?? (await instrumentsWithBooks(db, task.fromUs, task.toUs));
  for (const { id, tickSize } of await instrumentsOf(db, ids)) {
    await buildBase(db, id, tickSize, task, result);
    for (const columnMs of STORED_MS.slice(1)) await buildCoarser(db, id, columnMs, task, result);
    if (task.isTimeUp()) break;
  }
  return result;
}

/** What is stored of a base place: the maximum at each height, as it can be had from no other; the others at the tick. */
export const storedCells = (tickSize: number): TileCells[] => [
  ...ROW_TICKS.map((ticks): TileCells => ({ value: 'max', rowUnits: ticks * tickSize })),
  { value: 'last', rowUnits: tickSize },
  { value: 'mean', rowUnits: tickSize },
];

async function buildBase(db: Pool, instrumentId: number, tickSize: number, task: TilesToBuild, result: BuiltTiles) {
  const { toUs, nowUs, which, onFailure, isTimeUp } = task;
  const lengthUs = tileUs(BASE_MS);
  const newest = which === 'new' ? await newestTile(db, instrumentId, BASE_MS) : null;
  let fromUs = Math.max(tileStart(task.fromUs, BASE_MS), newest === null ? 0 : newest + lengthUs);
  while (!isTimeUp()) {
    const firstUs = await firstBook(db, instrumentId, fromUs, toUs);
    if (firstUs === null) return;
    const startUs = tileStart(firstUs, BASE_MS);
    for (const { feedId, positionUs } of await feedsWithBooks(db, instrumentId, startUs, startUs + lengthUs)) {
      const place = { instrumentId, feedId, columnMs: BASE_MS, startUs };
      const knownToUs = knownTo(positionUs, nowUs);
      if (!isFinal(place, knownToUs)) {
        // The next run begins here again.
        if (which === 'new' && positionUs > nowUs - STALLED_AFTER_US) return;
        continue;
      }
      try {
        if (await buildPlace(db, place, tickSize, which, knownToUs)) result.built += 1;
        else result.unchanged += 1;
      } catch (error) {
        onFailure(place, error as Error);
      }
    }
    fromUs = startUs + lengthUs;
  }
}

/** @returns false where it is stored as it is */
async function buildPlace(
  db: Pool,
  place: TilePlace,
  tickSize: number,
  which: TilesToBuild['which'],
  knownToUs: number,
): Promise<boolean> {
  const { startUs, columnMs } = place;
  const endUs = startUs + tileUs(columnMs);
  const sources = await sourcesOf(db, place, startUs, endUs);
  const revision = (await sourceRevisions(db, sources, startUs, endUs)).get(startUs) as string;
  if (which !== 'all') {
    const query = { ...place, value: 'max', rowUnits: tickSize, fromUs: startUs, toUs: endUs } as const;
    if ((await storedRevisions(db, query)).get(startUs) === revision) return false;
  }
  const tiles = await foldTiles(db, place, storedCells(tickSize), knownToUs);
  await storeTiles(
    db,
    tiles.map((tile) => ({ ...place, value: tile.value, rowUnits: tile.rowUnits, revision, bytes: tileBytes(tile) })),
  );
  return true;
}

async function buildCoarser(
  db: Pool,
  instrumentId: number,
  columnMs: number,
  { fromUs, toUs, nowUs, which, onFailure }: TilesToBuild,
  result: BuiltTiles,
): Promise<void> {
  const finerMs = STORED_MS[STORED_MS.indexOf(columnMs) - 1] as number;
  const due = await coarseTilesToBuild(db, instrumentId, {
    finerMs,
    columnMs,
    fromUs: tileStart(fromUs, columnMs),
    toUs: tileStart(toUs, columnMs) + tileUs(columnMs),
    again: which === 'all',
  });
  const positions = new Map<number, number>();
  for (const tile of due) {
    if (!positions.has(tile.feedId)) positions.set(tile.feedId, await positionOf(db, tile.feedId));
    const place = { instrumentId, feedId: tile.feedId, columnMs, startUs: tile.startUs };
    if (!isFinal(place, knownTo(positions.get(tile.feedId) as number, nowUs))) continue;
    try {
      await mergeStored(db, place, finerMs, tile);
      result.built += 1;
    } catch (error) {
      onFailure(place, error as Error);
    }
  }
}

async function mergeStored(
  db: Pool,
  place: TilePlace,
  finerMs: number,
  { value, rowUnits, revision }: CoarseTile,
): Promise<void> {
  const { startUs, columnMs } = place;
  const query = { ...place, columnMs: finerMs, value, rowUnits, fromUs: startUs, toUs: startUs + tileUs(columnMs) };
  const finer = (await storedTiles(db, query)).map(({ bytes }) => decodeTile(gunzipSync(bytes)));
  const tile = coarserTile({ value, rowUnits, columnMs, startUs }, finer);
  await storeTiles(db, [{ ...place, value, rowUnits, revision, bytes: tileBytes(tile) }]);
}
