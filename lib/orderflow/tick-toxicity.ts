/**
 * The predecessor's four numbers of a tick, by their old names and formulas, with its mistakes corrected: without a trade they
 * are absent, where it stored a toxicity of 1; the move is compared in exact price units.
 */
import { ABSENT, isPresent } from '../core/absent.ts';
import type { TickNumbers } from './tick.ts';

export interface TickToxicity {
  /** (bid + ask quantity over the tick's levels) / volume traded since the tick before: how often the book holds what traded. */
  consumptionRate: number;
  /** |price change| in rupees / volume traded; 0 where the price moved by no more than one paisa. */
  flowIntensity: number;
  /** 1 / (1 + consumption rate): high when much of the book is consumed. */
  depthToxicity: number;
  /** Flow intensity × depth toxicity; no regression slope (kyle-lambda.ts). */
  kyleLambda: number;
}

/** Moves of no more than this count as none, rupees. */
const MOVE_MIN = 0.01;

/** What of a tick they are made of. */
export type TickMoves = Pick<TickNumbers, 'volumeDelta' | 'priceDelta' | 'bidDepth' | 'askDepth'>;

/** @param priceScale price units in a rupee */
export function tickToxicity(
  { volumeDelta, priceDelta, bidDepth, askDepth }: Readonly<TickMoves>,
  priceScale: number,
): TickToxicity {
  const traded = isPresent(volumeDelta) && volumeDelta > 0;
  const consumptionRate =
    traded && isPresent(bidDepth) && isPresent(askDepth) ? (bidDepth + askDepth) / volumeDelta : ABSENT;
  const flowIntensity =
    traded && isPresent(priceDelta) ? intensity(Math.abs(priceDelta) / priceScale, volumeDelta) : ABSENT;
  const depthToxicity = isPresent(consumptionRate) ? 1 / (1 + consumptionRate) : ABSENT;
  const kyleLambda = isPresent(depthToxicity) && isPresent(flowIntensity) ? flowIntensity * depthToxicity : ABSENT;
  return { consumptionRate, flowIntensity, depthToxicity, kyleLambda };
}

const intensity = (move: number, volume: number): number => (move > MOVE_MIN ? move / volume : 0);

/** The mean of each over those ticks that have it; ABSENT where none does. */
export function meanToxicity(ticks: readonly Readonly<TickMoves>[], priceScale: number): TickToxicity {
  return meanOfToxicities(ticks.map((tick) => tickToxicity(tick, priceScale)));
}

/** The same of numbers that are there already: of instruments with other price scales. */
export function meanOfToxicities(all: readonly TickToxicity[]): TickToxicity {
  const mean = (name: keyof TickToxicity): number => {
    const values = all.map((one) => one[name]).filter(isPresent);
    return values.length === 0 ? ABSENT : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    consumptionRate: mean('consumptionRate'),
    flowIntensity: mean('flowIntensity'),
    depthToxicity: mean('depthToxicity'),
    kyleLambda: mean('kyleLambda'),
  };
}
