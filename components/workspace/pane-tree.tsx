'use client';

import { Fragment } from 'react';
import { Group, Panel, Separator } from 'react-resizable-panels';
import { isSplit, type LayoutNode } from '../../lib/client/workspace-layout.ts';
import { type PaneHosts, useHosted } from './pane-hosts.ts';

/** A pane is never made smaller, px. */
const PANE_MIN_PX = 120;

interface Props {
  readonly node: LayoutNode;
  readonly path: readonly number[];
  readonly hosts: PaneHosts;
  onResize(path: readonly number[], sizes: readonly number[]): void;
}

/** Splits as groups of resizable panels, and the places of panes in them. */
export function PaneTree({ node, path, hosts, onResize }: Props) {
  if (!isSplit(node)) return <PanePlace key={node.id} id={node.id} hosts={hosts} />;
  const keys = node.children.map(keyOf);
  const sizes = Object.fromEntries(keys.map((key, i) => [key, node.sizes[i] ?? 0]));
  const across = node.split === 'row';
  return (
    <Group
      // Panels keep the sizes that they have been dragged to: with other panels they begin anew.
      key={keys.join(' ')}
      orientation={across ? 'horizontal' : 'vertical'}
      defaultLayout={sizes}
      onLayoutChanged={(layout, { isUserInteraction }) => {
        if (isUserInteraction)
          onResize(
            path,
            keys.map((key) => layout[key] ?? 0),
          );
      }}
      className="h-full w-full"
    >
      {node.children.map((child, i) => (
        <Fragment key={keys[i]}>
          {i === 0 ? null : (
            <Separator
              aria-label={across ? 'Width of panes' : 'Height of panes'}
              className={
                across
                  ? 'w-1 bg-line hover:bg-edge focus-visible:bg-focus data-[separator=active]:bg-bid'
                  : 'h-1 bg-line hover:bg-edge focus-visible:bg-focus data-[separator=active]:bg-bid'
              }
            />
          )}
          <Panel id={keys[i] ?? ''} minSize={PANE_MIN_PX} className="min-h-0 min-w-0">
            <PaneTree node={child} path={[...path, i]} hosts={hosts} onResize={onResize} />
          </Panel>
        </Fragment>
      ))}
    </Group>
  );
}

/** Of a pane its id, of a split those of its panes. */
const keyOf = (node: LayoutNode): string => (isSplit(node) ? node.children.map(keyOf).join('+') : node.id);

export function PanePlace({ id, hosts }: { id: string; hosts: PaneHosts }) {
  return <div ref={useHosted(hosts, id)} data-pane-place={id} className="h-full w-full" />;
}
