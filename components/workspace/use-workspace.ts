'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { layoutFromText, layoutToText } from '../../lib/client/layout-link.ts';
import { type KeptLayouts, keepLayouts, readLayouts } from '../../lib/client/layout-store.ts';
import { type Layout, LayoutError, readLayout } from '../../lib/client/workspace-layout.ts';
import { PANE_KINDS } from './pane-kinds.ts';

const KINDS = PANE_KINDS.map(({ kind }) => kind);
/** Before a shared layout in the address; behind the #, so that it is in no server's log. */
const LINK_MARK = '#layout=';

export interface Workspace {
  readonly layout: Layout;
  /** Name of the saved layout that it came from; null: none. */
  readonly name: string | null;
  readonly saved: KeptLayouts['saved'];
  /** The layout is another's, out of an address, and nothing of it is kept yet. */
  readonly shared: boolean;
  /** Why a file or an address could not be taken; null while nothing is wrong. */
  readonly fault: string | null;
  /** Changes what the layout is by now, which may be more than what is shown. */
  change(part: (layout: Layout) => Layout): void;
  open(layout: Layout, name: string | null): void;
  saveAs(name: string): void;
  remove(name: string): void;
  /** Reads a file that `exported` made. */
  importFile(file: File): Promise<void>;
  /** Ends the looking at a shared layout: keeps it as one's own, or goes back to one's own. */
  endShared(keep: boolean): void;
  /** The address under which others see this layout. */
  linkOf(): Promise<string>;
  dismissFault(): void;
}

interface State {
  readonly kept: KeptLayouts;
  readonly shared: Layout | null;
}

/** Null until the browser has said what it keeps: the server knows nothing of it. */
export function useWorkspace(): Workspace | null {
  const [state, setShown] = useState<State | null>(null);
  // A second change may come before the first is shown, and begins where that one ended.
  const latest = useRef<State | null>(null);
  const setState = useCallback((next: State) => {
    latest.current = next;
    setShown(next);
  }, []);
  const [fault, setFault] = useState<string | null>(null);

  useEffect(() => {
    const readAddress = async (): Promise<void> => {
      const { hash } = location;
      if (!hash.startsWith(LINK_MARK)) return;
      // What is looked at is not shown again after a reload once it was kept or left.
      history.replaceState(null, '', location.pathname);
      try {
        const shared = await layoutFromText(hash.slice(LINK_MARK.length), KINDS);
        setState({ kept: readLayouts(KINDS), shared });
      } catch (error) {
        if (!(error instanceof LayoutError)) throw error;
        setFault(`The layout in the address could not be read. ${error.message}`);
      }
    };
    setState({ kept: readLayouts(KINDS), shared: null });
    void readAddress();
    const onHash = () => void readAddress();
    window.addEventListener('hashchange', onHash);
    return () => window.removeEventListener('hashchange', onHash);
  }, [setState]);

  const keep = (part: (kept: KeptLayouts) => Partial<KeptLayouts>): void =>
    setState({ kept: keepLayouts(KINDS, part), shared: null });

  const current = state && (state.shared ?? state.kept.current);
  useEffect(() => {
    if (state && !state.shared) {
      const { current, name } = state.kept;
      keepLayouts(KINDS, () => ({ current, name }));
    }
  }, [state]);

  if (!state || !current) return null;
  const open = (layout: Layout, name: string | null) => keep(() => ({ current: layout, name }));
  return {
    layout: current,
    name: state.shared ? null : state.kept.name,
    saved: state.kept.saved,
    shared: state.shared !== null,
    fault,
    change: (part) => {
      const was = latest.current ?? state;
      if (was.shared) setState({ ...was, shared: part(was.shared) });
      else setState({ ...was, kept: { ...was.kept, current: part(was.kept.current) } });
    },
    open,
    saveAs: (name) =>
      keep(({ saved }) => ({
        current,
        name,
        saved: [...saved.filter((each) => each.name !== name), { name, layout: current }],
      })),
    remove: (name) => {
      const { saved } = keepLayouts(KINDS, (kept) => ({ saved: kept.saved.filter((each) => each.name !== name) }));
      const was = latest.current ?? state;
      setState({ ...was, kept: { ...was.kept, saved, name: was.kept.name === name ? null : was.kept.name } });
    },
    importFile: async (file) => {
      try {
        const layout = await readFile(file);
        setFault(null);
        open(layout, null);
      } catch (error) {
        if (!(error instanceof LayoutError)) throw error;
        setFault(`“${file.name}” could not be imported. ${error.message}`);
      }
    },
    endShared: (keeps) => {
      if (keeps) open(current, null);
      else setState({ ...state, shared: null });
    },
    linkOf: async () => `${location.origin}${location.pathname}${LINK_MARK}${await layoutToText(current)}`,
    dismissFault: () => setFault(null),
  };
}

/** A layout is some kilobytes. */
const FILE_BYTES_MAX = 256_000;

async function readFile(file: File): Promise<Layout> {
  if (file.size > FILE_BYTES_MAX) throw new LayoutError('The file is too large to be a layout.');
  let value: unknown;
  try {
    value = JSON.parse(await file.text());
  } catch {
    throw new LayoutError('It is not JSON.');
  }
  return readLayout(value, KINDS);
}
