/**
 * Walls: they appear, and go: pulled, where next to nothing of what went can have traded, or filled, where it did. What is pulled is
 * no proof of anything against anybody: a snapshot knows no clients.
 */
import { BID, type Side } from '../core/side.ts';
import { WallFinder, type WallRule } from '../orderflow/walls.ts';
import { against, Detector, sideFrames, tickFrame } from './detector.ts';
import { INPUT, type MarketView } from './market-view.ts';
import { frameName, type Signal } from './signal.ts';
import { NEAR_BPS, type Usual } from './usual.ts';

export const WALL_OPTIONS = {
  /** A wall holds so many times the 99th percentile of the levels near the mid. */
  timesUsual: 2.5,
  /** And so many times the median level near the mid of this book. */
  timesMedian: 8,
  /** It has lost so much of its peak before it counts as gone. */
  lostShare: 0.8,
  /** Faster than this, µs: what melts slowly is not pulled. Two frames, where frames are further apart. */
  lostWithinUs: 1_200_000,
  /** At most so much of what went can have traded, where it was pulled ... */
  pulledShare: 0.3,
  /** ... and at least so much, where it was filled. */
  filledShare: 0.7,
  /** Trades that tell the two apart are waited for so long, µs. */
  settleUs: 1_500_000,
};
export type WallOptions = Readonly<typeof WALL_OPTIONS>;

interface Wall {
  readonly side: Side;
  readonly price: number;
  readonly fromUs: number;
  readonly fromN: number;
  frames: number;
  peak: number;
  /** When it last held nearly its peak. */
  fullUs: number;
  told: boolean;
  /** Whether it stood when watching began: it did not appear. */
  readonly old: boolean;
  /** Once it has gone: when, what it had and lost, and the frames that show it. */
  goneUs: number;
  lost: number;
  evidence: readonly string[];
  touched: boolean;
}

const WALLS_MAX = 64;

export class Walls extends Detector {
  private walls: Wall[] = [];
  private readonly rule: { -readonly [K in keyof WallRule]: WallRule[K] };
  private readonly finder: WallFinder;
  /** Whether a side has been looked at since the beginning: what stands at first is old. */
  private readonly looked: [boolean, boolean] = [false, false];

  constructor(
    private readonly usual: Usual,
    private readonly options: WallOptions = WALL_OPTIONS,
  ) {
    super('walls', 1, options);
    this.rule = { timesMedian: options.timesMedian, bps: NEAR_BPS, minQuantity: 0 };
    this.finder = new WallFinder(this.rule);
  }

  get ready(): boolean {
    return this.usual.knowsLevels;
  }

  push(view: MarketView, found: Signal[]): void {
    if (!this.ready) return;
    if (view.input === INPUT.side) this.side(view, found);
    else if (view.input === INPUT.trade || view.input === INPUT.clock) this.settle(view, found, true);
  }

  reset(): void {
    this.walls = [];
    this.looked.fill(false);
  }

  private side(view: MarketView, found: Signal[]): void {
    if (this.walls.length > 0) {
      this.follow(view, found);
      this.settle(view, found, false);
    }
    if (!view.isWhole) return;
    const { side } = view;
    const { finder } = this;
    this.rule.minQuantity = this.options.timesUsual * this.usual.level.value;
    const levels = view.sides[side];
    finder.find(levels, view.mid);
    for (let i = 0; i < finder.count; i += 1) {
      const at = finder.places[i] as number;
      this.note(view, side, levels.prices[at] as number, levels.quantities[at] as number, found);
    }
    this.looked[side] = true;
  }

  /** A level that is large enough: a new wall, or one more frame of a known one. */
  private note(view: MarketView, side: Side, price: number, quantity: number, found: Signal[]): void {
    let wall = this.walls.find((one) => one.side === side && one.price === price && one.goneUs === 0);
    if (!wall) {
      if (this.walls.length >= WALLS_MAX) return;
      wall = {
        side,
        price,
        fromUs: view.stampUs,
        fromN: view.n,
        frames: 0,
        peak: quantity,
        fullUs: view.stampUs,
        told: false,
        old: !this.looked[side],
        goneUs: 0,
        lost: 0,
        evidence: [],
        touched: false,
      };
      this.walls.push(wall);
    }
    wall.frames += 1;
    // Two frames make it stand: a level that one frame shows and the next does not was never there to trade with.
    if (wall.frames < 2 || wall.told) return;
    wall.told = true;
    if (wall.old) return;
    const least = Math.max(this.rule.minQuantity, this.rule.timesMedian * this.finder.median);
    this.tell(view, found, {
      kind: 'wall_appeared',
      fromUs: wall.fromUs,
      toUs: view.stampUs,
      lowPrice: price,
      highPrice: price,
      side,
      size: quantity,
      margin: quantity / least,
      certainty: 1,
      cause: { quantity: against(quantity, least), median: against(this.finder.median, null) },
      evidence: [frameName(view.feedId, wall.fromUs, wall.fromN), frameName(view.feedId, view.stampUs, view.n)],
    });
  }

