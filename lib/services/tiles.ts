/** Tiles of the heatmap: which there are of an interval, and each of them. docs/TILES.md describes both answers. */

import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { isFinal, isStored, knownTo, sourcesOf, tileBytes, tileNow } from '../../db/build-tiles.ts';
import { feedOfInterval, gapsBetween, positionOf } from '../../db/depth.ts';
import {
  feedOfTiles,
  type StoredTile,
  sourceRevisions,
  storedRevisions,
  storedTileOf,
  storedTiles,
} from '../../db/tiles.ts';
import type { Answer, Query } from '../api/operations.ts';
import { DEPTH_FEEDS } from '../api/tiles.ts';
import { feedName } from '../core/feeds.ts';
import { type InstrumentSummary, parseSlug } from '../core/instrument.ts';
import { decodeTile, TILE_COLUMNS, tileStart, tileUs } from '../heatmap/tile.ts';
import { tallerRows } from '../heatmap/tile-merge.ts';
import type { Caller } from './access.ts';
import { gapAnswer } from './asked-flow.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { findInstrument } from './instruments.ts';
import { inIst } from './times.ts';

const gunzip = promisify(gunzipCallback);

const US_PER_MS = 1000;
const COLUMNS_MAX = 4000;

type TileQuery = Query<'/api/depth/tile'>;
type TileIndexQuery = Query<'/api/depth/tiles'>;

/** Which tiles an interval has. @throws RequestError 404, 422 */
export async function tileIndex(caller: Caller, query: TileIndexQuery): Promise<Answer<'/api/depth/tiles'>> {
  const { from, to, column_ms: columnMs, value } = query;
  if (to <= from) throw new RequestError(422, 'Empty interval', '`to` must be later than `from`.');
  if ((to - from) / (columnMs * US_PER_MS) > COLUMNS_MAX) {
    const seconds = Math.floor((COLUMNS_MAX * columnMs) / 1000);
    throw new RequestError(
      422,
      'Too many columns',
      `At most ${COLUMNS_MAX} columns a request: ask for ${seconds} s or less at ${columnMs} ms, or for wider columns.`,
    );
  }
  const instrument = await mustFind(caller, query.instrument);
  const { db } = services();
  const fromUs = tileStart(from, columnMs);
  const feedId = await feedOf(instrument, query, fromUs, to);
  const knownToUs = feedId === null ? 0 : await knownToOf(feedId);
  const [gaps, revisions] =
    feedId === null
      ? [[], new Map<number, string>()]
      : await Promise.all([
          gapsBetween(db, instrument.id, feedId, fromUs, to),
          revisionsOf({ instrument, feedId, knownToUs, query, fromUs, toUs: to }),
        ]);
  const feed = feedId === null ? null : feedName(feedId);
  const starts = feed === null ? [] : startsBetween(fromUs, to, tileUs(columnMs));
  return {
    instrument: instrument.slug,
    priceScale: instrument.priceScale,
    tickSize: instrument.tickSize,
    feed,
    columnMs,
    columns: TILE_COLUMNS,
    value,
    rowUnits: query.row_ticks * instrument.tickSize,
    completeTo: inIst(Math.min(to, knownToUs)),
    gaps: gaps.map(gapAnswer),
    tiles: starts.map((startUs) => {
      const revision = revisions.get(startUs) ?? null;
      return {
        start: inIst(startUs),
        end: inIst(startUs + tileUs(columnMs)),
        revision,
        url: urlOf({ ...query, instrument: instrument.slug, feed: feed as string }, startUs, revision),
      };
    }),
  };
}

const startsBetween = (fromUs: number, toUs: number, lengthUs: number): number[] =>
  Array.from({ length: Math.ceil((toUs - fromUs) / lengthUs) }, (_, i) => fromUs + i * lengthUs);

interface Revisions {
  readonly instrument: InstrumentSummary;
  readonly feedId: number;
  readonly knownToUs: number;
  readonly query: Kind;
  readonly fromUs: number;
  readonly toUs: number;
}
type Kind = Pick<TileQuery, 'column_ms' | 'value' | 'row_ticks'>;

