'use client';

import clsx from 'clsx';
import { Columns2, ExternalLink, GripVertical, Maximize2, Minimize2, Rows2, X } from 'lucide-react';
import { type DragEvent, type ReactNode, useState } from 'react';
import { panePath } from '../../lib/client/instruments.ts';
import type { PaneLink } from '../../lib/client/pane-link.ts';
import { GROUPS, type Group, type PaneSpec, type Side } from '../../lib/client/workspace-layout.ts';
import { LoadFailure } from '../shell/load-failure.tsx';
import { PaneBoundary } from './pane-boundary.tsx';
import { PANE_KINDS, paneKind } from './pane-kinds.ts';
import { useSlugInstrument } from './use-slug-instrument.ts';

/** Of what is dragged from pane to pane. */
const DRAG_TYPE = 'application/x-gehra-pane';
/** This share of a pane at each edge puts what is dropped beside it; in the middle the two change places. */
const EDGE_SHARE = 0.25;

export const GROUP_COLOURS: Readonly<Record<Group, string>> = {
  a: 'bg-group-a',
  b: 'bg-group-b',
  c: 'bg-group-c',
  d: 'bg-group-d',
};

interface Props {
  readonly pane: PaneSpec;
  /** Slug; null where nothing was chosen. */
  readonly slug: string | null;
  readonly link: PaneLink;
  readonly active: boolean;
  readonly maximised: boolean;
  /** One pane at a time: there is nothing to split and nowhere to go. */
  readonly alone: boolean;
  onActive(): void;
  onKind(kind: string): void;
  onPick(): void;
  onGroup(group: Group | null): void;
  onSettings(settings: PaneSpec['settings']): void;
  onSplit(side: Side): void;
  onMaximise(): void;
  onClose(): void;
  /** Another pane was dropped here. */
  onDropped(id: string, to: Side | 'swap'): void;
}

/** A pane with its header. */
export function PaneFrame(props: Props) {
  const { pane, slug, link, active, alone, onActive, onSettings, onPick, onDropped } = props;
  const [over, setOver] = useState<Side | 'swap' | null>(null);
  const onDragOver = (event: DragEvent<HTMLElement>): void => {
    if (!event.dataTransfer.types.includes(DRAG_TYPE)) return;
    event.preventDefault();
    setOver(zoneOf(event));
  };
  const onDrop = (event: DragEvent<HTMLElement>): void => {
    const id = event.dataTransfer.getData(DRAG_TYPE);
    setOver(null);
    if (id === '') return;
    event.preventDefault();
    onDropped(id, zoneOf(event));
  };
  const title = paneKind(pane.kind)?.title ?? pane.kind;
  return (
    <section
      aria-label={slug === null ? title : `${title} ${slug}`}
      data-pane={pane.id}
      tabIndex={-1}
      onFocusCapture={onActive}
      onPointerDownCapture={onActive}
      onDragOver={onDragOver}
      onDragLeave={(event) => {
        if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setOver(null);
      }}
      onDrop={onDrop}
      className="flex h-full min-h-0 flex-col overflow-hidden bg-ground outline-none"
    >
      <PaneHeader {...props} active={active && !alone} />
      <div className="relative min-h-0 flex-1">
        <PaneBoundary key={`${pane.kind} ${slug}`}>
          <PaneBody pane={pane} slug={slug} link={link} onSettings={onSettings} onPick={onPick} />
        </PaneBoundary>
        {over === null ? null : (
          <div aria-hidden="true" className={clsx('absolute z-20 bg-bid/30', ZONE_LOOKS[over])} />
        )}
      </div>
    </section>
  );
}

const ZONE_LOOKS: Readonly<Record<Side | 'swap', string>> = {
  left: 'inset-y-0 left-0 w-1/2',
  right: 'inset-y-0 right-0 w-1/2',
  top: 'inset-x-0 top-0 h-1/2',
  bottom: 'inset-x-0 bottom-0 h-1/2',
  swap: 'inset-0',
};

function zoneOf(event: DragEvent<HTMLElement>): Side | 'swap' {
  const box = event.currentTarget.getBoundingClientRect();
  const x = (event.clientX - box.left) / box.width;
  const y = (event.clientY - box.top) / box.height;
  const distances: [Side, number][] = [
    ['left', x],
    ['right', 1 - x],
    ['top', y],
    ['bottom', 1 - y],
  ];
  const [nearest] = distances.sort(([, a], [, b]) => a - b);
  return nearest && nearest[1] < EDGE_SHARE ? nearest[0] : 'swap';
}

