/** Where axis labels stand. */
import { IST_OFFSET_US } from '../core/ist.ts';

const SECOND_US = 1_000_000;
const MINUTE_US = 60 * SECOND_US;
const HOUR_US = 60 * MINUTE_US;

/** Distances of time labels, µs. */
const TIME_STEPS_US = [
  0.1 * SECOND_US,
  0.2 * SECOND_US,
  0.5 * SECOND_US,
  SECOND_US,
  2 * SECOND_US,
  5 * SECOND_US,
  10 * SECOND_US,
  15 * SECOND_US,
  30 * SECOND_US,
  MINUTE_US,
  2 * MINUTE_US,
  5 * MINUTE_US,
  10 * MINUTE_US,
  15 * MINUTE_US,
  30 * MINUTE_US,
  HOUR_US,
  2 * HOUR_US,
  4 * HOUR_US,
  12 * HOUR_US,
  24 * HOUR_US,
] as const;

/** The smallest step at which labels are at least `pxMin` apart. */
export function timeStepUs(usPerPx: number, pxMin: number): number {
  return TIME_STEPS_US.find((step) => step / usPerPx >= pxMin) ?? (TIME_STEPS_US[TIME_STEPS_US.length - 1] as number);
}

/** Label times in [fromUs, toUs], at round times of the day in IST. */
export function timeLabelsUs(fromUs: number, toUs: number, stepUs: number): number[] {
  const labels: number[] = [];
  const first = Math.ceil((fromUs + IST_OFFSET_US) / stepUs) * stepUs - IST_OFFSET_US;
  for (let time = first; time <= toUs; time += stepUs) labels.push(time);
  return labels;
}

/** The smallest of 1, 2, 5, 10 … ticks at which labels are at least `pxMin` apart; price units. */
export function priceStep(tickSize: number, unitsPerPx: number, pxMin: number): number {
  for (let decade = 1; ; decade *= 10) {
    for (const digit of [1, 2, 5]) {
      const step = digit * decade * tickSize;
      if (step / unitsPerPx >= pxMin) return step;
    }
  }
}

/** Label prices in [low, high]. */
export function priceLabels(low: number, high: number, step: number): number[] {
  const labels: number[] = [];
  for (let price = Math.ceil(low / step) * step; price <= high; price += step) labels.push(price);
  return labels;
}
