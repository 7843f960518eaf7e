'use client';

import { CircleHelp } from 'lucide-react';
import dynamic from 'next/dynamic';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import type { KeyCommand } from '../../lib/client/key-bindings.ts';
import { PANE_KEYS } from '../../lib/client/shortcuts.ts';
import { HELP, SEARCH } from '../../lib/client/site-keys.ts';
import { WORKSPACE_KEYS, type WorkspaceAction } from '../../lib/client/workspace-keys.ts';
import {
  addPane,
  changePane,
  freeId,
  GROUPS,
  instrumentOf,
  joinGroup,
  type Layout,
  movePane,
  neighbourOf,
  PANES_MAX,
  type PaneSpec,
  panesOf,
  removePane,
  resizeSplit,
  type Side,
  showInstrument,
} from '../../lib/client/workspace-layout.ts';
import { InstrumentPicker } from '../instruments/instrument-picker.tsx';
import { useInstruments } from '../instruments/use-instruments.ts';
import { Menu } from '../shell/menu.tsx';
import { keyOffers, type OfferedCommand, useOffers } from '../shell/offers.ts';
import { OnceOpen } from '../shell/once-open.tsx';
import { useKeys } from '../shell/use-keys.ts';
import { EmptyWorkspace } from './empty-workspace.tsx';
import { LayoutsMenu } from './layouts-menu.tsx';
import { PaneFrame } from './pane-frame.tsx';
import { usePaneHosts } from './pane-hosts.ts';
import { PANE_KINDS, paneKind } from './pane-kinds.ts';
import { PanePlace, PaneTree } from './pane-tree.tsx';
import { SAMPLE_LAYOUTS } from './sample-layouts.ts';
import { useMedia } from './use-media.ts';
import { usePaneLinks } from './use-pane-links.ts';
import { useWorkspace, type Workspace } from './use-workspace.ts';

// Its code is fetched when it is first opened.
const HelpSheet = dynamic(async () => (await import('../shell/help-sheet.tsx')).HelpSheet, { ssr: false });

/** The keys of panes open one beside the others; those of the search and the help are the workspace's own. */
const COMMANDS: readonly KeyCommand<WorkspaceAction>[] = [...WORKSPACE_KEYS, ...PANE_KEYS, HELP];

/** Where there is a pane, the search is for its instrument. */
const SEARCH_HERE: KeyCommand<WorkspaceAction> = { ...SEARCH, action: { type: 'pick' } };

/** Narrower than this there is room for one pane at a time. */
const NARROW = '(max-width: 639px)';

/** Panes beside each other, as a person has laid them out. */
export function WorkspacePage() {
  const workspace = useWorkspace();
  return (
    <main className="flex min-h-0 flex-1 flex-col">
      <h1 className="sr-only">Workspace</h1>
      {workspace ? (
        <Opened workspace={workspace} />
      ) : (
        <p className="p-6 text-center text-muted">Opening the workspace…</p>
      )}
    </main>
  );
}

