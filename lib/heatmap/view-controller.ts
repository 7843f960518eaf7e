/**
 * What the person looking has asked for: where to look, whether to follow the market, whether to hold the picture still.
 * Times in; no clock of its own.
 */
import { smooth } from './eased.ts';
import type { Area, Layout } from './layout.ts';
import type { CentreMode } from './options.ts';
import {
  firstUsPerPx,
  fittingUnitsPerPx,
  needsRecentring,
  panned,
  priceAt,
  showingTime,
  timeAt,
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
  /** Shows what lies between two corners, and leaves live. */
  | { readonly type: 'zoomTo'; readonly from: Corner; readonly to: Corner }
  /** Shows a time, and the price that was traded then or the one given; leaves live. */
  | {
      readonly type: 'goTo';
      readonly rightUs: number;
      readonly usPerPx?: number | undefined;
      readonly price?: { readonly centre: number; readonly unitsPerPx: number } | undefined;
    }
  /** Back to the view before, up to UNDO_MAX times. */
  | { readonly type: 'undo' }
  | { readonly type: 'resetTime' }
  /** What another pane of the group shows, µs; as near to it as the zoom goes. */
  | { readonly type: 'showTime'; readonly fromUs: number; readonly toUs: number }
  | { readonly type: 'resetPrice' }
  | { readonly type: 'goLive' }
  | { readonly type: 'toggleFollow' }
  | { readonly type: 'togglePause' };

export interface Corner {
  readonly x: number;
  readonly y: number;
}

/** What a command is carried out against. */
export interface Surroundings {
  readonly layout: Layout;
  readonly nowMs: number;
  /** Live edge, µs; that of the pause while paused. */
  readonly edgeUs: number;
  /** Prices that the first look should show; null while no book is known. */
  readonly book: { readonly low: number; readonly mid: number; readonly high: number } | null;
  /** The same of the books at the picture's right edge, for a view that waits for its price; null while they are not held. */
  readonly bookThen?: Surroundings['book'];
  /** Price units. */
  readonly tickSize: number;
}

/** A re-centring takes this long, unless motion is to be reduced. */
const RECENTRE_MS = 350;
/** Views that can be gone back to. */
export const UNDO_MAX = 20;
/** Commands of a kind that follow each other within this are one gesture, ms. */
const GESTURE_MS = 600;
/** A rectangle smaller than this on an axis was no rectangle, CSS px. */
const RECTANGLE_PX_MIN = 6;

/** Those that change the view by the will of the person looking. */
const UNDOABLE: ReadonlySet<ViewCommand['type']> = new Set([
  'pan',
  'zoomTime',
  'zoomPrice',
  'zoomTo',
  'goTo',
  'resetTime',
  'resetPrice',
  'goLive',
]);

interface Remembered {
  readonly view: View;
  readonly followTime: boolean;
  readonly followPrice: boolean;
}

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
  /** How the price follows. */
  centre: CentreMode = 'edge';
  private glide: Glide | null = null;
  private readonly before: Remembered[] = [];
  private gesture = '';
  private gestureMs = Number.NEGATIVE_INFINITY;
  private waits = false;

  /** Views that `undo` can go back to. */
  get undoable(): number {
    return this.before.length;
  }

  /** True while the view has a time, but its price is still to be found in the books of that time. */
  get waitsForPrice(): boolean {
    return this.waits;
  }

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
    if (this.waits && around.bookThen) {
      this.waits = false;
      this.view = this.fitted(this.view, { ...around, book: around.bookThen });
    }
    if (this.followPrice && !this.paused && !this.glide && book) {
      if (this.centre !== 'off' && needsRecentring(this.view, chart, book.mid)) this.glideTo(book.mid, nowMs);
      else if (this.centre === 'always') this.view = { ...this.view, centrePrice: book.mid };
    }
    if (this.glide) this.view = { ...this.view, centrePrice: this.glideAt(nowMs) };
  }

  apply(command: ViewCommand, around: Surroundings): void {
    if (command.type === 'goTo') this.view ??= this.viewAt(command.rightUs, around);
    const { view } = this;
    const { chart } = around.layout;
    if (!view) return;
    if (UNDOABLE.has(command.type)) this.remember(command.type, view, around.nowMs);
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
      case 'zoomTo':
        this.zoomTo(view, around, command.from, command.to);
        break;
      case 'goTo':
        this.followTime = false;
        this.leavePrice();
        this.waits = command.price === undefined;
        this.view = {
          rightUs: command.rightUs,
          usPerPx: command.usPerPx ?? view.usPerPx,
          centrePrice: command.price?.centre ?? view.centrePrice,
          unitsPerPx: command.price?.unitsPerPx ?? view.unitsPerPx,
        };
        break;
      case 'undo':
        this.undo();
        break;
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

  /** Keeps a view to come back to, unless the command goes on with a gesture. */
  private remember(type: ViewCommand['type'], view: View, nowMs: number): void {
    const goesOn = type === this.gesture && nowMs - this.gestureMs < GESTURE_MS;
    this.gesture = type;
    this.gestureMs = nowMs;
    if (goesOn) return;
    this.before.push({ view, followTime: this.followTime, followPrice: this.followPrice });
    if (this.before.length > UNDO_MAX) this.before.shift();
  }

  private undo(): void {
    const before = this.before.pop();
    this.gesture = '';
    if (!before) return;
    this.glide = null;
    this.waits = false;
    this.view = before.view;
    this.followTime = before.followTime;
    this.followPrice = before.followPrice;
  }

  private zoomTo(view: View, { layout: { chart }, tickSize }: Surroundings, from: Corner, to: Corner): void {
    const [left, right] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
    const [top, bottom] = [Math.min(from.y, to.y), Math.max(from.y, to.y)];
    if (right - left < RECTANGLE_PX_MIN || bottom - top < RECTANGLE_PX_MIN) return;
    this.followTime = false;
    this.leavePrice();
    const byTime = zoomedTime(view, chart, (right - left) / chart.width, chart.x + chart.width);
    const byPrice = zoomedPrice(view, chart, (bottom - top) / chart.height, chart.y + chart.height / 2, tickSize);
    this.view = {
      rightUs: timeAt(view, chart, right),
      usPerPx: byTime.usPerPx,
      centrePrice: priceAt(view, chart, (top + bottom) / 2),
      unitsPerPx: byPrice.unitsPerPx,
    };
  }

  private viewAt(rightUs: number, { tickSize }: Surroundings): View {
    return { rightUs, usPerPx: firstUsPerPx, centrePrice: 0, unitsPerPx: tickSize };
  }

  private follow({ book, nowMs }: Surroundings): void {
    this.followTime = true;
    this.followPrice = true;
    this.waits = false;
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
