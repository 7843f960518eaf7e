/** The parts of a ladder's picture: header, rows, the trail of the best prices, and what is not known of a side. */
import { ASK, BID, type Side } from '../core/side.ts';
import { formatCompact, formatLots, formatPrice, formatWhole } from '../heatmap/format.ts';
import { type BestTrail, NO_BEST } from '../ladder/best-trail.ts';
import { type ColumnKind, HEADER_PX, type LadderArea, type LadderLayout, ROW_PX } from '../ladder/ladder-layout.ts';
import type { LadderRows } from '../ladder/ladder-rows.ts';
import type { Hatches } from './draw-missing.ts';
import type { InstrumentUnits } from './scene.ts';
import type { Pen } from './surface.ts';
import type { Theme } from './theme.ts';

export interface LadderScene {
  readonly pen: Pen;
  readonly theme: Theme;
  readonly layout: LadderLayout;
  readonly rows: LadderRows;
  readonly instrument: InstrumentUnits;
  readonly units: 'lots' | 'units';
  /** Units whose bar fills its column. */
  readonly full: number;
  readonly fullTraded: number;
  readonly pointerRow: number | null;
}

const FONT_PX = 11.5;
const HEADER_FONT_PX = 10;
const INSET_PX = 5;
/** Characters of a monospaced number that fit a column are this wide. */
const CHARACTER_PX = FONT_PX * 0.6;
/** The trail goes back so far. */
export const TRAIL_US = 60_000_000;

const TITLES: Readonly<Record<ColumnKind, string>> = {
  bidChange: '±bid',
  bidCumulative: 'Σbid',
  bidOrders: 'ord',
  bid: 'bid',
  sell: 'sold',
  price: 'price',
  buy: 'bought',
  ask: 'ask',
  askOrders: 'ord',
  askCumulative: 'Σask',
  askChange: '±ask',
  trail: 'last 60 s',
};

/** The next of 1, 2, 5 × 10ⁿ: lengths of bars change seldom, and so do rows that have not changed themselves. */
export function niceFull(largest: number): number {
  if (largest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(largest));
  for (const step of [1, 2, 5]) if (largest <= step * power) return step * power;
  return 10 * power;
}

export function drawLadderHeader({ pen, theme, layout }: LadderScene): void {
  pen.fillStyle = theme.panel;
  pen.fillRect(layout.x, 0, layout.width, HEADER_PX);
  pen.fillStyle = theme.textMuted;
  pen.font = `${HEADER_FONT_PX}px ${theme.fontMono}`;
  pen.textBaseline = 'middle';
  for (const area of layout.areas) text(pen, area, TITLES[area.kind], HEADER_PX / 2);
}

export function drawLadderRow(scene: LadderScene, at: number): void {
  const { pen, theme, layout, rows } = scene;
  const row = rows.top - at;
  const y = HEADER_PX + at * ROW_PX;
  pen.fillStyle = row === scene.pointerRow ? theme.tag : theme.background;
  pen.fillRect(layout.x, y, layout.width, ROW_PX);
  pen.fillStyle = theme.line;
  pen.globalAlpha = 0.5;
  pen.fillRect(layout.x, y + ROW_PX - 1, layout.width, 1);
  pen.globalAlpha = 1;
  pen.font = `${FONT_PX}px ${theme.fontMono}`;
  pen.textBaseline = 'middle';
  for (const area of layout.areas) drawCell(scene, area, at, row, y);
}

