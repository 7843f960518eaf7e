/** Draws a footprint chart: bars of cells, what stands out in them, and the numbers of each bar below. */
import { isPresent } from '../core/absent.ts';
import { priceLabels, priceStep } from '../heatmap/axis-steps.ts';
import { isPartial } from '../heatmap/chart-slots.ts';
import { type CellMode, cellWords, type FootprintBar, volumeOf } from '../heatmap/footprint-bars.ts';
import {
  barBox,
  cellFontPx,
  type FootprintLayout,
  type FootprintView,
  priceAtY,
  STAT_ROW_PX,
  visiblePlaces,
  xOfPlace,
  yOfPrice,
} from '../heatmap/footprint-layout.ts';
import { formatIstDay, formatIstTime, formatPrice, type PriceUnits } from '../heatmap/format.ts';
import type { FootprintCell } from '../orderflow/footprint.ts';
import { type Canvas, mountCanvas, type Pen, penOf, sizeSurface, snapEdge, snapLine } from './surface.ts';
import type { Theme } from './theme.ts';

/** A place of the chart: a bar, or time in which nobody listened. */
export interface FootprintPlace {
  readonly us: number;
  readonly footprint: FootprintBar | null;
  /** Why nobody listened; null where somebody did. */
  readonly cause: string | null;
  /** What stands below it, in the order of the names. */
  readonly stats: readonly string[];
}

export interface FootprintScene {
  readonly view: FootprintView;
  readonly layout: FootprintLayout;
  readonly places: readonly FootprintPlace[];
  readonly statNames: readonly string[];
  readonly mode: CellMode;
  readonly rowHeight: number;
  readonly lotSize: number;
  readonly units: PriceUnits;
  /** Place under the crosshair, and its price; null: none. */
  readonly cursor: { readonly place: number; readonly price: number | null } | null;
}

const GRID_PX = 44;
const STAT_FONT_PX = 11;
const AXIS_FONT_PX = 11;
const DIGIT_SHARE = 0.62;
const HATCH_PX = 7;
const LABEL_PX = 84;
/** The least that the largest cell's colour covers, and the most. */
const SHADE_MIN = 0.08;
const SHADE_MAX = 0.75;
const MARK_PX = 3;

export class FootprintChart {
  private readonly canvas: Canvas & HTMLCanvasElement;
  private readonly pen: Pen;
  private pixelRatio = 1;

  constructor(
    host: HTMLElement,
    private readonly theme: Theme,
  ) {
    this.canvas = mountCanvas(host);
    this.pen = penOf(this.canvas, true);
  }

  resize(width: number, height: number, pixelRatio: number): void {
    this.pixelRatio = pixelRatio;
    sizeSurface(this.canvas, this.pen, width, height, pixelRatio);
  }

  remove(): void {
    this.canvas.remove();
  }

  draw(scene: FootprintScene): void {
    const { pen, theme } = this;
    const { layout, view, places } = scene;
    pen.fillStyle = theme.background;
    pen.fillRect(0, 0, layout.width, layout.height);
    this.drawGrid(scene);
    const { from, to } = visiblePlaces(view, layout.bars, places.length);
    const longest = this.longestText(scene, from, to);
    const fontPx = cellFontPx(view, scene.rowHeight, longest);
    this.clipped(layout.bars, () => {
      for (let i = from; i < to; i += 1) this.drawPlace(scene, i, fontPx);
    });
    this.clipped(layout.stats, () => this.drawStats(scene, from, to));
    this.drawTimes(scene, from, to);
    this.drawPrices(scene);
    this.drawCursor(scene);
  }

  private clipped({ x, y, width, height }: { x: number; y: number; width: number; height: number }, draw: () => void) {
    const { pen } = this;
    pen.save();
    pen.beginPath();
    pen.rect(x, y, width, height);
    pen.clip();
    draw();
    pen.restore();
  }

  /** Characters of the longest number of a cell. */
  private longestText({ places, mode, lotSize }: FootprintScene, from: number, to: number): number {
    let longest = 1;
    for (let i = from; i < to; i += 1) {
      const bar = places[i]?.footprint;
      if (!bar) continue;
      for (const cell of bar.cells) {
        const words = cellWords(mode, cell, lotSize);
        const length = words.length === 2 ? 2 * Math.max(words[0].length, words[1].length) + 3 : words[0].length + 1;
        if (length > longest) longest = length;
      }
    }
    return longest;
  }

