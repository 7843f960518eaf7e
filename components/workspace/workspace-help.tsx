'use client';

import { SHORTCUTS } from '../../lib/client/shortcuts.ts';
import { WORKSPACE_KEYS } from '../../lib/client/workspace-keys.ts';
import { Dialog } from '../shell/dialog.tsx';
import { KeyList } from '../shell/key-list.tsx';

/** The keys of the workspace, and those of a heatmap that has the focus. */
export function WorkspaceHelp({ open, onClose }: { open: boolean; onClose(): void }) {
  return (
    <Dialog open={open} title="Keys of the workspace" onClose={onClose}>
      <KeyList shortcuts={WORKSPACE_KEYS} />
      <h3 className="mt-4 mb-2 border-t border-line pt-3 font-medium">In a heatmap that has the focus</h3>
      <KeyList shortcuts={SHORTCUTS} />
    </Dialog>
  );
}