function drawCell(scene: LadderScene, area: LadderArea, at: number, row: number, y: number): void {
  const { rows, theme } = scene;
  const bid = rows.sides[BID];
  const ask = rows.sides[ASK];
  switch (area.kind) {
    case 'bid':
      size(scene, area, bid.quantities[at] as number, bid.look, BID, bid.bestRow === row, y);
      break;
    case 'ask':
      size(scene, area, ask.quantities[at] as number, ask.look, ASK, ask.bestRow === row, y);
      break;
    case 'bidOrders':
      count(scene, area, bid.orders[at] as number, y);
      break;
    case 'askOrders':
      count(scene, area, ask.orders[at] as number, y);
      break;
    case 'bidCumulative':
      number(scene, area, bid.cumulative[at] as number, theme.textMuted, y);
      break;
    case 'askCumulative':
      number(scene, area, ask.cumulative[at] as number, theme.textMuted, y);
      break;
    case 'bidChange':
      change(scene, area, bid.changes[at] as number, BID, y);
      break;
    case 'askChange':
      change(scene, area, ask.changes[at] as number, ASK, y);
      break;
    case 'sell':
      traded(scene, area, rows.sells[at] as number, theme.ask, y);
      break;
    case 'buy':
      traded(scene, area, rows.buys[at] as number, theme.bid, y);
      break;
    case 'price':
      price(scene, area, row, rows.lastRow === row, rows.unknowns[at] as number, y);
      break;
    case 'trail':
      break;
  }
}

/** Bars grow from the price outwards, bids to the left, asks to the right. */
function size(
  { pen, theme, full, units, instrument }: LadderScene,
  area: LadderArea,
  quantity: number,
  look: string,
  side: Side,
  isBest: boolean,
  y: number,
): void {
  if (quantity === 0) return;
  const width = Math.max(1, (area.width - 1) * Math.min(1, quantity / full));
  if (look === 'live') {
    pen.fillStyle = side === BID ? theme.bidBar : theme.askBar;
    pen.fillRect(side === BID ? area.x + area.width - width : area.x, y + 1, width, ROW_PX - 3);
  }
  const best = side === BID ? theme.bestBid : theme.bestAsk;
  pen.fillStyle = look === 'live' ? (isBest ? best : theme.text) : theme.textFaint;
  text(pen, area, sized(quantity, units, instrument, area.width), y + ROW_PX / 2, side === BID ? 'right' : 'left');
}

function number(
  { pen, units, instrument }: LadderScene,
  area: LadderArea,
  quantity: number,
  colour: string,
  y: number,
): void {
  if (quantity === 0) return;
  pen.fillStyle = colour;
  text(pen, area, sized(quantity, units, instrument, area.width), y + ROW_PX / 2);
}

function count({ pen, theme }: LadderScene, area: LadderArea, orders: number, y: number): void {
  if (orders === 0) return;
  pen.fillStyle = theme.textMuted;
  text(pen, area, formatWhole(orders), y + ROW_PX / 2);
}

/** What came and what went; what went without a trade is set off by its sign and by its colour. */
function change(scene: LadderScene, area: LadderArea, quantity: number, side: Side, y: number): void {
  if (quantity === 0) return;
  const { pen, theme, units, instrument } = scene;
  const isStacked = quantity > 0;
  pen.fillStyle = isStacked ? (side === BID ? theme.bestBid : theme.bestAsk) : theme.textFaint;
  const words = sized(Math.abs(quantity), units, instrument, area.width - CHARACTER_PX);
  text(pen, area, `${isStacked ? '+' : '−'}${words}`, y + ROW_PX / 2);
}

function traded(scene: LadderScene, area: LadderArea, quantity: number, colour: string, y: number): void {
  if (quantity === 0) return;
  const { pen, fullTraded } = scene;
  const width = Math.max(1, (area.width - 2) * Math.min(1, quantity / fullTraded));
  pen.fillStyle = colour;
  pen.globalAlpha = 0.28;
  pen.fillRect(area.kind === 'sell' ? area.x + area.width - 1 - width : area.x + 1, y + 1, width, ROW_PX - 3);
  pen.globalAlpha = 1;
  number(scene, area, quantity, scene.theme.text, y);
}

/** Volume whose side nobody knows shows as a line below its price. */
function price(
  { pen, theme, rows, instrument, fullTraded }: LadderScene,
  area: LadderArea,
  row: number,
  isLast: boolean,
  unknown: number,
  y: number,
): void {
  pen.fillStyle = isLast ? theme.lastPrice : theme.panel;
  pen.fillRect(area.x, y, area.width, ROW_PX - 1);
  if (unknown > 0) {
    pen.fillStyle = theme.unknown;
    pen.fillRect(area.x, y + ROW_PX - 3, area.width * Math.min(1, unknown / fullTraded), 2);
  }
  const isBid = rows.sides[BID].bestRow === row;
  const isAsk = rows.sides[ASK].bestRow === row;
  pen.fillStyle = isLast ? theme.lastPriceText : isBid ? theme.bestBid : isAsk ? theme.bestAsk : theme.text;
  text(pen, area, formatPrice(row * rows.rowUnits, instrument), y + ROW_PX / 2, 'center');
}

