'use client';

import { useEffect, useMemo, useState } from 'react';
import type { LinkedOptions } from '../../lib/client/permalink.ts';
import { keepOptions, keepOptionsForAll, keptOptions } from '../../lib/client/preferences.ts';
import { DEFAULT_OPTIONS, type HeatmapOptions, readOptions } from '../../lib/heatmap/options.ts';

export interface OptionsChoice {
  readonly options: HeatmapOptions;
  change(part: Partial<HeatmapOptions>): void;
  /** Makes them those of every instrument. */
  applyToAll(): void;
  reset(): void;
}

/** Options that a layout keeps for one of its panes. */
export interface LayoutOptions {
  /** As JSON; null: none yet, those of the instrument hold. */
  readonly text: string | null;
  keep(options: HeatmapOptions): void;
}

/**
 * What was chosen for an instrument. The server knows nothing of it, so the first rendering has the defaults.
 *
 * @param linked what the address says instead; it is kept only where it is chosen again
 * @param layout keeps it for a pane; null: it is kept for the instrument
 */
export function useHeatmapOptions(slug: string, linked: LinkedOptions, layout: LayoutOptions | null): OptionsChoice {
  const [kept, setKept] = useState(DEFAULT_OPTIONS);
  const [over, setOver] = useState(linked);
  const text = layout?.text ?? null;
  useEffect(() => setKept(text === null ? keptOptions(slug) : readOptions(JSON.parse(text))), [slug, text]);
  // The same object until something changes: the session is told of every new one.
  const options = useMemo<HeatmapOptions>(() => ({ ...kept, ...over }), [kept, over]);
  const change = (part: Partial<HeatmapOptions>): void => {
    const next = { ...kept, ...part };
    if (layout) layout.keep(next);
    else keepOptions(slug, next);
    setKept(next);
    setOver(Object.fromEntries(Object.entries(over).filter(([name]) => !(name in part))));
  };
  return {
    options,
    change,
    applyToAll: () => keepOptionsForAll(slug, options),
    reset: () => change(DEFAULT_OPTIONS),
  };
}
