/**
 * Addresses of a picture: instrument, time, price, scale, and the colours it was seen in, so that whoever opens one sees the
 * same. The numbers are those of the view as they are, in price units and µs; everything is optional but the time.
 */
import { COLOUR_MODES } from '../heatmap/colour-scale.ts';
import { type HeatmapOptions, readOptions } from '../heatmap/options.ts';
import type { View } from '../heatmap/view.ts';
import { livePath } from './instruments.ts';

/** What of the options an address carries. */
export type LinkedOptions = Partial<Pick<HeatmapOptions, 'palette' | 'mode' | 'gamma' | 'dim' | 'rowTicks' | 'locked'>>;

export interface Permalink {
  /** µs at the right edge of the chart. */
  readonly rightUs: number;
  readonly usPerPx: number | undefined;
  readonly price: { readonly centre: number; readonly unitsPerPx: number } | undefined;
  readonly options: LinkedOptions;
}

/** @param cutoffs the colours' ends as they are now, units */
export function permalinkPath(
  slug: string,
  view: View,
  rowTicks: number,
  cutoffs: { readonly lo: number; readonly hi: number } | null,
  { palette, mode, gamma, dim }: HeatmapOptions,
): string {
  const query = new URLSearchParams({
    at: String(view.rightUs),
    span: String(view.usPerPx),
    price: String(view.centrePrice),
    scale: String(view.unitsPerPx),
    row: String(rowTicks),
    palette,
    mode,
    gamma: String(gamma),
    dim: String(dim),
  });
  if (cutoffs) {
    query.set('lo', String(cutoffs.lo));
    query.set('hi', String(cutoffs.hi));
  }
  return `${livePath(slug)}?${query}`;
}

/** Null where an address names no time, or one that is none. */
export function readPermalink(
  query: Readonly<Record<string, string | readonly string[] | undefined>>,
): Permalink | null {
  const number = (name: string): number | undefined => {
    const text = query[name];
    const value = typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN;
    return Number.isFinite(value) ? value : undefined;
  };
  const above0 = (name: string): number | undefined => {
    const value = number(name);
    return value !== undefined && value > 0 ? value : undefined;
  };
  const rightUs = above0('at');
  if (rightUs === undefined) return null;
  const centre = number('price');
  const unitsPerPx = above0('scale');
  const row = above0('row');
  const read = readOptions({
    palette: query.palette,
    mode: query.mode,
    gamma: number('gamma'),
    dim: number('dim'),
    rowTicks: row,
    locked: { lo: number('lo'), hi: number('hi') },
  });
  const mode = COLOUR_MODES.find((each) => each === query.mode);
  return {
    rightUs,
    usPerPx: above0('span'),
    price: centre === undefined || unitsPerPx === undefined ? undefined : { centre, unitsPerPx },
    options: {
      ...(query.palette === read.palette ? { palette: read.palette } : {}),
      ...(mode ? { mode, gamma: read.gamma, dim: read.dim } : {}),
      ...(read.rowTicks === null ? {} : { rowTicks: read.rowTicks }),
      ...(read.locked ? { locked: read.locked } : {}),
    },
  };
}
