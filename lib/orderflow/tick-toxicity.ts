/**
 * The predecessor's four numbers of a tick, by their old names and formulas, with its mistakes corrected: without a trade they
 * are absent, where it stored a toxicity of 1; the move is compared in exact price units.
 */
import { ABSENT, isPresent } from '../core/absent.ts';
import type { Tick } from './tick.ts';

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

/** @param priceScale price units in a rupee */
export function tickToxicity(tick: Tick, priceScale: number): TickToxicity {
  const { volumeDelta, priceDelta, bidDepth, askDepth } = tick;
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
