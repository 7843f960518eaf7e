'use client';

import { useEffect, useRef } from 'react';
import { type WorkspaceAction, workspaceActionOf } from '../../lib/client/workspace-keys.ts';

/** Listens to the workspace's keys. All of them are chords or function keys, so they count wherever the focus is. */
export function useWorkspaceKeys(act: (action: WorkspaceAction) => void): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
      const action = workspaceActionOf(event);
      if (!action) return;
      event.preventDefault();
      latest.current(action);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
