'use client';

import dynamic from 'next/dynamic';

/** What opens over the picture. None of its code comes with the page: it is fetched once the picture has begun. */

export const AlertDialog = dynamic(async () => (await import('./alert-dialog.tsx')).AlertDialog, { ssr: false });
export const HelpDialog = dynamic(async () => (await import('./help-dialog.tsx')).HelpDialog, { ssr: false });
export const JumpDialog = dynamic(async () => (await import('./jump-dialog.tsx')).JumpDialog, { ssr: false });
export const NoteDialog = dynamic(async () => (await import('./note-dialog.tsx')).NoteDialog, { ssr: false });
export const OptionsPanel = dynamic(async () => (await import('./options-panel.tsx')).OptionsPanel, { ssr: false });
export const ReplayDialog = dynamic(async () => (await import('./replay-dialog.tsx')).ReplayDialog, { ssr: false });

/** Within so long of nothing else to do it is fetched all the same, ms. */
const IDLE_WITHIN_MS = 5000;

/**
 * Fetches all of it when the browser has nothing else to do: a key then opens it at once, and whatever becomes of the server. Returns
 * what gives that up.
 */
export function fetchSoon(): () => void {
  const fetchAll = (): void => {
    Promise.all([
      import('./alert-dialog.tsx'),
      import('./help-dialog.tsx'),
      import('./jump-dialog.tsx'),
      import('./note-dialog.tsx'),
      import('./options-panel.tsx'),
      import('./replay-dialog.tsx'),
    ]).catch((error: unknown) => console.debug('opened_later_unfetched', error));
  };
  // Not every browser says when it is idle.
  if (typeof requestIdleCallback !== 'function') {
    const timer = setTimeout(fetchAll, IDLE_WITHIN_MS);
    return () => clearTimeout(timer);
  }
  const asked = requestIdleCallback(fetchAll, { timeout: IDLE_WITHIN_MS });
  return () => cancelIdleCallback(asked);
}