  private drawGrid({ layout, view, units }: FootprintScene): void {
    const { pen, theme, pixelRatio } = this;
    const { bars } = layout;
    pen.strokeStyle = theme.line;
    pen.globalAlpha = 0.4;
    pen.lineWidth = 1 / pixelRatio;
    pen.beginPath();
    for (const price of this.labels(view, layout, units)) {
      const y = snapLine(yOfPrice(view, bars, price), pixelRatio);
      pen.moveTo(bars.x, y);
      pen.lineTo(bars.x + bars.width, y);
    }
    pen.stroke();
    pen.globalAlpha = 1;
  }

  private labels(view: FootprintView, { bars }: FootprintLayout, { tickSize }: PriceUnits): number[] {
    const step = priceStep(tickSize, view.unitsPerPx, GRID_PX);
    return priceLabels(priceAtY(view, bars, bars.y + bars.height), priceAtY(view, bars, bars.y), step);
  }

  private drawPlace(scene: FootprintScene, at: number, fontPx: number | null): void {
    const { footprint, cause } = scene.places[at] as FootprintPlace;
    if (cause !== null) {
      this.hatch(scene, at);
      return;
    }
    if (!footprint) return;
    const { pen, theme } = this;
    const { view, layout, rowHeight, mode } = scene;
    const box = barBox(view, layout.bars, at);
    const { bar, cells, most } = footprint;
    // What was heard only in part is fainter.
    pen.globalAlpha = isPartial(bar) ? 0.55 : 1;
    this.drawCandle(scene, footprint, box.left, box.strip);
    const rowPx = rowHeight / view.unitsPerPx;
    for (const cell of cells) {
      const top = snapEdge(yOfPrice(view, layout.bars, cell.price + rowHeight / 2), this.pixelRatio);
      const bottom = snapEdge(yOfPrice(view, layout.bars, cell.price - rowHeight / 2), this.pixelRatio);
      if (bottom < layout.bars.y || top > layout.bars.y + layout.bars.height) continue;
      const height = Math.max(1 / this.pixelRatio, bottom - top - (rowPx > 4 ? 1 : 0));
      this.drawCell(cell, mode, most[mode], box.cellsLeft, top, box.cellsWidth, height);
      if (fontPx !== null) this.writeCell(scene, footprint, cell, fontPx, box, top, height);
    }
    this.drawMarks(scene, footprint, box, rowPx);
    pen.globalAlpha = 1;
    if (isPartial(bar)) {
      pen.fillStyle = theme.hatchGap;
      pen.fillRect(box.left, layout.bars.y + layout.bars.height - 3, view.barPx - 1, 3);
    }
  }

  private drawCandle({ view, layout }: FootprintScene, { bar }: FootprintBar, left: number, strip: number): void {
    if (!isPresent(bar.open)) return;
    const { pen, theme } = this;
    const { bars } = layout;
    pen.fillStyle = bar.close >= bar.open ? theme.up : theme.down;
    const width = Math.max(1.5, strip * 0.45);
    const middle = left + strip * 0.35;
    const high = yOfPrice(view, bars, bar.high);
    const low = yOfPrice(view, bars, bar.low);
    pen.fillRect(middle - 0.5, high, 1, Math.max(1, low - high));
    const top = yOfPrice(view, bars, Math.max(bar.open, bar.close));
    const bottom = yOfPrice(view, bars, Math.min(bar.open, bar.close));
    pen.fillRect(middle - width / 2, top, width, Math.max(1, bottom - top));
  }

  private drawCell(
    cell: FootprintCell,
    mode: CellMode,
    most: number,
    left: number,
    top: number,
    width: number,
    height: number,
  ): void {
    const { pen, theme } = this;
    const alpha = pen.globalAlpha;
    const shade = (value: number): number =>
      most === 0 ? 0 : alpha * (SHADE_MIN + (SHADE_MAX - SHADE_MIN) * Math.sqrt(value / most));
    if (mode === 'bidAsk') {
      const half = width / 2;
      pen.fillStyle = theme.ask;
      pen.globalAlpha = cell.sell > 0 ? shade(cell.sell) : 0;
      pen.fillRect(left, top, half - 0.5, height);
      pen.fillStyle = theme.bid;
      pen.globalAlpha = cell.buy > 0 ? shade(cell.buy) : 0;
      pen.fillRect(left + half + 0.5, top, half - 0.5, height);
    } else if (mode === 'delta') {
      const delta = cell.buy - cell.sell;
      pen.fillStyle = delta >= 0 ? theme.bid : theme.ask;
      pen.globalAlpha = shade(Math.abs(delta));
      pen.fillRect(left, top, width, height);
    } else if (mode === 'trades') {
      pen.fillStyle = theme.textMuted;
      pen.globalAlpha = shade(cell.trades);
      pen.fillRect(left, top, width, height);
    } else {
      // Its length is the volume; bought, sold and unknown one behind the other.
      pen.globalAlpha = alpha * 0.7;
      let x = left;
      for (const [value, colour] of [
        [cell.sell, theme.ask],
        [cell.buy, theme.bid],
        [cell.unknown, theme.unknown],
      ] as const) {
        const length = most === 0 ? 0 : (width * value) / most;
        pen.fillStyle = colour;
        pen.fillRect(x, top, length, height);
        x += length;
      }
    }
    if (cell.unknown > 0 && mode !== 'volume') {
      // Nobody knows whose: neither side's colour.
      const share = cell.unknown / volumeOf(cell);
      pen.fillStyle = theme.unknown;
      pen.globalAlpha = alpha * 0.8;
      pen.fillRect(left, top + height - Math.min(2, height), width * share, Math.min(2, height));
    }
    pen.globalAlpha = alpha;
  }

