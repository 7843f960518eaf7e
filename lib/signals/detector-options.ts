/** Every parameter of every detector that a backtest may change: its unit, and between what it lies. */
import { ABSORPTION_OPTIONS } from './absorption.ts';
import { BIG_CHANGE_OPTIONS } from './big-changes.ts';
import { IMBALANCE_OPTIONS, OFI_OPTIONS, ONE_SIDED_OPTIONS, SPREAD_OPTIONS } from './book-states.ts';
import { ICEBERG_OPTIONS } from './icebergs.ts';
import { KEY_LEVEL_OPTIONS } from './key-levels.ts';
import { LARGE_TRADE_OPTIONS } from './large-trades.ts';
import { LAYERING_OPTIONS } from './layering.ts';
import { DIVERGENCE_OPTIONS, STACKED_OPTIONS } from './minute-bars.ts';
import { PREDECESSOR_ABSORPTION, PREDECESSOR_KEY_LEVEL, PREDECESSOR_PRESSURE } from './predecessor.ts';
import { PRESSURE_OPTIONS } from './pressure.ts';
import type { SignalKind } from './signal.ts';
import { SWEEP_OPTIONS } from './sweeps.ts';
import { WALL_OPTIONS } from './walls.ts';

export interface OptionRange {
  /** As people read it. */
  readonly unit: 'times' | 'share' | 'µs' | 'bps' | 'count' | 'units' | 'price units' | 'standard deviations';
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}

const range = (unit: OptionRange['unit'], least: number, most: number, whole = false): OptionRange => ({
  unit,
  least,
  most,
  whole,
});
const HOUR_US = 3_600_000_000;
const times = range('times', 0, 1000);
const share = range('share', 0, 1);
const time = range('µs', 0, HOUR_US, true);
const bps = range('bps', 0, 1000);
const count = range('count', 1, 200, true);
const units = range('units', 0, 1e9, true);
const prices = range('price units', 0, 1e9, true);
const sigmas = range('standard deviations', 0, 100);

interface DetectorOptions<Options extends Readonly<Record<string, number>>> {
  readonly defaults: Readonly<Options>;
  /** A new parameter of a detector does not compile before it has its range. */
  readonly ranges: { readonly [Name in keyof Options]: OptionRange };
}

const options = <Options extends Readonly<Record<string, number>>>(
  defaults: Options,
  ranges: DetectorOptions<Options>['ranges'],
): DetectorOptions<Options> => ({ defaults, ranges });

const KEY_LEVEL_RANGES = {
  timesMean: times,
  timesUsual: times,
  minQuantity: units,
  reach: prices,
  reachBps: bps,
  formingUs: time,
  activeUs: time,
  testedWithin: prices,
  breakingShare: share,
  goneShare: share,
  goneUs: time,
} as const;
const PRESSURE_RANGES = { levels: count, atLeast: share, timesUsual: times, endShare: share } as const;

export const DETECTOR_OPTIONS = {
  walls: options(WALL_OPTIONS, {
    timesUsual: times,
    timesMedian: times,
    lostShare: share,
    lostWithinUs: time,
    pulledShare: share,
    filledShare: share,
    settleUs: time,
  }),
  large_trades: options(LARGE_TRADE_OPTIONS, { timesUsual: times, fillTimesUsual: times }),
  sweeps: options(SWEEP_OPTIONS, {
    levels: count,
    tradedShare: share,
    timesUsual: times,
    settleUs: time,
    quietUs: time,
  }),
  absorption: options(ABSORPTION_OPTIONS, {
    windowUs: time,
    zoneBps: bps,
    timesUsualZone: times,
    timesUsual: times,
    timesShown: times,
    ticks: count,
    largestShare: share,
    quietUs: time,
  }),
  key_levels: options(KEY_LEVEL_OPTIONS, KEY_LEVEL_RANGES),
  pressure: options(PRESSURE_OPTIONS, PRESSURE_RANGES),
  imbalance_shift: options(IMBALANCE_OPTIONS, { bps, z: sigmas, holdUs: time, endZ: sigmas }),
  big_changes: options(BIG_CHANGE_OPTIONS, { withinUs: time, timesUsual: times }),
  icebergs: options(ICEBERG_OPTIONS, {
    refills: count,
    refillShare: share,
    timesShown: times,
    timesUsual: times,
    quietUs: time,
  }),
  layering: options(LAYERING_OPTIONS, {
    levels: count,
    timesUsual: times,
    lostShare: share,
    withinUs: time,
    bandBps: bps,
  }),
  stacked_imbalances: options(STACKED_OPTIONS, { rowBps: bps, ratio: times, tenthsOfUsual: times, rows: count }),
  delta_divergence: options(DIVERGENCE_OPTIONS, { bars: count, minMoveBps: bps, minSigma: sigmas }),
  ofi_burst: options(OFI_OPTIONS, { windowUs: time, timesUsual: times, endShare: share }),
  spread_stress: options(SPREAD_OPTIONS, { timesUsual: times, holdUs: time, endShare: share }),
  one_sided_book: options(ONE_SIDED_OPTIONS, { levels: count }),
  predecessor_key_level: options(PREDECESSOR_KEY_LEVEL, KEY_LEVEL_RANGES),
  predecessor_absorption: options(PREDECESSOR_ABSORPTION, {
    timesMean: times,
    reducedShare: share,
    withinUs: time,
    reach: prices,
    testedWithin: prices,
  }),
  predecessor_pressure: options(PREDECESSOR_PRESSURE, PRESSURE_RANGES),
};

export type DetectorName = keyof typeof DETECTOR_OPTIONS;
export const DETECTOR_NAMES = Object.keys(DETECTOR_OPTIONS) as [DetectorName, ...DetectorName[]];

/** Parameters that differ from a detector's own, by detector. */
export type DetectorOverrides = {
  readonly [Name in DetectorName]?: { readonly [option: string]: number };
};

/** What is to be looked for, and by which parameters. */
export interface DetectorChoice {
  /** Null: all of them. */
  readonly detectors: readonly DetectorName[] | null;
  readonly overrides: DetectorOverrides;
}

/** As the live worker runs them. */
export const AS_LIVE: DetectorChoice = { detectors: null, overrides: {} };

/** A detector's parameters, with what is to differ. */
export const optionsOf = <Name extends DetectorName>(
  name: Name,
  overrides: DetectorOverrides,
): (typeof DETECTOR_OPTIONS)[Name]['defaults'] =>
  ({ ...DETECTOR_OPTIONS[name].defaults, ...overrides[name] }) as (typeof DETECTOR_OPTIONS)[Name]['defaults'];

/** What finds signals of a kind: ours first, then by the predecessor's numbers. */
export const DETECTORS_OF: Readonly<Record<SignalKind, readonly DetectorName[]>> = {
  wall_appeared: ['walls'],
  wall_pulled: ['walls'],
  wall_filled: ['walls'],
  large_trade: ['large_trades'],
  large_lot: ['large_trades'],
  sweep: ['sweeps'],
  absorption: ['absorption'],
  order_absorption: ['predecessor_absorption'],
  key_level: ['key_levels', 'predecessor_key_level'],
  pressure: ['pressure', 'predecessor_pressure'],
  imbalance_shift: ['imbalance_shift'],
  big_add: ['big_changes'],
  big_pull: ['big_changes'],
  iceberg: ['icebergs'],
  layering: ['layering'],
  stacked_imbalance: ['stacked_imbalances'],
  delta_divergence: ['delta_divergence'],
  ofi_burst: ['ofi_burst'],
  spread_stress: ['spread_stress'],
  one_sided_book: ['one_sided_book'],
};
