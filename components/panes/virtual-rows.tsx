'use client';

import { useVirtualizer } from '@tanstack/react-virtual';
import clsx from 'clsx';
import { Pause, Play } from 'lucide-react';
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { formatWhole } from '../../lib/heatmap/format.ts';
import { IconButton } from '../live/toolbar.tsx';

const ROW_PX = 20;
/** Rows made beyond what is seen, on either side. */
const OVERSCAN = 12;
/** With fewer rows than this below the screen, older ones are asked for. */
const NEAR_END = 40;

export interface VirtualRowsHandle {
  toTop(): void;
}

interface Props {
  readonly label: string;
  readonly columns: readonly { readonly title: string; readonly className: string }[];
  readonly count: number;
  readonly ref?: Ref<VirtualRowsHandle>;
  keyOf(index: number): string;
  /** The cells, each with role `cell`. */
  children(index: number): ReactNode;
  /** The screen has come near to the last row. */
  onNearEnd?(): void;
  /** The pointer is over a row, or over none. */
  onPoint?(index: number | null): void;
  /** Somebody has scrolled: away from the newest, or back to it. */
  onTop(isAtTop: boolean): void;
}

/** A long table, newest first, of which only what is seen is in the page. */
export function VirtualRows({ label, columns, count, ref, keyOf, children, onNearEnd, onPoint, onTop }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const isAtTop = useRef(true);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    getItemKey: keyOf,
  });
  useImperativeHandle(ref, () => ({ toTop: () => scroller.current?.scrollTo({ top: 0 }) }));
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  const isNearEnd = last >= count - NEAR_END;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again with every page that was not enough
  useEffect(() => {
    if (isNearEnd) onNearEnd?.();
  }, [isNearEnd, count, onNearEnd]);

  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of a table element cannot be placed freely
    <div
      role="table"
      aria-label={label}
      aria-rowcount={count + 1}
      className="flex min-h-0 flex-1 flex-col font-mono text-[11.5px]"
    >
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div role="rowgroup" className="border-b border-line bg-panel">
        {/* biome-ignore lint/a11y/useSemanticElements: as above */}
        {/* biome-ignore lint/a11y/useFocusableInteractive: a heading is no control */}
        <div role="row" aria-rowindex={1} className="flex px-2 text-[10.5px] text-muted" style={{ height: ROW_PX }}>
          {columns.map(({ title, className }) => (
            // biome-ignore lint/a11y/useSemanticElements: as above
            // biome-ignore lint/a11y/useFocusableInteractive: as above
            <span key={title} role="columnheader" className={className}>
              {title}
            </span>
          ))}
        </div>
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div
        ref={scroller}
        role="rowgroup"
        aria-label="Rows"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
        tabIndex={0}
        onPointerLeave={() => onPoint?.(null)}
        onScroll={({ currentTarget }) => {
          const now = currentTarget.scrollTop < ROW_PX;
          if (now !== isAtTop.current) onTop(now);
          isAtTop.current = now;
        }}
        className="min-h-0 flex-1 overflow-y-auto focus-visible:outline-offset-[-2px]"
      >
        <div role="presentation" className="relative" style={{ height: rows.getTotalSize() }}>
          {items.map(({ index, key, start }) => (
            // biome-ignore lint/a11y/useSemanticElements: as above
            // biome-ignore lint/a11y/useFocusableInteractive: a row is no control
            <div
              key={key}
              role="row"
              aria-rowindex={index + 2}
              data-name={keyOf(index)}
              onPointerEnter={() => onPoint?.(index)}
              className="absolute inset-x-0 top-0 flex items-center px-2"
              style={{ height: ROW_PX, transform: `translateY(${start}px)` }}
            >
              {children(index)}
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

/** Stops what moves by itself, as WCAG 2.2.2 asks, and says how much has come since. */
export function PauseControl({
  paused,
  fresh,
  onToggle,
}: {
  readonly paused: boolean;
  readonly fresh: number;
  onToggle(): void;
}) {
  return (
    <>
      <IconButton name={paused ? 'Go on' : 'Pause'} pressed={paused} onPress={onToggle}>
        {paused ? <Play aria-hidden="true" /> : <Pause aria-hidden="true" />}
      </IconButton>
      {paused ? (
        <button
          type="button"
          onClick={onToggle}
          className={clsx(
            'rounded border px-1.5 py-0.5 text-[12px]',
            fresh > 0 ? 'border-warn text-warn' : 'border-line text-muted',
          )}
        >
          {formatWhole(fresh)} new
        </button>
      ) : null}
    </>
  );
}

/** A cell of a row. */
export function Cell({ className, children }: { readonly className: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows of a table element cannot be placed freely
    <span role="cell" className={className}>
      {children}
    </span>
  );
}