  private writeCell(
    { mode, lotSize }: FootprintScene,
    { imbalances }: FootprintBar,
    cell: FootprintCell,
    fontPx: number,
    { cellsLeft, cellsWidth }: ReturnType<typeof barBox>,
    top: number,
    height: number,
  ): void {
    const { pen, theme } = this;
    const words = cellWords(mode, cell, lotSize);
    const y = top + height / 2 + 0.5;
    pen.textBaseline = 'middle';
    const isImbalanced = (side: 'buy' | 'sell') =>
      imbalances.some((one) => one.price === cell.price && one.side === side);
    if (words.length === 1) {
      pen.font = `${fontPx}px ${theme.fontMono}`;
      pen.fillStyle = theme.text;
      pen.textAlign = 'center';
      pen.fillText(words[0], cellsLeft + cellsWidth / 2, y);
      return;
    }
    const middle = cellsLeft + cellsWidth / 2;
    const sides = [
      {
        text: words[0],
        side: 'sell' as const,
        colour: theme.bestAsk,
        x: middle - fontPx * 0.7,
        align: 'right' as const,
      },
      { text: words[1], side: 'buy' as const, colour: theme.bestBid, x: middle + fontPx * 0.7, align: 'left' as const },
    ];
    for (const { text, side, colour, x, align } of sides) {
      const strong = isImbalanced(side);
      pen.font = `${strong ? '700 ' : ''}${fontPx}px ${theme.fontMono}`;
      pen.fillStyle = strong ? colour : text === '0' ? theme.textFaint : theme.text;
      pen.textAlign = align;
      pen.fillText(text, x, y);
    }
    pen.font = `${fontPx * 0.8}px ${theme.fontMono}`;
    pen.fillStyle = theme.textFaint;
    pen.textAlign = 'center';
    pen.fillText('×', middle, y);
  }

  private drawMarks(
    { view, layout, rowHeight }: FootprintScene,
    { imbalances, stacked, unfinished, poc, cells, bar }: FootprintBar,
    { cellsLeft, cellsWidth, left }: ReturnType<typeof barBox>,
    rowPx: number,
  ): void {
    const { pen, theme } = this;
    const topOf = (price: number): number => yOfPrice(view, layout.bars, price + rowHeight / 2);
    const right = cellsLeft + cellsWidth;
    for (const { price, side, zeroPrint } of imbalances) {
      const x = side === 'buy' ? right - MARK_PX : cellsLeft;
      const top = topOf(price);
      pen.fillStyle = side === 'buy' ? theme.bestBid : theme.bestAsk;
      pen.strokeStyle = pen.fillStyle;
      // Nothing at all on the other side: hollow, since there is no ratio.
      if (!zeroPrint || rowPx < 5) pen.fillRect(x, top, MARK_PX, Math.max(1, rowPx - 1));
      else {
        pen.lineWidth = 1;
        pen.strokeRect(x + 0.5, top + 0.5, MARK_PX - 1, rowPx - 2);
      }
    }
    for (const { side, fromPrice, toPrice } of stacked) {
      const top = topOf(toPrice);
      const bottom = topOf(fromPrice) + rowPx;
      pen.strokeStyle = side === 'buy' ? theme.bestBid : theme.bestAsk;
      pen.lineWidth = 1.5;
      pen.strokeRect(cellsLeft - 1, top, cellsWidth + 2, bottom - top - 1);
    }
    if (isPresent(poc) && cells.length > 1) {
      pen.strokeStyle = theme.gapText;
      pen.lineWidth = 1;
      if (rowPx >= 5) pen.strokeRect(cellsLeft + 0.5, topOf(poc) + 0.5, cellsWidth - 1, rowPx - 2);
      else {
        pen.fillStyle = theme.gapText;
        pen.fillRect(cellsLeft, yOfPrice(view, layout.bars, poc) - 0.5, cellsWidth, 1);
      }
    }
    if (!isPresent(bar.high)) return;
    pen.strokeStyle = theme.text;
    pen.lineWidth = 1;
    pen.setLineDash([2, 2]);
    pen.beginPath();
    const line = (y: number): void => {
      pen.moveTo(left, y);
      pen.lineTo(right, y);
    };
    const [lowest, highest] = [cells[0], cells[cells.length - 1]];
    if (unfinished.high && highest) line(topOf(highest.price) - 2);
    if (unfinished.low && lowest) line(topOf(lowest.price) + rowPx + 1);
    pen.stroke();
    pen.setLineDash([]);
  }

