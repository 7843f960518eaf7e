/** The lots of a cell, written into it where cells are large enough to carry them. */
import type { Side } from '../core/side.ts';
import { SIDES } from '../heatmap/book-rows.ts';
import type { CellColours } from '../heatmap/cell-colours.ts';
import type { ColumnSource } from '../heatmap/cell-ring.ts';
import { Frame } from '../heatmap/column-store.ts';
import { COLUMN_STATE } from '../heatmap/depth-model.ts';
import { brightnessOf, isLight } from '../heatmap/palettes.ts';
import { rowOf } from '../heatmap/price-rows.ts';
import { BIN_COUNT, binOf } from '../heatmap/quantity-bins.ts';
import { xOf, yOf } from '../heatmap/view.ts';
import { lotsWords } from './cell-words.ts';
import type { Scene } from './scene.ts';

const ROW_PX_MIN = 14;
const COLUMN_PX_MIN = 36;
const FONT_PX = 10;
/** Pixels brighter than this (0 to 255) carry dark numbers. */
const BRIGHT_FROM = 140;

/** Whether the cells are large enough. */
export const hasValues = ({ view, rows, columnUs, options }: Scene): boolean =>
  options.values &&
  options.heat &&
  rows.units / view.unitsPerPx >= ROW_PX_MIN &&
  columnUs / view.usPerPx >= COLUMN_PX_MIN;

export class CellValues {
  private readonly frame = new Frame();

  draw(scene: Scene, source: ColumnSource, colours: CellColours): void {
    if (!hasValues(scene)) return;
    const { pen, theme, layout, fromColumn, toColumn, tier, asOfUs } = scene;
    pen.save();
    pen.beginPath();
    pen.rect(layout.chart.x, layout.chart.y, layout.chart.width, layout.chart.height);
    pen.clip();
    pen.font = `${FONT_PX}px ${theme.fontMono}`;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    for (let column = fromColumn; column <= toColumn; column += 1) {
      for (const side of SIDES) {
        const state = source.resolve(tier, column, side, asOfUs, this.frame);
        if (state === COLUMN_STATE.data) this.drawSide(scene, column, side, colours);
      }
    }
    pen.restore();
  }

  /** Levels are sorted, so those of a row stand together. */
  private drawSide(scene: Scene, column: number, side: Side, colours: CellColours): void {
    const { view, layout, columnUs, rows } = scene;
    const { prices, quantities, orders, start, count } = this.frame;
    const x = xOf(view, layout.chart, (column + 0.5) * columnUs);
    const end = start + count;
    for (let i = start; i < end; ) {
      const row = rowOf(prices[i] as number, side, rows.units);
      let quantity = 0;
      let held = 0;
      for (; i < end && rowOf(prices[i] as number, side, rows.units) === row; i += 1) {
        quantity += quantities[i] as number;
        held += orders[i] as number;
      }
      const y = yOf(view, layout.chart, row * rows.units);
      if (y >= layout.chart.y && y <= layout.chart.y + layout.chart.height) {
        if (held >= scene.options.minOrders) write(scene, x, y, quantity, side, colours);
      }
    }
  }
}

function write(scene: Scene, x: number, y: number, quantity: number, side: Side, { table }: CellColours): void {
  const { pen, theme, instrument } = scene;
  const pixel = table[side * BIN_COUNT + binOf(quantity)] as number;
  // What a filter leaves empty has no number either.
  if (pixel === table[0]) return;
  const [light, dark] = isLight(theme.background) ? [theme.background, theme.text] : [theme.text, theme.background];
  pen.fillStyle = brightnessOf(pixel) > BRIGHT_FROM ? dark : light;
  pen.fillText(lotsWords(quantity, instrument.lotSize), x, y + 0.5);
}
