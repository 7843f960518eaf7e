/** What a person has chosen, kept in this browser: for the page, for the heatmap of an instrument, and for all of them. */
import { type HeatmapOptions, readOptions } from '../heatmap/options.ts';
import { forgetAll, keep, readKept } from './kept.ts';

export interface Preferences {
  /** Single-key shortcuts, which speech input may trigger by accident (WCAG 2.1.4). */
  readonly shortcuts: boolean;
}

const KEY = 'gehra.preferences';
const OPTIONS_KEY = 'gehra.heatmap';
const optionsKey = (slug: string): string => `${OPTIONS_KEY}.${slug}`;

export const DEFAULT_PREFERENCES: Preferences = { shortcuts: true };

/** The defaults where nothing (or nothing readable) is kept. */
export function readPreferences(): Preferences {
  const kept = readKept(KEY);
  const shortcuts = typeof kept === 'object' && kept !== null && 'shortcuts' in kept ? kept.shortcuts : true;
  return { shortcuts: shortcuts !== false };
}

export const keepPreferences = (preferences: Preferences): void => keep(KEY, preferences);

/** Of an instrument; where nothing was chosen for it, what was chosen for all. */
export const keptOptions = (slug: string): HeatmapOptions =>
  readOptions(readKept(optionsKey(slug)) ?? readKept(OPTIONS_KEY));

export const keepOptions = (slug: string, options: HeatmapOptions): void => keep(optionsKey(slug), options);

/** Makes them those of every instrument. Locked colours are of one instrument's sizes and stay with it. */
export function keepOptionsForAll(slug: string, options: HeatmapOptions): void {
  forgetAll(`${OPTIONS_KEY}.`);
  keep(OPTIONS_KEY, { ...options, locked: null });
  if (options.locked) keepOptions(slug, options);
}
