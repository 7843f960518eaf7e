'use client';

import { useEffect, useMemo, useState } from 'react';
import type { LinkedOptions } from '../../lib/client/permalink.ts';
import { keepOptions, keepOptionsForAll, keptOptions } from '../../lib/client/preferences.ts';
import { DEFAULT_OPTIONS, type HeatmapOptions } from '../../lib/heatmap/options.ts';

export interface OptionsChoice {
  readonly options: HeatmapOptions;
  change(part: Partial<HeatmapOptions>): void;
  /** Makes them those of every instrument. */
  applyToAll(): void;
  reset(): void;
}

/**
 * What was chosen for an instrument. The server knows nothing of it, so the first rendering has the defaults.
 *
 * @param linked what the address says instead; it is kept only where it is chosen again
 */
export function useHeatmapOptions(slug: string, linked: LinkedOptions): OptionsChoice {
  const [kept, setKept] = useState(DEFAULT_OPTIONS);
  const [over, setOver] = useState(linked);
  useEffect(() => setKept(keptOptions(slug)), [slug]);
  // The same object until something changes: the session is told of every new one.
  const options = useMemo<HeatmapOptions>(() => ({ ...kept, ...over }), [kept, over]);
  const change = (part: Partial<HeatmapOptions>): void => {
    const next = { ...kept, ...part };
    keepOptions(slug, next);
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