  /** Whether walls of this side still stand. */
  private follow(view: MarketView, found: Signal[]): void {
    const { lostShare, lostWithinUs } = this.options;
    const { side, stampUs } = view;
    for (let i = this.walls.length - 1; i >= 0; i -= 1) {
      const wall = this.walls[i] as Wall;
      if (wall.side !== side || wall.goneUs > 0) continue;
      const quantity = view.quantityAt(side, wall.price);
      if (quantity < 0) {
        // Beyond the levels that the feed gives: nothing is known of it any more.
        this.walls.splice(i, 1);
        continue;
      }
      if (quantity > wall.peak) wall.peak = quantity;
      if (quantity >= 0.8 * wall.peak) wall.fullUs = stampUs;
      const forward = side === BID ? -1 : 1;
      if (quantity > 0 && (view.best(side) - wall.price) * forward >= 0) wall.touched = true;
      if (quantity > (1 - lostShare) * wall.peak) continue;
      if (!wall.told) {
        this.walls.splice(i, 1);
        continue;
      }
      const fast = stampUs - wall.fullUs <= Math.max(lostWithinUs, 2.5 * view.frameUs);
      // At the touch, or beyond it now: it may have traded.
      const reached =
        wall.touched ||
        (view.bestBefore(side) - wall.price) * forward >= 0 ||
        view.best(side) < 0 ||
        (view.best(side) - wall.price) * forward > 0;
      wall.goneUs = stampUs;
      wall.lost = wall.peak - quantity;
      wall.evidence = sideFrames(view, side);
      wall.touched = reached;
      if (fast && !reached && view.frameUs < 600_000) {
        this.pulled(view, wall, 0, found);
        this.walls.splice(i, 1);
      } else if (!fast && !reached) this.walls.splice(i, 1);
    }
  }

  /** Decides of walls that have gone, once it is known what has traded. */
  private settle(view: MarketView, found: Signal[], ticked: boolean): void {
    const { pulledShare, filledShare, settleUs, lostWithinUs } = this.options;
    for (let i = this.walls.length - 1; i >= 0; i -= 1) {
      const wall = this.walls[i] as Wall;
      if (wall.goneUs === 0) continue;
      const late = view.stampUs - wall.goneUs > settleUs;
      if (!late && !(ticked && view.tickUs >= wall.goneUs)) continue;
      this.walls.splice(i, 1);
      // Without ticks it cannot be told: nothing is said rather than guessed, but where the price was never near.
      if (view.tickUs === 0 && wall.touched) continue;
      const executed = view.trades.executedAtMost(wall.side, wall.price, wall.fromUs);
      const lately = view.trades.executedAtMost(wall.side, wall.price, wall.fullUs - view.frameUs);
      const fast = wall.goneUs - wall.fullUs <= Math.max(lostWithinUs, 2.5 * view.frameUs);
      if (fast && lately <= pulledShare * wall.lost) this.pulled(view, wall, lately, found);
      else if (executed >= filledShare * wall.lost) {
        this.tell(view, found, {
          kind: 'wall_filled',
          fromUs: wall.fromUs,
          toUs: wall.goneUs,
          lowPrice: wall.price,
          highPrice: wall.price,
          side: wall.side,
          size: wall.lost,
          margin: executed / (filledShare * wall.lost),
          certainty: 0.9,
          cause: {
            lost: against(wall.lost / wall.peak, this.options.lostShare),
            executedAtMost: against(Math.min(1, executed / wall.lost), filledShare),
          },
          evidence: [frameName(view.feedId, wall.fromUs, wall.fromN), ...wall.evidence, ...tickFrame(view)],
        });
      }
    }
  }

  private pulled(view: MarketView, wall: Wall, executed: number, found: Signal[]): void {
    this.tell(view, found, {
      kind: 'wall_pulled',
      fromUs: wall.fromUs,
      toUs: wall.goneUs,
      lowPrice: wall.price,
      highPrice: wall.price,
      side: wall.side,
      size: wall.lost,
      margin: wall.peak / this.rule.minQuantity,
      certainty: wall.touched ? 0.85 : 1,
      cause: {
        lost: against(wall.lost / wall.peak, this.options.lostShare),
        executedAtMost: against(executed / wall.lost, this.options.pulledShare),
        stoodMs: against((wall.fullUs - wall.fromUs) / 1000, null),
      },
      evidence: [frameName(view.feedId, wall.fromUs, wall.fromN), ...wall.evidence],
    });
  }
}