  private hatch({ view, layout }: FootprintScene, at: number): void {
    const { pen, theme } = this;
    const { bars } = layout;
    const left = xOfPlace(view, bars, at);
    this.clipped({ x: left, y: bars.y, width: view.barPx, height: bars.height }, () => {
      pen.fillStyle = theme.unrecorded;
      pen.fillRect(left, bars.y, view.barPx, bars.height);
      pen.strokeStyle = theme.hatchGap;
      pen.lineWidth = 1;
      pen.beginPath();
      for (let x = Math.floor((left - bars.height) / HATCH_PX) * HATCH_PX; x < left + view.barPx; x += HATCH_PX) {
        pen.moveTo(x, bars.y + bars.height);
        pen.lineTo(x + bars.height, bars.y);
      }
      pen.stroke();
    });
  }

  private drawStats(scene: FootprintScene, from: number, to: number): void {
    const { pen, theme, pixelRatio } = this;
    const { view, layout, places, statNames } = scene;
    const { stats } = layout;
    const rows = Math.round(stats.height / STAT_ROW_PX);
    pen.fillStyle = theme.panel;
    pen.fillRect(stats.x, stats.y, stats.width, stats.height);
    pen.textBaseline = 'middle';
    for (let i = from; i < to; i += 1) {
      const { stats: words } = places[i] as FootprintPlace;
      const left = xOfPlace(view, layout.bars, i);
      words.slice(0, rows).forEach((word, row) => {
        const fontPx = Math.min(STAT_FONT_PX, (view.barPx - 4) / (Math.max(1, word.length) * DIGIT_SHARE));
        if (fontPx < 7) return;
        pen.font = `${fontPx}px ${theme.fontMono}`;
        const signed = statNames[row] !== 'Heard' && (word.startsWith('+') ? 1 : word.startsWith('−') ? -1 : 0);
        pen.fillStyle = signed === 1 ? theme.up : signed === -1 ? theme.down : theme.text;
        pen.textAlign = 'center';
        pen.fillText(word, left + view.barPx / 2, stats.y + (row + 0.5) * STAT_ROW_PX);
      });
    }
    pen.fillStyle = theme.line;
    for (let row = 0; row < rows; row += 1) {
      pen.fillRect(stats.x, snapEdge(stats.y + row * STAT_ROW_PX, pixelRatio), stats.width, 1 / pixelRatio);
    }
  }

  private drawTimes({ view, layout, places }: FootprintScene, from: number, to: number): void {
    const { pen, theme, pixelRatio } = this;
    const { timeAxis, bars } = layout;
    pen.fillStyle = theme.background;
    pen.fillRect(0, timeAxis.y, layout.width, timeAxis.height);
    pen.fillStyle = theme.line;
    pen.fillRect(0, timeAxis.y, layout.width, 1 / pixelRatio);
    pen.font = `${AXIS_FONT_PX}px ${theme.fontMono}`;
    pen.fillStyle = theme.textMuted;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    const every = Math.max(1, Math.ceil(LABEL_PX / view.barPx));
    for (let i = from; i < to; i += 1) {
      const { us } = places[i] as FootprintPlace;
      const before = places[i - 1];
      const newDay = before !== undefined && formatIstDay(before.us) !== formatIstDay(us);
      if (i % every !== 0 && !newDay) continue;
      const x = xOfPlace(view, bars, i) + view.barPx / 2;
      if (x > timeAxis.width - 20) continue;
      pen.fillText(newDay ? formatIstDay(us) : formatIstTime(us, 'minutes'), x, timeAxis.y + timeAxis.height / 2);
    }
    pen.textAlign = 'right';
    pen.fillText('IST', layout.width - 8, timeAxis.y + timeAxis.height / 2);
  }

