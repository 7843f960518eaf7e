/**
 * What the person looking has asked for: where to look, whether to follow the market, whether to hold the picture still.
 * Times in; no clock of its own.
 */
import { smooth } from './eased.ts';
import type { Area, Layout } from './layout.ts';
import {
  firstUsPerPx,
  fittingUnitsPerPx,
  needsRecentring,
  panned,
  showingTime,
  type View,
  zoomedPrice,
  zoomedTime,
} from './view.ts';

/** What gestures, keys and buttons come down to. Distances and places in CSS px of the host element. */
export type ViewCommand =
  | { readonly type: 'pan'; readonly dx: number; readonly dy: number }
  /** `x`: what stays in place; null: the right edge. */
  | { readonly type: 'zoomTime'; readonly factor: number; readonly x: number | null }
  /** `y`: what stays in place; null: the middle. */
  | { readonly type: 'zoomPrice'; readonly factor: number; readonly y: number | null }
  | { readonly type: 'resetTime' }
  /** What another pane of the group shows, µs; as near to it as the zoom goes. */
  | { readonly type: 'showTime'; readonly fromUs: number; readonly toUs: number }
  | { readonly type: 'resetPrice' }
  | { readonly type: 'goLive' }
  | { readonly type: 'toggleFollow' }
  | { readonly type: 'togglePause' };

/** What a command is carried out against. */
export interface Surroundings {
  readonly layout: Layout;
  readonly nowMs: number;
  /** Live edge, µs; that of the pause while paused. */
  readonly edgeUs: number;
  /** Prices that the first look should show; null while no book is known. */
  readonly book: { readonly low: number; readonly mid: number; readonly high: number } | null;
  /** Price units. */
  readonly tickSize: number;
}

/** A re-centring takes this long, unless motion is to be reduced. */
const RECENTRE_MS = 350;

interface Glide {
  readonly from: number;
  readonly to: number;
  readonly startMs: number;
}

export class ViewController {
  /** Null until a price is known. */
  view: View | null = null;
  /** The right edge follows the live edge. */
  followTime = true;
  /** The market is brought back to the middle before it leaves the picture. */
  followPrice = true;
  paused = false;
  /** Jump where one would glide. */
  reducedMotion = false;
  private glide: Glide | null = null;

  get following(): boolean {
    return this.followTime && this.followPrice && !this.paused;
  }

  get gliding(): boolean {
    return this.glide !== null;
  }

  /** Brings the view up to date with the market and with the time. */
  update(around: Surroundings): void {
    const { book, edgeUs, nowMs } = around;
    const { chart } = around.layout;
    this.view ??= this.firstView(around);
    if (!this.view) return;
    if (this.followTime) this.view = { ...this.view, rightUs: edgeUs };
    if (this.followPrice && !this.paused && !this.glide && book && needsRecentring(this.view, chart, book.mid)) {
      this.glideTo(book.mid, nowMs);
    }
    if (this.glide) this.view = { ...this.view, centrePrice: this.glideAt(nowMs) };
  }

  apply(command: ViewCommand, around: Surroundings): void {
    const { view } = this;
    const { chart } = around.layout;
    if (!view) return;
    switch (command.type) {
      case 'pan':
        if (command.dx !== 0) this.followTime = false;
        if (command.dy !== 0) this.leavePrice();
        this.view = panned(view, chart, command.dx, command.dy, around.edgeUs);
        break;
      case 'zoomTime': {
        // While following, the live edge stays where it is: zooming is no reason to lose sight of it.
        const x = command.x === null || this.followTime ? chart.x + chart.width : command.x;
        this.view = zoomedTime(view, chart, command.factor, x);
        break;
      }
      case 'zoomPrice': {
        this.glide = null;
        const y = command.y ?? chart.y + chart.height / 2;
        this.view = zoomedPrice(view, chart, command.factor, y, around.tickSize);
        break;
      }
      case 'resetTime':
        this.view = { ...view, usPerPx: firstUsPerPx };
        break;
      case 'showTime':
        this.followTime = false;
        this.view = showingTime(view, chart, command.fromUs, command.toUs);
        break;
      case 'resetPrice':
        this.followPrice = true;
        this.view = this.fitted(view, around);
        break;
      case 'goLive':
        this.paused = false;
        this.follow(around);
        break;
      case 'toggleFollow':
        if (this.followTime && this.followPrice) {
          this.followTime = false;
          this.leavePrice();
        } else this.follow(around);
        break;
      case 'togglePause':
        this.paused = !this.paused;
        // What was held back is in the picture already: going on means going on from now.
        if (!this.paused && this.followTime) this.follow(around);
        break;
    }
  }

  private follow({ book, nowMs }: Surroundings): void {
    this.followTime = true;
    this.followPrice = true;
    if (book) this.glideTo(book.mid, nowMs);
  }

  private leavePrice(): void {
    this.followPrice = false;
    this.glide = null;
  }

  private glideTo(mid: number, nowMs: number): void {
    if (!this.view) return;
    if (this.reducedMotion) this.view = { ...this.view, centrePrice: mid };
    else this.glide = { from: this.view.centrePrice, to: mid, startMs: nowMs };
  }

  private glideAt(nowMs: number): number {
    const { from, to, startMs } = this.glide as Glide;
    const t = Math.min(1, (nowMs - startMs) / RECENTRE_MS);
    if (t === 1) this.glide = null;
    return from + (to - from) * smooth(t);
  }

  private firstView(around: Surroundings): View | null {
    if (!around.book) return null;
    return this.fitted({ rightUs: around.edgeUs, usPerPx: firstUsPerPx, centrePrice: 0, unitsPerPx: 1 }, around);
  }

  private fitted(view: View, { book, layout, tickSize }: Surroundings): View {
    if (!book) return view;
    this.glide = null;
    return { ...view, centrePrice: book.mid, unitsPerPx: scaleFor(layout.chart, book, tickSize) };
  }
}

function scaleFor(
  chart: Area,
  { low, mid, high }: { low: number; mid: number; high: number },
  tickSize: number,
): number {
  const reach = Math.max(high - mid, mid - low);
  return fittingUnitsPerPx(chart, mid - reach, mid + reach, tickSize);
}