/** A side that is not as it stands now: as it was, under a hatch, or nothing but the hatch. */
export function drawMissingSide(scene: LadderScene, side: Side, hatches: Hatches, isGap: boolean): void {
  const { pen, theme, layout, rows } = scene;
  if (rows.sides[side].look === 'live') return;
  const kinds: readonly ColumnKind[] =
    side === BID
      ? ['bid', 'bidOrders', 'bidCumulative', 'bidChange']
      : ['ask', 'askOrders', 'askCumulative', 'askChange'];
  pen.fillStyle = isGap ? (hatches.gap ?? theme.hatchGap) : (hatches.stale ?? theme.hatchStale);
  for (const { kind, x, width } of layout.areas) {
    if (kinds.includes(kind)) pen.fillRect(x, HEADER_PX, width, rows.count * ROW_PX);
  }
}

/** Where best bid and ask have been: now at the right edge. Broken where a side was not known. */
export function drawTrail({ pen, theme, layout, rows }: LadderScene, trail: BestTrail, nowUs: number): void {
  const area = layout.areas.find(({ kind }) => kind === 'trail');
  if (!area || rows.count === 0) return;
  const height = rows.count * ROW_PX;
  pen.fillStyle = theme.background;
  pen.fillRect(area.x, HEADER_PX, area.width, height);
  pen.fillStyle = theme.line;
  pen.fillRect(area.x, HEADER_PX, 1, height);
  pen.save();
  pen.beginPath();
  pen.rect(area.x, HEADER_PX, area.width, height);
  pen.clip();
  const x = (us: number) => area.x + area.width - 2 - ((nowUs - us) / TRAIL_US) * (area.width - 3);
  const y = (best: number) => HEADER_PX + (rows.top - best / rows.rowUnits + 0.5) * ROW_PX;
  for (const side of [BID, ASK] as const) {
    let before = NO_BEST;
    pen.beginPath();
    trail.since(nowUs - TRAIL_US, (stampUs, bid, ask) => {
      const best = side === BID ? bid : ask;
      const at = x(Math.max(stampUs, nowUs - TRAIL_US));
      if (before !== NO_BEST) pen.lineTo(at, y(before));
      if (best !== NO_BEST && before === NO_BEST) pen.moveTo(at, y(best));
      else if (best !== NO_BEST) pen.lineTo(at, y(best));
      before = best;
    });
    if (before !== NO_BEST) pen.lineTo(x(nowUs), y(before));
    pen.strokeStyle = side === BID ? theme.bestBid : theme.bestAsk;
    pen.lineWidth = 1.25;
    pen.stroke();
  }
  pen.restore();
}

/** A quantity in lots or units, shortened to lakh and crore where it does not fit. */
function sized(quantity: number, units: 'lots' | 'units', { lotSize }: InstrumentUnits, width: number): string {
  const whole = units === 'lots' ? formatLots(quantity, lotSize) : formatWhole(quantity);
  if (whole.length * CHARACTER_PX <= width - INSET_PX) return whole;
  return formatCompact(units === 'lots' ? quantity / lotSize : quantity);
}

function text(pen: Pen, area: LadderArea, words: string, y: number, align: CanvasTextAlign = alignOf(area.kind)): void {
  pen.textAlign = align;
  const x =
    align === 'left' ? area.x + INSET_PX : align === 'right' ? area.x + area.width - INSET_PX : area.x + area.width / 2;
  pen.fillText(words, x, y + 0.5);
}

const LEFT: ReadonlySet<ColumnKind> = new Set(['ask', 'askOrders', 'askCumulative', 'askChange', 'buy']);

const alignOf = (kind: ColumnKind): CanvasTextAlign =>
  kind === 'price' || kind === 'trail' ? 'center' : LEFT.has(kind) ? 'left' : 'right';