function Opened({ workspace }: { workspace: Workspace }) {
  const { layout, change, open } = workspace;
  const panes = panesOf(layout);
  const narrow = useMedia(NARROW);
  const hosts = usePaneHosts();
  const linkOf = usePaneLinks();
  const { data: subscribed } = useInstruments('');
  const [activeId, setActiveId] = useState<string | null>(null);
  const [maximisedId, setMaximisedId] = useState<string | null>(null);
  const [pickingFor, setPickingFor] = useState<string | null>(null);
  const [helping, setHelping] = useState(false);
  const [said, setSaid] = useState('');
  const file = useRef<HTMLInputElement>(null);
  const active = panes.find(({ id }) => id === activeId) ?? panes[0];
  const maximised = panes.find(({ id }) => id === maximisedId);
  /** The one pane that is shown, where it is only one. */
  const single = narrow ? active : maximised;

  useEffect(() => hosts.keepOnly(new Set(panesOf(layout).map(({ id }) => id))));

  /** Groups without an instrument get one of those whose depth is recorded, each another. */
  const withInstruments = (it: Layout): Layout => {
    const deep = (subscribed ?? []).filter(({ levels }) => levels > 0).sort((a, b) => b.levels - a.levels);
    const slugs = deep.map(({ slug }) => slug);
    const groups = Object.fromEntries(
      GROUPS.flatMap((group, i) => {
        const slug = it.groups[group] ?? slugs[i] ?? slugs[0];
        return slug === undefined ? [] : [[group, slug]];
      }),
    );
    return { ...it, groups };
  };
  // Whoever is quicker than the list of instruments has panes without one.
  const lacking = panes.some((pane) => pane.group !== null && instrumentOf(layout, pane) === null);
  const recorded = subscribed?.some(({ levels }) => levels > 0) ?? false;
  useEffect(() => {
    if (lacking && recorded) change(withInstruments);
  });
  const focusPane = (id: string): void => {
    setActiveId(id);
    hosts.of(id).querySelector<HTMLElement>('[data-pane]')?.focus();
  };
  const add = (kind: string, beside: PaneSpec | undefined, side: Side): void => {
    if (panes.length >= PANES_MAX) {
      setSaid(`There is room for ${PANES_MAX} panes.`);
      return;
    }
    const like = { group: beside ? beside.group : GROUPS[0], instrument: beside?.instrument ?? null };
    change((it) => {
      const id = freeId(it);
      setActiveId(id);
      return withInstruments(addPane(it, { id, kind, settings: {}, ...like }, beside?.id ?? null, side));
    });
    setMaximisedId(null);
  };
  const close = (id: string): void => {
    change((it) => removePane(it, id));
    setSaid('Pane closed.');
  };
  const move = (id: string, side: Side): void => {
    const neighbour = neighbourOf(layout, id, side);
    change((it) => (neighbour ? movePane(it, id, neighbour, 'swap') : movePane(it, id, null, side)));
  };
  const maximise = (id: string): void => setMaximisedId(maximisedId === id ? null : id);

  const focused = useRef<Element | null>(null);
  useEffect(() => {
    const element = focused.current;
    focused.current = null;
    // An element that has moved has lost the focus.
    if (document.activeElement === document.body && element instanceof HTMLElement && element.isConnected) {
      element.focus({ preventScroll: true });
    }
  });

  const act = (action: WorkspaceAction): void => {
    focused.current = document.activeElement;
    if (action.type === 'help') setHelping(true);
    if (action.type === 'openPane') {
      const there = panes.find(({ kind }) => kind === action.kind);
      if (there) focusPane(there.id);
      else add(action.kind, active, 'right');
    }
    if (!active) return;
    switch (action.type) {
      case 'focus': {
        const at = panes.indexOf(active) + action.step;
        // Nothing has the focus at first: the first press goes to the first pane.
        const next = activeId === null ? active : panes[(at + panes.length) % panes.length];
        if (maximised && next) setMaximisedId(next.id);
        if (next) focusPane(next.id);
        break;
      }
      case 'move':
        move(active.id, action.side);
        break;
      case 'split':
        add(active.kind, active, action.side);
        break;
      case 'maximise':
        maximise(active.id);
        break;
      case 'pick':
        setPickingFor(active.id);
        break;
      case 'close':
        close(active.id);
        break;
    }
  };
  useKeys({ commands: active ? [...COMMANDS, SEARCH_HERE] : COMMANDS, act });
  useOffers(() => ({
    commands: [
      ...PANE_KINDS.map(
        ({ kind, title }): OfferedCommand => ({
          id: `pane ${kind}`,
          title: `Open a pane: ${title}`,
          group: 'Panes',
          run: () => add(kind, active, 'right'),
        }),
      ),
      ...workspace.saved.map(
        ({ name, layout: saved }): OfferedCommand => ({
          id: `saved ${name}`,
          title: `Layout: ${name}`,
          group: 'Layouts',
          run: () => open(saved, name),
        }),
      ),
      ...SAMPLE_LAYOUTS.map(
        ({ name, layout: sample }): OfferedCommand => ({
          id: `sample ${name}`,
          title: `Sample layout: ${name}`,
          group: 'Layouts',
          run: () => open(withInstruments(sample), null),
        }),
      ),
      ...keyOffers('Workspace', COMMANDS, act),
    ],
    ...(active ? { onInstrument: (slug: string) => change((it) => showInstrument(it, active.id, slug)) } : {}),
  }));

  const frame = (pane: PaneSpec): ReactNode => (
    <PaneFrame
      pane={pane}
      slug={instrumentOf(layout, pane)}
      link={linkOf(pane)}
      active={pane.id === active?.id && panes.length > 1}
      maximised={pane.id === maximisedId}
      alone={narrow}
      onActive={() => setActiveId(pane.id)}
      onKind={(kind) => change((it) => changePane(it, pane.id, { kind, settings: {} }))}
      onPick={() => setPickingFor(pane.id)}
      onGroup={(group) => change((it) => joinGroup(it, pane.id, group))}
      onSettings={(settings) => change((it) => changePane(it, pane.id, { settings }))}
      onSplit={(side) => add(pane.kind, pane, side)}
      onMaximise={() => maximise(pane.id)}
      onClose={() => close(pane.id)}
      onDropped={(id, to) => change((it) => movePane(it, id, pane.id, to))}
    />
  );

  return (
    <>
      <div
        role="toolbar"
        aria-label="Workspace"
        className="flex flex-wrap items-center gap-2 border-b border-line bg-panel px-3 py-1 text-[12px]"
      >
        <LayoutsMenu
          workspace={workspace}
          onSample={(it) => open(withInstruments(it), null)}
          onExport={() => exportLayout(layout, workspace.name)}
          onImport={() => file.current?.click()}
          onLink={() => void copyLink(workspace).then(setSaid)}
        />
        <Menu name="Add a pane" className="w-44">
          {PANE_KINDS.map(({ kind, title }) => (
            <button
              key={kind}
              type="button"
              data-closes
              onClick={() => add(kind, active, 'right')}
              className="block w-full rounded px-2.5 py-1 text-left hover:bg-hover"
            >
              {title}
            </button>
          ))}
        </Menu>
        <button
          type="button"
          onClick={() => setHelping(true)}
          title="Keys of the workspace"
          className="grid size-6 place-items-center rounded border border-line text-muted hover:bg-hover hover:text-ink max-sm:hidden"
        >
          <CircleHelp aria-hidden="true" className="size-3.5" />
          <span className="sr-only">Keys of the workspace</span>
        </button>
        <p role="status" className="text-muted">
          {said}
        </p>
        <input
          ref={file}
          type="file"
          accept="application/json,.json"
          aria-label="File with a layout"
          className="hidden"
          onChange={({ target }) => {
            const [chosen] = target.files ?? [];
            if (chosen) void workspace.importFile(chosen);
            // The same file may be chosen again, mended.
            target.value = '';
          }}
        />
      </div>
      <Notices workspace={workspace} />
      {narrow && panes.length > 1 ? (
        <PaneTabs panes={panes} activeId={active?.id ?? null} onChoose={setActiveId} />
      ) : null}
      <div className="relative min-h-0 flex-1">
        {layout.root === null ? (
          <EmptyWorkspace
            onSample={(it) => open(withInstruments(it), null)}
            onPane={(kind) => add(kind, undefined, 'right')}
          />
        ) : single ? (
          <PanePlace key={single.id} id={single.id} hosts={hosts} />
        ) : (
          <PaneTree
            node={layout.root}
            path={[]}
            hosts={hosts}
            onResize={(path, sizes) => change((it) => resizeSplit(it, path, sizes))}
          />
        )}
      </div>
      {/* On a phone only what is seen costs anything. */}
      {(narrow && single ? [single] : panes).map((pane) => createPortal(frame(pane), hosts.of(pane.id), pane.id))}
      <OnceOpen open={helping}>
        <HelpSheet open={helping} title="Keys of the workspace" onClose={() => setHelping(false)} />
      </OnceOpen>
      <InstrumentPicker
        open={pickingFor !== null}
        onClose={() => setPickingFor(null)}
        onPick={({ slug }) => change((it) => (pickingFor === null ? it : showInstrument(it, pickingFor, slug)))}
      />
    </>
  );
}

