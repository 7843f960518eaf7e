import dynamic from 'next/dynamic';
import type { PaneKind } from './pane.ts';

/** Every kind of pane there is, in the order of menus. Their code is fetched when one is opened (next/dynamic). */
export const PANE_KINDS: readonly PaneKind[] = [
  { kind: 'heatmap', title: 'Heatmap', Component: dynamic(() => import('../panes/heatmap/heatmap-pane.tsx')) },
  { kind: 'chart', title: 'Chart', Component: dynamic(() => import('../panes/chart/chart-pane.tsx')) },
  {
    kind: 'footprint',
    title: 'Footprint',
    Component: dynamic(() => import('../panes/footprint/footprint-pane.tsx')),
  },
  { kind: 'ladder', title: 'Ladder', Component: dynamic(() => import('../panes/ladder/ladder-pane.tsx')) },
  { kind: 'tape', title: 'Tape', Component: dynamic(() => import('../panes/tape/tape-pane.tsx')) },
  {
    kind: 'passive-tape',
    title: 'Passive tape',
    Component: dynamic(() => import('../panes/passive-tape/passive-tape-pane.tsx')),
  },
  { kind: 'signals', title: 'Signals', Component: dynamic(() => import('../panes/signals/signals-pane.tsx')) },
  { kind: 'options', title: 'Options', Component: dynamic(() => import('../panes/options/options-pane.tsx')) },
  { kind: 'overview', title: 'Overview', Component: dynamic(() => import('../panes/overview/overview-pane.tsx')) },
];

export const paneKind = (kind: string): PaneKind | null => PANE_KINDS.find((each) => each.kind === kind) ?? null;