/** Revisions of the final tiles of an interval: of what is stored, or of what finer ones will be made of. */
async function revisionsOf({
  instrument,
  feedId,
  knownToUs,
  query,
  fromUs,
  toUs,
}: Revisions): Promise<Map<number, string>> {
  const { db } = services();
  const { column_ms: columnMs, value } = query;
  if (isStored(columnMs)) {
    return storedRevisions(db, {
      instrumentId: instrument.id,
      feedId,
      columnMs,
      value,
      rowUnits: storedRowUnits(instrument, query),
      fromUs,
      toUs,
    });
  }
  const sources = await sourcesOf(db, { instrumentId: instrument.id, feedId, columnMs }, fromUs, toUs);
  const revisions = await sourceRevisions(db, sources, fromUs, toUs);
  return new Map([...revisions].filter(([startUs]) => isFinal({ columnMs, startUs }, knownToUs)));
}

/** Height of the stored rows that a tile is made of: taller ones can be summed up of all but maxima. */
const storedRowUnits = ({ tickSize }: InstrumentSummary, { value, row_ticks: ticks }: Kind): number =>
  value === 'max' ? ticks * tickSize : tickSize;

function urlOf(query: Omit<TileIndexQuery, 'from' | 'to'>, startUs: number, revision: string | null): string {
  const parameters = new URLSearchParams({
    instrument: query.instrument,
    feed: query.feed as string,
    column_ms: String(query.column_ms),
    value: query.value,
    row_ticks: String(query.row_ticks),
    start: String(startUs / US_PER_MS),
    ...(revision === null ? {} : { revision }),
  });
  return `/api/depth/tile?${parameters}`;
}

interface TileAnswer {
  /** Null while the tile may still change. */
  readonly revision: string | null;
  readonly gzipped: Uint8Array<ArrayBuffer>;
}

/** @throws RequestError 404, 422 */
export async function tile(caller: Caller, query: TileQuery): Promise<TileAnswer> {
  const { start, column_ms: columnMs, value, row_ticks: ticks } = query;
  const lengthUs = tileUs(columnMs);
  const { db, nowMs } = services();
  if (tileStart(start, columnMs) !== start) {
    throw new RequestError(
      422,
      'No tile begins there',
      `Tiles of ${columnMs} ms begin every ${lengthUs / 1e6} s: ask for start=${tileStart(start, columnMs) / US_PER_MS}.`,
    );
  }
  if (start > nowMs() * US_PER_MS) throw new RequestError(422, 'Not yet', 'The tile lies in the future.');
  const name = parseSlug(query.instrument);
  const named = DEPTH_FEEDS.find((feed) => feed.name === query.feed);
  if (name && named && isStored(columnMs)) {
    const rowTicks = value === 'max' ? ticks : 1;
    const stored = await storedTileOf(db, name, { feedId: named.id, columnMs, value, fromUs: start, rowTicks });
    if (stored) return ofStored(stored, query);
  }
  const instrument = await mustFind(caller, query.instrument);
  const toUs = start + lengthUs;
  const feedId = await feedOf(instrument, query, start, toUs);
  if (feedId === null) {
    throw new RequestError(404, 'No depth', `No feed gives the depth of ${instrument.slug}.`);
  }
  const place = { instrumentId: instrument.id, feedId, columnMs, startUs: start };
  const cells = { value, rowUnits: storedRowUnits(instrument, query) };
  const rowUnits = ticks * instrument.tickSize;
  if (isStored(columnMs)) {
    const [stored] = await storedTiles(db, { ...place, ...cells, fromUs: start, toUs });
    if (stored) return ofStored(stored, query);
  }
  const knownToUs = await knownToOf(feedId);
  const asked = { instrument, feedId, knownToUs, query, fromUs: start, toUs };
  // Before it is made: what comes meanwhile must not be called by the name of what was there.
  const revision = isStored(columnMs) ? null : ((await revisionsOf(asked)).get(start) ?? null);
  mustBeCurrent(query.revision, revision);
  const made = await tileNow(db, place, cells, knownToUs);
  return { revision, gzipped: tileBytes(rowUnits === cells.rowUnits ? made : tallerRows(made, rowUnits)) };
}

