/** Figures of the page Health as text. */
import type { Figure } from '../../lib/core/health.ts';
import { bytesWords } from '../shell/bytes-words.ts';

/** What is not known. */
const NONE = '–';

const count = (value: number): string => value.toLocaleString('en-IN', { maximumFractionDigits: value < 10 ? 1 : 0 });

/** @param rate what a figure that only grows grew by in a second; undefined while that is not known */
export function figureWords({ name, value, as }: Figure, rate: number | undefined): string {
  if (as === 'total') {
    if (rate === undefined) return NONE;
    if (name === 'bytes') return `${bytesWords(rate)}/s`;
    return name.endsWith('%') ? `${Math.round(rate)} %` : `${count(rate)}/s`;
  }
  if (value === null) return NONE;
  if (as === 'bytes') return bytesWords(value);
  if (as === 'count') return count(value);
  return value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

/** `processor %` → `processor`. */
export const figureName = (name: string): string => name.replace(/ %$/, '');
