/** Keys of the workspace: what its panes do. Those within a pane are the pane's own. */
import type { KeyCommand } from './key-bindings.ts';
import type { ShortcutAction } from './shortcuts.ts';
import type { SiteAction } from './site-keys.ts';
import type { Side } from './workspace-layout.ts';

export type WorkspaceAction =
  | SiteAction
  | Extract<ShortcutAction, { type: 'openPane' }>
  | { readonly type: 'focus'; readonly step: 1 | -1 }
  | { readonly type: 'move'; readonly side: Side }
  | { readonly type: 'split'; readonly side: Side }
  | { readonly type: 'maximise' }
  | { readonly type: 'close' }
  | { readonly type: 'pick' };

type Row = readonly [id: string, keys: readonly string[], does: string, action: WorkspaceAction];

const ROWS: readonly Row[] = [
  ['nextPane', ['F6'], 'Next pane', { type: 'focus', step: 1 }],
  ['previousPane', ['Shift+F6'], 'Pane before', { type: 'focus', step: -1 }],
  [
    'movePaneLeft',
    ['Alt+Shift+ArrowLeft'],
    'Move the pane to the left: it changes places with its neighbour, or goes to the border',
    { type: 'move', side: 'left' },
  ],
  ['movePaneRight', ['Alt+Shift+ArrowRight'], 'Move the pane to the right', { type: 'move', side: 'right' }],
  ['movePaneUp', ['Alt+Shift+ArrowUp'], 'Move the pane up', { type: 'move', side: 'top' }],
  ['movePaneDown', ['Alt+Shift+ArrowDown'], 'Move the pane down', { type: 'move', side: 'bottom' }],
  ['addPaneRight', ['Alt+Shift+R'], 'Add a pane to the right', { type: 'split', side: 'right' }],
  ['addPaneBelow', ['Alt+Shift+D'], 'Add a pane below', { type: 'split', side: 'bottom' }],
  ['maximisePane', ['Alt+Shift+M'], 'Maximise the pane, and back', { type: 'maximise' }],
  ['pickInstrument', ['Alt+Shift+I'], 'Choose the instrument of the pane and its group', { type: 'pick' }],
  ['closePane', ['Alt+Shift+X'], 'Close the pane', { type: 'close' }],
];

export const WORKSPACE_KEYS: readonly KeyCommand<WorkspaceAction>[] = ROWS.map(([id, keys, does, action]) => ({
  id,
  keys,
  does,
  action,
}));
