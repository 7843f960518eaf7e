import dynamic from 'next/dynamic';
import type { ComponentType } from 'react';
import type { PaneKind, PaneProps } from './pane.ts';
import { PANE_TITLES, type PaneName } from './pane-titles.ts';

/**
 * Their code is fetched when one is opened (next/dynamic). Only for the browser's side: what the server's pages import comes
 * with the page, all of it.
 */
const COMPONENTS: Readonly<Record<PaneName, ComponentType<PaneProps>>> = {
  heatmap: dynamic(() => import('../panes/heatmap/heatmap-pane.tsx')),
  chart: dynamic(() => import('../panes/chart/chart-pane.tsx')),
  footprint: dynamic(() => import('../panes/footprint/footprint-pane.tsx')),
  ladder: dynamic(() => import('../panes/ladder/ladder-pane.tsx')),
  tape: dynamic(() => import('../panes/tape/tape-pane.tsx')),
  'passive-tape': dynamic(() => import('../panes/passive-tape/passive-tape-pane.tsx')),
  signals: dynamic(() => import('../panes/signals/signals-pane.tsx')),
  options: dynamic(() => import('../panes/options/options-pane.tsx')),
  overview: dynamic(() => import('../panes/overview/overview-pane.tsx')),
};

export const PANE_KINDS: readonly PaneKind[] = (Object.keys(PANE_TITLES) as PaneName[]).map((kind) => ({
  kind,
  title: PANE_TITLES[kind],
  Component: COMPONENTS[kind],
}));

export const paneKind = (kind: string): PaneKind | null => PANE_KINDS.find((each) => each.kind === kind) ?? null;
