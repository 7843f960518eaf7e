/** What is asked of the heatmap's tiles, and what their index answers; docs/TILES.md has the bytes of a tile. */
import { z } from 'zod';
import { FEEDS } from '../core/feeds.ts';
import { ROW_TICKS } from '../heatmap/price-rows.ts';
import { TIERS_US } from '../heatmap/tiers.ts';
import { TILE_VALUES } from '../heatmap/tile.ts';
import { instant } from './instant.ts';
import { instrument, ofInterval, time } from './parts.ts';

const US_PER_MS = 1000;
/** Depth feeds, by name. */
export const DEPTH_FEEDS = FEEDS.filter(({ kind }) => kind === 'depth200' || kind === 'depth20');

/** One of a few numbers, as text. */
const oneOf = (numbers: readonly number[], description: string) =>
  z
    .string()
    .meta({ description: `${description}: ${numbers.join(', ')}` })
    .refine((text) => numbers.some((number) => String(number) === text), `must be one of ${numbers.join(', ')}`)
    .transform(Number);

const value = z.enum(TILE_VALUES);
const kind = {
  instrument,
  column_ms: oneOf(
    TIERS_US.map((us) => us / US_PER_MS),
    'Width of a column, ms',
  ),
  value: value.default('max'),
  row_ticks: oneOf(ROW_TICKS, "Height of a price row, in the instrument's ticks").prefault('1'),
  feed: z
    .enum(DEPTH_FEEDS.map(({ name }) => name) as [string, ...string[]])
    .optional()
    .meta({ description: 'A depth feed; default: the deepest that has books in the interval' }),
};

export const TileIndexQuery = z.strictObject({ ...kind, from: instant, to: instant });

export const TileQuery = z.strictObject({
  ...kind,
  start: instant,
  revision: z
    .string()
    .regex(/^[0-9a-f]{16}$/, 'no revision: the index of tiles names them')
    .optional()
    .meta({ description: 'As the index names it: then the answer is for ever the same' }),
});

export const TileIndexAnswer = z.strictObject({
  instrument: z.string(),
  priceScale: ofInterval.priceScale,
  tickSize: z.int(),
  feed: z
    .string()
    .nullable()
    .meta({ description: "Null where no feed gives the instrument's depth: then there are no tiles" }),
  columnMs: z.int(),
  columns: z.int().meta({ description: 'Columns of a tile' }),
  value,
  rowUnits: z.int().meta({ description: 'Height of a row, price units' }),
  completeTo: ofInterval.completeTo,
  gaps: ofInterval.gaps.meta({ description: 'When nobody listened: of these times a tile says that nothing is known' }),
  tiles: z.array(
    z.strictObject({
      start: time,
      end: time,
      revision: z
        .string()
        .nullable()
        .meta({ description: 'Null while the tile may still change; later the name of what it was made of' }),
      url: z.string().meta({ description: 'Where it is; for ever the same where it has a revision' }),
    }),
  ),
});
