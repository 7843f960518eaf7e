import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { InstrumentSummary } from '../core/instrument.ts';
import { INSTRUMENT } from '../heatmap/test-support.ts';
import { encodeTile, newTileSide, newTrades, type Tile, tileUs } from '../heatmap/tile.ts';
import { fetchTiled } from './depth-tiles.ts';

const COLUMN_MS = 5000;
const TILE_US = tileUs(COLUMN_MS);
const START_US = 2000 * TILE_US;

const instrument = { id: INSTRUMENT, slug: 'NFO:NIFTY', tickSize: 10 } as InstrumentSummary;
const tileAt = (startUs: number): Tile => ({
  value: 'last',
  columnMs: COLUMN_MS,
  startUs,
  rowUnits: 10,
  sides: [newTileSide(), newTileSide()],
  trades: newTrades(),
});
const inIst = (us: number): string => new Date(us / 1000).toISOString();

/**
 * A server of as many tiles as there are marks, final or not; the addresses it was asked for go into `asked`. A page of history
 * reaches no further than `pageUs`.
 */
function serve(final: readonly boolean[], asked: URL[], pageUs = Number.POSITIVE_INFINITY): void {
  const answer = (url: URL, accept: string | null): Response => {
    const [fromUs, toUs] = [Number(url.searchParams.get('from')), Number(url.searchParams.get('to'))];
    switch (url.pathname) {
      case '/api/depth/tiles':
        return Response.json({
          feed: 'dhan-depth200-1',
          completeTo: inIst(START_US + final.length * TILE_US),
          tiles: final.map((isFinal, i) => ({
            start: inIst(START_US + i * TILE_US),
            end: inIst(START_US + (i + 1) * TILE_US),
            revision: isFinal ? 'abc' : null,
            url: `/api/depth/tile?start=${START_US + i * TILE_US}`,
          })),
        });
      case '/api/depth/tile':
        expect(accept).toBe('application/gzip');
        return new Response(gzipSync(encodeTile(tileAt(Number(url.searchParams.get('start'))))));
      default: {
        const completeToUs = Math.min(toUs, fromUs + pageUs);
        const header = Buffer.from(JSON.stringify({ fromUs, toUs, completeToUs, more: completeToUs < toUs, gaps: [] }));
        const length = Buffer.alloc(4);
        length.writeUInt32LE(header.length);
        return new Response(Buffer.concat([length, header, Buffer.from([asked.length])]));
      }
    }
  };
  vi.stubGlobal('fetch', async (address: string | URL, init?: RequestInit) => {
    const url = new URL(address);
    asked.push(url);
    return answer(url, new Headers(init?.headers).get('accept'));
  });
}

afterEach(() => vi.unstubAllGlobals());

describe('the past as tiles', () => {
  const ask = async (final: readonly boolean[], value: 'last' | 'max') => {
    const asked: URL[] = [];
    serve(final, asked);
    const toUs = START_US + final.length * TILE_US;
    const fetched = await fetchTiled(
      { origin: 'http://gehra', instrument, columnUs: COLUMN_MS * 1000, kind: { value, rowUnits: 10 } },
      { fromUs: START_US, toUs },
      toUs,
      new AbortController().signal,
    );
    const tiles = fetched.told?.tiles.map(({ startUs }) => (startUs - START_US) / TILE_US);
    const books = asked
      .filter(({ pathname, searchParams }) => pathname === '/api/depth/history' && !searchParams.has('only'))
      .map(({ searchParams }) => ['from', 'to'].map((name) => (Number(searchParams.get(name)) - START_US) / TILE_US));
    return { tiles, books };
  };

  it('has books where no tile of last books is final: before it, after it and between', async () => {
    expect(await ask([false, true, false, true, false], 'last')).toEqual({
      tiles: [1, 3],
      books: [
        [0, 1],
        [2, 3],
        [4, 5],
      ],
    });
    expect(await ask([false, false], 'last')).toEqual({ tiles: undefined, books: [[0, 2]] });
  });

  it('has the trades of a tile to the end, in as many pages as they take', async () => {
    const asked: URL[] = [];
    serve([true], asked, TILE_US / 2);
    const { page, messages } = await fetchTiled(
      { origin: 'http://gehra', instrument, columnUs: COLUMN_MS * 1000, kind: { value: 'last', rowUnits: 10 } },
      { fromUs: START_US, toUs: START_US + TILE_US },
      START_US + TILE_US,
      new AbortController().signal,
    );
    expect(page).toMatchObject({ fromUs: START_US, toUs: START_US + TILE_US, completeToUs: START_US + TILE_US });
    expect(messages).toHaveLength(2);
  });

  it('has every tile of largest sizes: no books tell of them', async () => {
    expect(await ask([false, true, false], 'max')).toEqual({ tiles: [0, 1, 2], books: [] });
  });
});
