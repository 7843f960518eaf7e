/** All detectors of one instrument over one view of it. */
import type { Tick } from '../orderflow/tick.ts';
import { Absorption } from './absorption.ts';
import { BigChanges } from './big-changes.ts';
import { ImbalanceShift, OfiBurst, OneSidedBook, SpreadStress } from './book-states.ts';
import { type Detector, detectorOf, type Gap } from './detector.ts';
import { AS_LIVE, type DetectorChoice, optionsOf } from './detector-options.ts';
import { Icebergs } from './icebergs.ts';
import { KeyLevels } from './key-levels.ts';
import { LargeTrades } from './large-trades.ts';
import { Layering } from './layering.ts';
import { type DepthFrame, INPUT, MarketView } from './market-view.ts';
import { DeltaDivergence, StackedImbalances } from './minute-bars.ts';
import { PredecessorAbsorption } from './predecessor.ts';
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
   * @param choice which of them, and with what parameters
   */
  constructor(
    instrumentId: number,
    feedId: number,
    capacity: number,
    { detectors: wanted, overrides }: DetectorChoice = AS_LIVE,
  ) {
    this.view = new MarketView(instrumentId, feedId, capacity);
    const { usual } = this;
    const all: Detector[] = [
      new Walls(usual, optionsOf('walls', overrides)),
      new LargeTrades(usual, optionsOf('large_trades', overrides)),
      new Sweeps(usual, optionsOf('sweeps', overrides)),
      new Absorption(usual, optionsOf('absorption', overrides)),
      new KeyLevels(usual, optionsOf('key_levels', overrides)),
      new Pressure(optionsOf('pressure', overrides)),
      new ImbalanceShift(optionsOf('imbalance_shift', overrides)),
      new BigChanges(usual, optionsOf('big_changes', overrides)),
      new Icebergs(usual, optionsOf('icebergs', overrides)),
      new Layering(usual, optionsOf('layering', overrides)),
      new StackedImbalances(usual, optionsOf('stacked_imbalances', overrides)),
      new DeltaDivergence(optionsOf('delta_divergence', overrides)),
      new OfiBurst(optionsOf('ofi_burst', overrides)),
      new SpreadStress(optionsOf('spread_stress', overrides)),
      new OneSidedBook(optionsOf('one_sided_book', overrides)),
      new KeyLevels(usual, optionsOf('predecessor_key_level', overrides), 'predecessor_key_level'),
      new PredecessorAbsorption(optionsOf('predecessor_absorption', overrides)),
      new Pressure(optionsOf('predecessor_pressure', overrides), 'predecessor_pressure'),
    ];
    const names = wanted && new Set<string>(wanted);
    this.detectors = names ? all.filter(({ name }) => names.has(detectorOf(name))) : all;
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
