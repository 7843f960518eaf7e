/** The columns of a ladder and how wide they are. */
import { LADDER_COLUMNS, type LadderColumn } from './ladder-settings.ts';

export type ColumnKind =
  | 'bidChange'
  | 'bidCumulative'
  | 'bidOrders'
  | 'bid'
  | 'sell'
  | 'price'
  | 'buy'
  | 'ask'
  | 'askOrders'
  | 'askCumulative'
  | 'askChange'
  | 'trail';

export interface LadderArea {
  readonly kind: ColumnKind;
  /** CSS px. */
  readonly x: number;
  readonly width: number;
}

export interface LadderLayout {
  readonly areas: readonly LadderArea[];
  readonly x: number;
  readonly width: number;
  /** Whole rows that fit below the header. */
  readonly rows: number;
}

export const HEADER_PX = 20;
export const ROW_PX = 18;

const ORDER: readonly { readonly kind: ColumnKind; readonly of: LadderColumn | null; readonly px: number }[] = [
  { kind: 'bidChange', of: 'changes', px: 58 },
  { kind: 'bidCumulative', of: 'cumulative', px: 62 },
  { kind: 'bidOrders', of: 'orders', px: 40 },
  { kind: 'bid', of: null, px: 72 },
  { kind: 'sell', of: 'traded', px: 60 },
  { kind: 'price', of: null, px: 82 },
  { kind: 'buy', of: 'traded', px: 60 },
  { kind: 'ask', of: null, px: 72 },
  { kind: 'askOrders', of: 'orders', px: 40 },
  { kind: 'askCumulative', of: 'cumulative', px: 62 },
  { kind: 'askChange', of: 'changes', px: 58 },
  { kind: 'trail', of: 'trail', px: 84 },
];

/** Bars longer than this say no more. */
const BAR_PX_MAX = 240;

export function ladderLayout(width: number, height: number, chosen: readonly LadderColumn[]): LadderLayout {
  const wanted = new Set<LadderColumn | null>([null, ...chosen]);
  const least = () => ORDER.reduce((sum, { of, px }) => sum + (wanted.has(of) ? px : 0), 0);
  for (const column of LADDER_COLUMNS) if (least() > width) wanted.delete(column);
  const spare = Math.max(0, width - least()) / 2;
  const barExtra = Math.min(BAR_PX_MAX - 72, Math.floor(spare));
  const total = least() + 2 * barExtra;
  const left = Math.max(0, Math.floor((width - total) / 2));
  let x = left;
  const areas = ORDER.flatMap(({ kind, of, px }) => {
    if (!wanted.has(of)) return [];
    const area = { kind, x, width: kind === 'bid' || kind === 'ask' ? px + barExtra : px };
    x += area.width;
    return [area];
  });
  return { areas, x: left, width: x - left, rows: Math.max(1, Math.floor((height - HEADER_PX) / ROW_PX)) };
}