/** A stored tile as it was asked for. @throws RequestError 404 where it was asked for by another revision */
async function ofStored(
  { revision, bytes }: StoredTile,
  { value, row_ticks: ticks, revision: asked }: TileQuery,
): Promise<TileAnswer> {
  mustBeCurrent(asked, revision);
  // Of all but the maximum only rows of one tick are stored.
  if (value === 'max' || ticks === 1) return { revision, gzipped: bytes };
  const low = decodeTile(await gunzip(bytes));
  return { revision, gzipped: tileBytes(tallerRows(low, ticks * low.rowUnits)) };
}

/** @throws RequestError 404 */
function mustBeCurrent(asked: string | undefined, revision: string | null): void {
  if (asked === undefined || asked === revision) return;
  throw new RequestError(
    404,
    'No such revision',
    'The tile was made anew since, or is none of these sources: /api/depth/tiles says what it is called now.',
  );
}

/** The feed that is asked for, else the deepest that has tiles, else the deepest that has books; null where there is none. */
async function feedOf(
  instrument: InstrumentSummary,
  query: Kind & { readonly feed?: string | undefined },
  fromUs: number,
  toUs: number,
): Promise<number | null> {
  const named = DEPTH_FEEDS.find(({ name }) => name === query.feed);
  if (named) return named.id;
  const { db } = services();
  const { column_ms: columnMs, value } = query;
  const kept = isStored(columnMs)
    ? await feedOfTiles(db, {
        instrumentId: instrument.id,
        columnMs,
        value,
        rowUnits: storedRowUnits(instrument, query),
        fromUs,
        toUs,
      })
    : null;
  return kept ?? feedOfInterval(db, instrument.id, fromUs, toUs);
}

async function knownToOf(feedId: number): Promise<number> {
  const { db, nowMs } = services();
  return knownTo(await positionOf(db, feedId), nowMs() * US_PER_MS);
}

/** @throws RequestError 404 */
async function mustFind(caller: Caller, slug: string): Promise<InstrumentSummary> {
  const instrument = await findInstrument(caller, slug);
  if (instrument) return instrument;
  throw new RequestError(404, 'Unknown instrument', `There is no instrument ${slug.toUpperCase()}.`);
}

/** A year: as long as caches are told to keep anything. */
const FOR_EVER = 'private, max-age=31536000, immutable';

/**
 * The answer of a tile. What is called by its revision is kept by caches and never asked for again; without one it is asked
 * for each time, and told to be the same where it is; what may still change is kept by nobody.
 */
export async function tileResponse(caller: Caller, query: TileQuery, headers: Headers): Promise<Response> {
  const asked = headers.get('if-none-match');
  // Nothing else can ever stand there.
  if (query.revision !== undefined && matches(asked, query.revision)) return notModified(query.revision, FOR_EVER);
  const { revision, gzipped } = await tile(caller, query);
  const cacheControl = revision === null ? 'no-store' : query.revision === undefined ? 'private, no-cache' : FOR_EVER;
  if (revision !== null && matches(asked, revision)) return notModified(revision, cacheControl);
  const isGzipTaken = takesGzip(headers.get('accept') ?? '');
  return new Response(isGzipTaken ? gzipped : new Uint8Array(await gunzip(gzipped)), {
    headers: {
      // As a type of its own: the web server takes a Content-Encoding away, and leaves what it names.
      'content-type': isGzipTaken ? GZIP : 'application/octet-stream',
      ...validators(revision, cacheControl),
    },
  });
}

const GZIP = 'application/gzip';

/** Whether a header Accept names gzip, and not with a weight of 0: who takes anything need not know how to open it. */
const takesGzip = (header: string): boolean =>
  header.split(',').some((part) => {
    const [type, weight] = part.split(';').map((text) => text.trim());
    return type === GZIP && !/^q=0(\.0*)?$/.test(weight ?? '');
  });

const notModified = (revision: string, cacheControl: string): Response =>
  new Response(null, { status: 304, headers: validators(revision, cacheControl) });

// A weak tag: the same tile, compressed or not.
const validators = (revision: string | null, cacheControl: string): Record<string, string> => ({
  'cache-control': cacheControl,
  vary: 'accept, cookie, authorization',
  ...(revision === null ? {} : { etag: `W/"${revision}"` }),
});

/** Whether a header If-None-Match names the revision. */
const matches = (header: string | null, revision: string): boolean =>
  header?.split(',').some((tag) => tag.trim().replace(/^W\//, '') === `"${revision}"`) ?? false;