function Notices({ workspace }: { workspace: Workspace }) {
  const { shared, fault, endShared, dismissFault } = workspace;
  return (
    <>
      {shared ? (
        <div role="status" className="flex flex-wrap items-center gap-3 border-b border-line bg-raised px-3 py-1">
          <span>This is a layout that somebody has sent. Yours is as you left it.</span>
          <NoticeButton name="Keep this one" onPress={() => endShared(true)} />
          <NoticeButton name="Back to mine" onPress={() => endShared(false)} />
        </div>
      ) : null}
      {fault === null ? null : (
        <div role="alert" className="flex flex-wrap items-center gap-3 border-b border-down bg-raised px-3 py-1">
          <span>{fault}</span>
          <NoticeButton name="Dismiss" onPress={dismissFault} />
        </div>
      )}
    </>
  );
}

function NoticeButton({ name, onPress }: { name: string; onPress(): void }) {
  return (
    <button type="button" onClick={onPress} className="rounded border border-edge px-2 hover:bg-hover">
      {name}
    </button>
  );
}

interface TabsProps {
  readonly panes: readonly PaneSpec[];
  readonly activeId: string | null;
  onChoose(id: string): void;
}

function PaneTabs({ panes, activeId, onChoose }: TabsProps) {
  return (
    <nav aria-label="Panes" className="flex shrink-0 gap-1 overflow-x-auto border-b border-line bg-panel px-2 py-1">
      {panes.map(({ id, kind, group }) => (
        <button
          key={id}
          type="button"
          aria-current={id === activeId ? 'true' : undefined}
          onClick={() => onChoose(id)}
          className={`shrink-0 rounded border px-2.5 py-1 ${id === activeId ? 'border-bid bg-bid/20' : 'border-line text-muted'}`}
        >
          {paneKind(kind)?.title ?? kind}
          {group === null ? '' : ` ${group.toUpperCase()}`}
        </button>
      ))}
    </nav>
  );
}

function exportLayout(layout: Layout, name: string | null): void {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(layout, null, 2)}\n`], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `gehra-${(name ?? 'layout').toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.json`;
  link.click();
  URL.revokeObjectURL(url);
}

/** @returns what to say about it */
async function copyLink(workspace: Workspace): Promise<string> {
  const link = await workspace.linkOf();
  try {
    await navigator.clipboard.writeText(link);
    return 'Link copied.';
  } catch {
    // Not over plain HTTP, and not without leave: then the address bar has it.
    history.replaceState(null, '', link);
    return 'The link stands in the address bar: it could not be copied.';
  }
}
