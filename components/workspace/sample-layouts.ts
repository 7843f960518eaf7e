/** Layouts to begin with. Panes of a kind that this build has not are left out of them. */
import { type Group, type Layout, type LayoutNode, removePane } from '../../lib/client/workspace-layout.ts';
import { PANE_KINDS } from './pane-kinds.ts';

export interface SampleLayout {
  readonly name: string;
  readonly about: string;
  /** Without instruments: they come from what is subscribed. */
  readonly layout: Layout;
}

let made = 0;
function pane(kind: string, group: Group = 'a'): LayoutNode {
  made += 1;
  return { id: `s${made}`, kind, group, instrument: null, settings: {} };
}
const row = (sizes: number[], ...children: LayoutNode[]): LayoutNode => ({ split: 'row', sizes, children });
const column = (sizes: number[], ...children: LayoutNode[]): LayoutNode => ({ split: 'column', sizes, children });

function withKnownKinds(root: LayoutNode): Layout {
  const known = new Set(PANE_KINDS.map(({ kind }) => kind));
  const unknown: string[] = [];
  const walk = (node: LayoutNode): void => {
    if ('split' in node) node.children.forEach(walk);
    else if (!known.has(node.kind)) unknown.push(node.id);
  };
  walk(root);
  return unknown.reduce((layout, id) => removePane(layout, id), { version: 1, groups: {}, root } as Layout);
}

export const SAMPLE_LAYOUTS: readonly SampleLayout[] = [
  {
    name: 'Scalper',
    about: 'One instrument from close up: heatmap, ladder, tape and signals',
    layout: withKnownKinds(
      row(
        [56, 22, 22],
        pane('heatmap'),
        pane('ladder'),
        column([40, 25, 35], pane('tape'), pane('passive-tape'), pane('signals')),
      ),
    ),
  },
  {
    name: 'Researcher',
    about: 'Heatmap over footprint and charts of the same hours, and a second instrument beside it',
    layout: withKnownKinds(
      row(
        [60, 40],
        column([55, 45], pane('heatmap'), pane('footprint')),
        column([50, 50], pane('chart'), pane('heatmap', 'b')),
      ),
    ),
  },
  {
    name: 'Phone',
    about: 'What fits a small screen, one at a time: heatmap, ladder and signals',
    layout: withKnownKinds(row([50, 25, 25], pane('heatmap'), pane('ladder'), pane('signals'))),
  },
  {
    name: 'Options',
    about: 'The future and two contracts side by side, with the strikes around the money',
    layout: withKnownKinds(
      column(
        [55, 45],
        row([60, 40], pane('heatmap'), pane('options')),
        row([50, 50], pane('heatmap', 'b'), pane('heatmap', 'c')),
      ),
    ),
  },
];
