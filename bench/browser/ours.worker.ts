/** The worker of ours.ts: the model takes in live messages, the engine draws, as in lib/client's live session. */
import { bytesOfBase64 } from '../../lib/client/base64.ts';
import { DepthModel } from '../../lib/heatmap/depth-model.ts';
import { DEFAULT_OPTIONS } from '../../lib/heatmap/options.ts';
import { firstUsPerPx } from '../../lib/heatmap/view.ts';
import { DIRTY } from '../../lib/render/dirty.ts';
import { HeatmapEngine } from '../../lib/render/heatmap-engine.ts';
import type { WorkerCanvas } from '../../lib/render/surface.ts';
import type { Theme } from '../../lib/render/theme.ts';
import { COLUMNS, eachFrame, ROW_TICKS, type Scrolled } from './scrolling.ts';

/** First the start, then any number of times how many frames to scroll; each is answered when it is done. */
export type ToScroller = Start | number;
export type FromScroller = 'started' | Scrolled;

export interface Start {
  readonly canvas: WorkerCanvas;
  /** CSS px of the canvas, and how many of them the chart is tall. */
  readonly width: number;
  readonly height: number;
  readonly chartHeight: number;
  readonly theme: Theme;
}

/** What /feed answers. */
export interface Feed {
  readonly instrumentId: number;
  /** Price units. */
  readonly tickSize: number;
  readonly columnUs: number;
  /** An event of the stream for each column, in base64 as server-sent events have it: a frame of each side. */
  readonly events: readonly string[];
}

class Scroller {
  private readonly model: DepthModel;
  private readonly engine: HeatmapEngine;
  private taken = 0;
  private drawn = 0;

  constructor(
    { canvas, width, height, chartHeight, theme }: Start,
    private readonly feed: Feed,
  ) {
    const { instrumentId, tickSize } = feed;
    this.model = new DepthModel(instrumentId);
    for (let i = 0; i < COLUMNS; i += 1) this.takeIn();
    this.engine = new HeatmapEngine(
      canvas,
      // The market's time is that of the newest frame: a column passes in every frame of the animation.
      { nowMs: () => performance.now(), nowUs: () => this.model.newestFrameUs },
      (draw) =>
        void requestAnimationFrame(() => {
          this.drawn += 1;
          draw();
        }),
      this.model,
      { priceScale: 100, tickSize, lotSize: 1 },
      theme,
      { ...DEFAULT_OPTIONS, rowTicks: ROW_TICKS },
    );
    this.engine.resize(width, height, 1);
    this.engine.command({ type: 'zoomTime', factor: feed.columnUs / firstUsPerPx, x: null });
    const { view } = this.engine;
    if (!view) throw new Error('no view without a book');
    // A little less than a pixel a row: rounding must not make the engine take wider rows.
    const unitsPerPx = ROW_TICKS * tickSize * (1 - 1e-9);
    this.engine.command({ type: 'zoomPrice', factor: unitsPerPx / view.unitsPerPx, y: chartHeight / 2 });
  }

  async scroll(frames: number): Promise<Scrolled> {
    const { engine } = this;
    const before = this.drawn;
    await eachFrame(frames, () => {
      this.takeIn();
      engine.invalidate(DIRTY.picture);
    });
    const { shown } = engine;
    if (!shown) throw new Error('nothing was drawn');
    return {
      frames: this.drawn - before,
      columns: shown.toColumn - shown.fromColumn + 1,
      rows: shown.visibleRows.count,
    };
  }

  private takeIn(): void {
    const event = this.feed.events[this.taken];
    if (event === undefined) throw new Error('there are no more events');
    this.taken += 1;
    this.model.readLive(bytesOfBase64(event));
  }
}

let scroller: Scroller | null = null;

async function handle(message: ToScroller): Promise<FromScroller> {
  if (typeof message === 'number') {
    if (!scroller) throw new Error('scrolled before it was started');
    return scroller.scroll(message);
  }
  const response = await fetch('/feed');
  scroller = new Scroller(message, (await response.json()) as Feed);
  return 'started';
}

self.addEventListener('message', ({ data }: MessageEvent<ToScroller>) => {
  void handle(data).then((answer) => self.postMessage(answer));
});