  private drawPrices({ view, layout, units, statNames, places }: FootprintScene): void {
    const { pen, theme, pixelRatio } = this;
    const { priceAxis, stats, bars } = layout;
    pen.fillStyle = theme.background;
    pen.fillRect(priceAxis.x, 0, priceAxis.width, priceAxis.height + stats.height);
    pen.fillStyle = theme.line;
    pen.fillRect(priceAxis.x, 0, 1 / pixelRatio, priceAxis.height + stats.height);
    pen.textBaseline = 'middle';
    pen.textAlign = 'right';
    pen.fillStyle = theme.textMuted;
    const digits = formatPrice(view.centrePrice, units).length;
    pen.font = `${Math.min(AXIS_FONT_PX, (priceAxis.width - 12) / (digits * DIGIT_SHARE))}px ${theme.fontMono}`;
    const last = places[places.length - 1]?.footprint?.bar;
    const lastY = last && isPresent(last.close) ? yOfPrice(view, bars, last.close) : Number.NEGATIVE_INFINITY;
    const right = priceAxis.x + priceAxis.width - 6;
    for (const price of this.labels(view, layout, units)) {
      const y = yOfPrice(view, bars, price);
      if (y > 8 && y < bars.height - 8 && Math.abs(y - lastY) > 16) pen.fillText(formatPrice(price, units), right, y);
    }
    if (last && lastY > 0 && lastY < bars.height) {
      pen.fillStyle = theme.lastPrice;
      pen.fillRect(priceAxis.x, lastY - 9, priceAxis.width, 18);
      pen.fillStyle = theme.lastPriceText;
      pen.fillText(formatPrice(last.close, units), right, lastY);
    }
    pen.font = `${AXIS_FONT_PX}px ${theme.fontMono}`;
    pen.fillStyle = theme.textMuted;
    pen.textAlign = 'left';
    statNames.slice(0, Math.round(stats.height / STAT_ROW_PX)).forEach((name, row) => {
      pen.fillText(name, priceAxis.x + 6, stats.y + (row + 0.5) * STAT_ROW_PX);
    });
  }

  private drawCursor({ view, layout, cursor, units, places }: FootprintScene): void {
    const place = cursor && places[cursor.place];
    if (!cursor || !place) return;
    const { pen, theme, pixelRatio } = this;
    const { bars, stats, priceAxis, timeAxis } = layout;
    const left = xOfPlace(view, bars, cursor.place);
    pen.save();
    pen.strokeStyle = theme.crosshair;
    pen.lineWidth = 1 / pixelRatio;
    pen.setLineDash([4, 3]);
    if (left + view.barPx > 0 && left < bars.width) {
      pen.strokeRect(snapLine(left, pixelRatio), 0.5, view.barPx, bars.height + stats.height - 1);
    }
    const y = cursor.price === null ? null : yOfPrice(view, bars, cursor.price);
    if (y !== null && y > 0 && y < bars.height) {
      pen.beginPath();
      pen.moveTo(0, snapLine(y, pixelRatio));
      pen.lineTo(bars.width, snapLine(y, pixelRatio));
      pen.stroke();
      pen.fillStyle = theme.tag;
      pen.fillRect(priceAxis.x, y - 9, priceAxis.width, 18);
      pen.fillStyle = theme.text;
      pen.font = `${AXIS_FONT_PX}px ${theme.fontMono}`;
      pen.textAlign = 'right';
      pen.textBaseline = 'middle';
      pen.fillText(formatPrice(cursor.price as number, units), priceAxis.x + priceAxis.width - 6, y);
    }
    pen.restore();
    const text = formatIstTime(place.us, 'minutes');
    pen.font = `${AXIS_FONT_PX}px ${theme.fontMono}`;
    const width = pen.measureText(text).width + 12;
    const x = Math.min(Math.max(0, left + view.barPx / 2 - width / 2), bars.width - width);
    pen.fillStyle = theme.tag;
    pen.fillRect(x, timeAxis.y + 2, width, timeAxis.height - 4);
    pen.fillStyle = theme.text;
    pen.textAlign = 'left';
    pen.textBaseline = 'middle';
    pen.fillText(text, x + 6, timeAxis.y + timeAxis.height / 2);
  }
}
