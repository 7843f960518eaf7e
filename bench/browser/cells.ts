/** The matrix as the peers get it: every column summed up by row and classed by quantity beforehand, which is not counted. */
import { CELL_COUNT, cutoffsOf, fillColourTable } from '../../lib/heatmap/colour-scale.ts';
import { PALETTES, pixelOf } from '../../lib/heatmap/palettes.ts';
import { BIN_COUNT } from '../../lib/heatmap/quantity-bins.ts';
import { COLUMNS, ROWS } from './scrolling.ts';

export const BACKGROUND = '#0b0e11';

/** Cell numbers (lib/heatmap/colour-scale.ts), topmost row first, one column after the other; 0: nothing there. */
export class Cells {
  /** Pixel of every cell number. */
  readonly table = new Uint32Array(CELL_COUNT);
  private taken = 0;

  private constructor(private readonly all: Uint16Array) {
    const histogram = new Uint32Array(BIN_COUNT);
    for (const cell of all.subarray(0, COLUMNS * ROWS)) {
      const bin = cell % BIN_COUNT;
      histogram[bin] = (histogram[bin] as number) + 1;
    }
    const cutoffs = cutoffsOf(histogram);
    if (!cutoffs) throw new Error('there is nothing in the matrix');
    fillColourTable(this.table, PALETTES.thermal, cutoffs, pixelOf(BACKGROUND));
  }

  static async fetch(): Promise<Cells> {
    const response = await fetch('/cells');
    return new Cells(new Uint16Array(await response.arrayBuffer()));
  }

  next(): Uint16Array {
    const from = this.taken * ROWS;
    if (from >= this.all.length) throw new Error('there are no more columns');
    this.taken += 1;
    return this.all.subarray(from, from + ROWS);
  }
}
