/** Keys of the workspace: what its panes do. Those within a pane are the pane's own. */
import type { Side } from './workspace-layout.ts';

export type WorkspaceAction =
  | { readonly type: 'focus'; readonly step: 1 | -1 }
  | { readonly type: 'move'; readonly side: Side }
  | { readonly type: 'split'; readonly side: Side }
  | { readonly type: 'maximise' }
  | { readonly type: 'close' }
  | { readonly type: 'pick' }
  | { readonly type: 'help' };

/** For the help sheet. */
export const WORKSPACE_KEYS: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ['F6', 'Shift F6'], does: 'Next pane, pane before' },
  {
    keys: ['Alt Shift ←', '→', '↑', '↓'],
    does: 'Move the pane: it changes places with its neighbour, or goes to the border',
  },
  { keys: ['Alt Shift R'], does: 'Add a pane to the right' },
  { keys: ['Alt Shift D'], does: 'Add a pane below' },
  { keys: ['Alt Shift M'], does: 'Maximise the pane, and back' },
  { keys: ['Alt Shift I'], does: 'Choose the instrument of the pane and its group' },
  { keys: ['Alt Shift X'], does: 'Close the pane' },
  { keys: ['Alt Shift H'], does: 'This sheet' },
];

interface Press {
  readonly code: string;
  readonly key: string;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
}

/** By the place of the key: with Alt a Mac types other letters. */
const CHORDS: Readonly<Record<string, WorkspaceAction>> = {
  ArrowLeft: { type: 'move', side: 'left' },
  ArrowRight: { type: 'move', side: 'right' },
  ArrowUp: { type: 'move', side: 'top' },
  ArrowDown: { type: 'move', side: 'bottom' },
  KeyR: { type: 'split', side: 'right' },
  KeyD: { type: 'split', side: 'bottom' },
  KeyM: { type: 'maximise' },
  KeyI: { type: 'pick' },
  KeyX: { type: 'close' },
  KeyH: { type: 'help' },
};

/** What a key asks for; null where it is none of the workspace's. */
export function workspaceActionOf(press: Press): WorkspaceAction | null {
  if (press.ctrlKey || press.metaKey) return null;
  if (press.key === 'F6' && !press.altKey) return { type: 'focus', step: press.shiftKey ? -1 : 1 };
  return press.altKey && press.shiftKey ? (CHORDS[press.code] ?? null) : null;
}
