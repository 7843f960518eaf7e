/** Every kind of pane there is, by the name in layouts and addresses, which is never changed; in the order of menus. */
export const PANE_TITLES = {
  heatmap: 'Heatmap',
  chart: 'Chart',
  footprint: 'Footprint',
  ladder: 'Ladder',
  tape: 'Tape',
  'passive-tape': 'Passive tape',
  signals: 'Signals',
  options: 'Options',
  overview: 'Overview',
} as const;

export type PaneName = keyof typeof PANE_TITLES;

/** What the server says of a pane in its own window; undefined: there is none of that name. */
export const paneTitle = (kind: string): string | undefined =>
  Object.hasOwn(PANE_TITLES, kind) ? PANE_TITLES[kind as PaneName] : undefined;
