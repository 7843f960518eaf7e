/** All detectors of one instrument over one view of it. */
import type { Tick } from '../orderflow/tick.ts';
import { Absorption } from './absorption.ts';
import { BigChanges } from './big-changes.ts';
import { ImbalanceShift, OfiBurst, OneSidedBook, SpreadStress } from './book-states.ts';
import type { Detector, Gap } from './detector.ts';
import { Icebergs } from './icebergs.ts';
import { KeyLevels } from './key-levels.ts';
import { LargeTrades } from './large-trades.ts';
import { Layering } from './layering.ts';
import { type DepthFrame, INPUT, MarketView } from './market-view.ts';
import { DeltaDivergence, StackedImbalances } from './minute-bars.ts';
import { PredecessorAbsorption, predecessorKeyLevels, predecessorPressure } from './predecessor.ts';
import { Pressure } from './pressure.ts';
import type { Signal } from './signal.ts';
import { Sweeps } from './sweeps.ts';
import { Usual } from './usual.ts';
import { Walls } from './walls.ts';

export class DetectorSet {
  readonly view: MarketView;
  private readonly usual = new Usual();
  readonly detectors: readonly Detector[];

  /**
   * @param feedId of the book
   * @param capacity levels that its feed gives a side
   */
  constructor(instrumentId: number, feedId: number, capacity: number) {
    this.view = new MarketView(instrumentId, feedId, capacity);
    const { usual } = this;
    this.detectors = [
      new Walls(usual),
      new LargeTrades(usual),
      new Sweeps(usual),
      new Absorption(usual),
      new KeyLevels(usual),
      new Pressure(),
      new ImbalanceShift(),
      new BigChanges(usual),
      new Icebergs(usual),
      new Layering(usual),
      new StackedImbalances(usual),
      new DeltaDivergence(),
      new OfiBurst(),
      new SpreadStress(),
      new OneSidedBook(),
      predecessorKeyLevels(usual),
      new PredecessorAbsorption(),
      predecessorPressure(),
    ];
  }

  side(frame: DepthFrame, found: Signal[]): void {
    const whole = this.view.takeSide(frame);
    if (whole) this.view.takeBook();
    this.view.input = INPUT.side;
    this.show(found);
    if (!whole) return;
    this.view.input = INPUT.book;
    this.show(found);
  }

  /** @param feedId of the tick */
  tick(tick: Tick, feedId: number, found: Signal[]): void {
    const input = this.view.takeTick(tick, feedId);
    if (input === null) return;
    this.view.input = input;
    this.show(found);
  }

  gap(gap: Gap): void {
    this.view.reset();
    for (const detector of this.detectors) detector.reset(gap);
  }

  private show(found: Signal[]): void {
    for (const detector of this.detectors) detector.push(this.view, found);
    this.usual.learn(this.view);
  }
}
