/**
 * `window.gehraPanes`: the numbers that panes have drawn, by the id of the pane, for tests and for the curious. It only answers.
 *
 *     gehraPanes.get('single').bars(1795475940000000, 1795476000000000)
 *       -> what is drawn of the bars that begin in [from, to), µs since the epoch
 */
import type { DrawnBar } from './chart-session.ts';
import type { DrawnFootprint } from './footprint-session.ts';

export interface PaneProbe {
  bars?(fromUs: number, toUs: number): readonly DrawnBar[];
  footprints?(fromUs: number, toUs: number): readonly DrawnFootprint[];
}

declare global {
  interface Window {
    gehraPanes?: Map<string, PaneProbe>;
  }
}

/** Returns what takes it away again. */
export function installPaneProbe(paneId: string, probe: PaneProbe): () => void {
  window.gehraPanes ??= new Map();
  const probes = window.gehraPanes;
  probes.set(paneId, probe);
  return () => {
    if (probes.get(paneId) === probe) probes.delete(paneId);
  };
}
