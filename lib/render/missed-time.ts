/** Hatch over the places of a chart of bars in which nobody listened, and the line at which recording began. */
import type { IPanePrimitive, IPanePrimitivePaneView, IPrimitivePaneRenderer, Time } from 'lightweight-charts';
import type { Theme } from './theme.ts';

type Target = Parameters<IPrimitivePaneRenderer['draw']>[0];

const HATCH_PX = 7;

/** Places on the axis, CSS px. */
export interface MissedPlaces {
  readonly spans: readonly { readonly fromX: number; readonly toX: number }[];
  /** Where recording began; null where that is not on the screen. */
  readonly beginX: number | null;
}

export class MissedTime implements IPanePrimitive<Time> {
  private readonly views: readonly IPanePrimitivePaneView[];

  /** @param placesOf asked at every painting */
  constructor(
    private readonly placesOf: () => MissedPlaces,
    private readonly themeOf: () => Theme,
  ) {
    const renderer: IPrimitivePaneRenderer = { draw: (target) => this.draw(target) };
    this.views = [{ zOrder: () => 'bottom', renderer: () => renderer }];
  }

  paneViews(): readonly IPanePrimitivePaneView[] {
    return this.views;
  }

  private draw(target: Target): void {
    const { spans, beginX } = this.placesOf();
    const theme = this.themeOf();
    // biome-ignore lint/correctness/useHookAtTopLevel: no hook of React; the library names it so
    target.useMediaCoordinateSpace(({ context: pen, mediaSize: { width, height } }) => {
      for (const { fromX, toX } of spans) {
        const left = Math.max(0, fromX);
        const right = Math.min(width, toX);
        if (right <= left) continue;
        pen.save();
        pen.beginPath();
        pen.rect(left, 0, right - left, height);
        pen.clip();
        pen.fillStyle = theme.unrecorded;
        pen.fillRect(left, 0, right - left, height);
        pen.strokeStyle = theme.hatchGap;
        pen.lineWidth = 1;
        pen.beginPath();
        for (let x = Math.floor((left - height) / HATCH_PX) * HATCH_PX; x < right; x += HATCH_PX) {
          pen.moveTo(x, height);
          pen.lineTo(x + height, 0);
        }
        pen.stroke();
        pen.restore();
      }
      if (beginX === null || beginX < 0 || beginX > width) return;
      pen.strokeStyle = theme.textMuted;
      pen.setLineDash([4, 4]);
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(beginX, 0);
      pen.lineTo(beginX, height);
      pen.stroke();
      pen.setLineDash([]);
    });
  }
}
