'use client';

import { SHORTCUTS } from '../../lib/client/shortcuts.ts';
import { WORKSPACE_KEYS } from '../../lib/client/workspace-keys.ts';
import { Dialog } from '../shell/dialog.tsx';

/** The keys of the workspace, and those of a heatmap that has the focus. */
export function WorkspaceHelp({ open, onClose }: { open: boolean; onClose(): void }) {
  return (
    <Dialog open={open} title="Keys of the workspace" onClose={onClose}>
      <KeyList keys={WORKSPACE_KEYS} />
      <h3 className="mt-4 mb-2 border-t border-line pt-3 font-medium">In a heatmap that has the focus</h3>
      <KeyList keys={SHORTCUTS} />
    </Dialog>
  );
}

function KeyList({ keys: list }: { keys: typeof WORKSPACE_KEYS }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-5 gap-y-1.5">
      {list.map(({ keys, does }) => (
        <div key={does} className="col-span-2 grid grid-cols-subgrid items-baseline">
          <dt className="flex flex-wrap gap-1">
            {keys.map((key) => (
              <kbd key={key} className="rounded border border-line bg-raised px-1.5 font-mono text-[11px]">
                {key}
              </kbd>
            ))}
          </dt>
          <dd className="text-muted">{does}</dd>
        </div>
      ))}
    </dl>
  );
}