function PaneHeader(props: Props) {
  const { pane, slug, active, maximised, alone, onKind, onPick, onGroup, onSplit, onMaximise, onClose } = props;
  const symbol = slug?.slice(slug.indexOf(':') + 1) ?? 'Choose an instrument';
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dragging is the mouse's way; keys move panes too
    <header
      draggable={!alone}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAG_TYPE, pane.id);
        event.dataTransfer.effectAllowed = 'move';
      }}
      className={clsx(
        'flex h-7 shrink-0 items-center gap-1 overflow-hidden border-b bg-panel px-1 text-[12px]',
        active ? 'border-bid' : 'border-line',
      )}
    >
      {alone ? null : <GripVertical aria-hidden="true" className="size-3.5 shrink-0 cursor-grab text-faint" />}
      <label className="flex shrink-0 items-center gap-1" title="Panes of a group show the same instrument">
        <span
          aria-hidden="true"
          className={clsx('size-2.5 rounded-full', pane.group ? GROUP_COLOURS[pane.group] : 'border border-muted')}
        />
        <span className="sr-only">Group</span>
        <select
          value={pane.group ?? ''}
          onChange={({ target }) => onGroup(GROUPS.find((group) => group === target.value) ?? null)}
          className="w-9 rounded border border-transparent bg-panel text-muted hover:border-line"
        >
          <option value="">–</option>
          {GROUPS.map((group) => (
            <option key={group} value={group}>
              {group.toUpperCase()}
            </option>
          ))}
        </select>
      </label>
      <button
        type="button"
        onClick={onPick}
        title={slug ?? undefined}
        aria-label={slug === null ? symbol : `${symbol}, choose another instrument`}
        className="min-w-0 truncate rounded px-1 font-semibold hover:bg-hover"
      >
        {symbol}
      </button>
      <select
        aria-label="Kind of pane"
        value={pane.kind}
        onChange={({ target }) => onKind(target.value)}
        className="min-w-14 shrink rounded border border-transparent bg-panel text-muted hover:border-line"
      >
        {PANE_KINDS.map(({ kind, title }) => (
          <option key={kind} value={kind}>
            {title}
          </option>
        ))}
      </select>
      <span className="ml-auto flex shrink-0 items-center">
        {alone ? null : (
          <>
            <HeaderButton name="Add a pane to the right" onPress={() => onSplit('right')}>
              <Columns2 aria-hidden="true" />
            </HeaderButton>
            <HeaderButton name="Add a pane below" onPress={() => onSplit('bottom')}>
              <Rows2 aria-hidden="true" />
            </HeaderButton>
          </>
        )}
        {slug === null ? null : (
          <a
            href={panePath(pane.kind, slug)}
            target="_blank"
            rel="noreferrer"
            title="Open in a window of its own"
            className={HEADER_BUTTON}
          >
            <ExternalLink aria-hidden="true" />
            <span className="sr-only">Open in a window of its own</span>
          </a>
        )}
        {alone ? null : (
          <HeaderButton name={maximised ? 'Back to its place' : 'Maximise'} onPress={onMaximise}>
            {maximised ? <Minimize2 aria-hidden="true" /> : <Maximize2 aria-hidden="true" />}
          </HeaderButton>
        )}
        <HeaderButton name="Close pane" onPress={onClose}>
          <X aria-hidden="true" />
        </HeaderButton>
      </span>
    </header>
  );
}

const HEADER_BUTTON =
  'grid size-6 place-items-center rounded text-muted hover:bg-hover hover:text-ink [&>svg]:size-3.5';

function HeaderButton({ name, children, onPress }: { name: string; children: ReactNode; onPress(): void }) {
  return (
    <button type="button" aria-label={name} title={name} onClick={onPress} className={HEADER_BUTTON}>
      {children}
    </button>
  );
}

type BodyProps = Pick<Props, 'pane' | 'slug' | 'link' | 'onSettings' | 'onPick'>;

function PaneBody({ pane, slug, link, onSettings, onPick }: BodyProps) {
  const { data: instrument, error, refetch } = useSlugInstrument(slug);
  if (slug === null || instrument === null) {
    return (
      <div className="grid h-full place-items-center p-4 text-center">
        <div>
          <p className="text-muted">
            {slug === null ? 'No instrument chosen yet.' : `There is no instrument ${slug}.`}
          </p>
          <button
            type="button"
            onClick={onPick}
            className="mt-3 rounded border border-edge bg-raised px-3 py-1 hover:bg-hover"
          >
            Choose an instrument
          </button>
        </div>
      </div>
    );
  }
  if (error) {
    return (
      <div className="p-3">
        <LoadFailure what="The instrument" error={error} onRetry={() => void refetch()} />
      </div>
    );
  }
  if (!instrument) return <p className="p-4 text-center text-muted">Loading {slug}…</p>;
  const kind = paneKind(pane.kind);
  if (!kind) return null;
  const { Component } = kind;
  return (
    <Component paneId={pane.id} instrument={instrument} link={link} settings={pane.settings} onSettings={onSettings} />
  );
}
