'use client';

import type { ReactNode } from 'react';
import { HEATMAP_KEYS, PANE_KEYS } from '../../lib/client/shortcuts.ts';
import { SITE_KEYS } from '../../lib/client/site-keys.ts';
import { WORKSPACE_KEYS } from '../../lib/client/workspace-keys.ts';
import { Dialog } from './dialog.tsx';
import { KeyList, ResetKeys } from './key-list.tsx';

interface Props {
  readonly open: boolean;
  readonly title: string;
  /** What comes before and after the keys of the page that it is opened on. */
  readonly children?: ReactNode;
  onClose(): void;
}

/** All keys by where they count, with what they are bound to here. */
export function HelpSheet({ open, title, children, onClose }: Props) {
  return (
    <Dialog open={open} title={title} onClose={onClose}>
      <KeyList title="On every page" commands={SITE_KEYS} />
      <KeyList title="Heatmap (in the workspace: the one that has the focus)" commands={HEATMAP_KEYS} />
      <KeyList title="Depth page and workspace" commands={PANE_KEYS} />
      <KeyList title="Workspace" commands={WORKSPACE_KEYS} />
      <ResetKeys />
      {children}
    </Dialog>
  );
}
