/** The past of wide columns as tiles (docs/TILES.md), with the trades of their time, and books where no tile is final yet. */
import { FEEDS } from '../core/feeds.ts';
import type { InstrumentSummary } from '../core/instrument.ts';
import { Coverage, type Interval } from '../heatmap/coverage.ts';
import { TAIL_COLUMNS } from '../heatmap/depth-model.ts';
import { decodeTile, type Tile } from '../heatmap/tile.ts';
import type { TileKind } from '../heatmap/tile-store.ts';
import { fetchHistory, fetchTrades } from './depth-history.ts';
import type { Fetched } from './history-loader.ts';
import { askMarket } from './market-data.ts';
import { problemOf } from './problem.ts';

const US_PER_MS = 1000;

interface Wanted {
  readonly origin: string;
  readonly instrument: InstrumentSummary;
  readonly columnUs: number;
  readonly kind: TileKind;
}

/** @param seenUs later times cannot be asked for. @throws ServerProblem, CodecError, or an AbortError */
export async function fetchTiled(
  { origin, instrument, columnUs, kind }: Wanted,
  interval: Interval,
  seenUs: number,
  signal: AbortSignal,
): Promise<Fetched> {
  const books = (part: Interval) => fetchHistory(origin, instrument.id, columnUs, part, signal);
  // Of more than the last books the newest columns are asked for as well: the tile is asked for again when they have passed.
  const toUs = kind.value === 'last' ? interval.toUs : Math.min(seenUs, interval.toUs + TAIL_COLUMNS * columnUs);
  const index = await askMarket(
    '/api/depth/tiles',
    {
      instrument: instrument.slug,
      column_ms: String(columnUs / US_PER_MS),
      value: kind.value,
      row_ticks: String(kind.rowUnits / instrument.tickSize),
      from: String(Math.floor(interval.fromUs / US_PER_MS)),
      to: String(Math.ceil(toUs / US_PER_MS)),
    },
    { origin, signal },
  );
  const hasTiles = FEEDS.some(({ name, kind: of }) => name === index.feed && (of === 'depth200' || of === 'depth20'));
  const told = kind.value === 'last' ? index.tiles.filter(({ revision }) => revision !== null) : index.tiles;
  const first = told[0];
  const last = told[told.length - 1];
  if (!hasTiles || !first || !last) return books(interval);
  const fromUs = usOf(first.start);
  const endUs = last.revision === null ? toUs : usOf(last.end);
  const untold = new Coverage();
  untold.add(interval.fromUs, interval.toUs);
  for (const { start, end } of told) untold.remove(usOf(start), usOf(end));
  const [tiles, trades, rest] = await Promise.all([
    Promise.all(told.map(({ url }) => fetchTile(`${origin}${url}`, signal))),
    fetchTrades(origin, instrument.id, columnUs, { fromUs, toUs: endUs }, signal),
    Promise.all(untold.all.map(books)),
  ]);
  const completeToUs = last.revision === null ? Math.min(usOf(index.completeTo), trades.page.completeToUs) : endUs;
  return { ...trades, told: { tiles, completeToUs, rest } };
}

const usOf = (time: string): number => Date.parse(time) * US_PER_MS;

async function fetchTile(url: string, signal: AbortSignal): Promise<Tile> {
  const response = await fetch(url, { signal, headers: { accept: 'application/gzip' } });
  if (!response.ok || !response.body) throw await problemOf(response);
  const opened = new Response(response.body.pipeThrough(new DecompressionStream('gzip')));
  return decodeTile(new Uint8Array(await opened.arrayBuffer()));
}
