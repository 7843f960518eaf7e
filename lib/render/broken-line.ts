/** Lines of a chart that end where something was missed: the library's own go on over what has no value. */
import {
  type CustomData,
  type CustomSeriesOptions,
  customSeriesDefaultOptions,
  type ICustomSeriesPaneRenderer,
  type ICustomSeriesPaneView,
  type PaneRendererCustomData,
  type Time,
} from 'lightweight-charts';

/** One place: the value of each line, and whether the lines begin anew. */
export interface BrokenLineData extends CustomData<Time> {
  readonly values: readonly number[];
  readonly begins: boolean;
}

export interface LineLook {
  readonly colour: string;
  readonly width: number;
  readonly dash: readonly number[];
}

type Target = Parameters<ICustomSeriesPaneRenderer['draw']>[0];

/** A point that stands alone is a dot, px. */
const DOT_PX = 1.5;

export class BrokenLine implements ICustomSeriesPaneView<Time, BrokenLineData, CustomSeriesOptions> {
  private data: PaneRendererCustomData<Time, BrokenLineData> | null = null;

  /** @param looks of each line; the last line is the one whose value the axis shows */
  constructor(private readonly looks: readonly LineLook[]) {}

  renderer(): ICustomSeriesPaneRenderer {
    return { draw: (target, priceToY) => this.draw(target, priceToY) };
  }

  update(data: PaneRendererCustomData<Time, BrokenLineData>): void {
    this.data = data;
  }

  priceValueBuilder({ values }: BrokenLineData): number[] {
    return [...values];
  }

  isWhitespace(data: object): data is never {
    return !('values' in data);
  }

  defaultOptions(): CustomSeriesOptions {
    return customSeriesDefaultOptions as CustomSeriesOptions;
  }

  private draw(target: Target, priceToY: (price: number) => number | null): void {
    const { data } = this;
    if (!data?.visibleRange) return;
    const { bars, visibleRange } = data;
    // One more on either side: lines go over the edges.
    const from = Math.max(0, visibleRange.from - 1);
    const to = Math.min(bars.length, visibleRange.to + 1);
    // biome-ignore lint/correctness/useHookAtTopLevel: no hook of React; the library names it so
    target.useMediaCoordinateSpace(({ context: pen }) => {
      this.looks.forEach(({ colour, width, dash }, line) => {
        pen.strokeStyle = colour;
        pen.fillStyle = colour;
        pen.lineWidth = width;
        pen.setLineDash([...dash]);
        pen.beginPath();
        for (let i = from; i < to; i += 1) {
          const bar = bars[i];
          const y = bar ? priceToY(bar.originalData.values[line] as number) : null;
          if (!bar || y === null) continue;
          const begins = i === from || bar.originalData.begins;
          if (!begins) pen.lineTo(bar.x, y);
          else pen.moveTo(bar.x, y);
          if (begins && (bars[i + 1]?.originalData.begins ?? true))
            pen.rect(bar.x - DOT_PX, y - DOT_PX, 2 * DOT_PX, 2 * DOT_PX);
        }
        pen.stroke();
        pen.setLineDash([]);
      });
    });
  }
}
