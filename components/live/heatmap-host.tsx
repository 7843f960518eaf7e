'use client';

import { type Ref, useEffect, useId, useImperativeHandle, useRef } from 'react';
import { attachGestures } from '../../lib/client/gestures.ts';
import type { SessionHost } from '../../lib/client/session-host.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { areaAt, layoutFor } from '../../lib/heatmap/layout.ts';
import { besideOf, type HeatmapOptions } from '../../lib/heatmap/options.ts';
import type { Marquee } from '../../lib/render/draw-marks.ts';

interface Props {
  readonly ref: Ref<HTMLDivElement>;
  readonly instrument: InstrumentSummary;
  readonly session: SessionHost | null;
  readonly crosshair: boolean;
  readonly options: HeatmapOptions;
  /** What a drag over the chart draws; null: it pans. */
  readonly tool: Marquee['kind'] | null;
  onBookWidth(width: number): void;
  /** The chart was clicked, CSS px of the element. */
  onClicked(x: number, y: number): void;
}

/** The element in which the heatmap is drawn, and which takes its gestures and keys. */
export function HeatmapHost({ ref, instrument, session, crosshair, options, tool, onBookWidth, onClicked }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const keysId = useId();
  useImperativeHandle(ref, () => host.current as HTMLDivElement);

  // Gestures are attached once a session, and see what holds when they happen.
  const latest = useRef({ options, tool, crosshair, onBookWidth, onClicked });
  useEffect(() => {
    latest.current = { options, tool, crosshair, onBookWidth, onClicked };
  });

  useEffect(() => {
    if (!host.current || !session) return;
    const element = host.current;
    const layout = () => layoutFor(element.clientWidth, element.clientHeight, besideOf(latest.current.options));
    return attachGestures(element, {
      command: (command) => session.post({ type: 'command', command }),
      pointAt: (place) => {
        // A crosshair that the keyboard moves stays where it is when the pointer leaves, as it does below a dialog.
        if (place || !latest.current.crosshair) session.post({ type: 'pointer', place });
      },
      areaAt: (x, y) => areaAt(layout(), x, y),
      heatmap: {
        marquee: (marquee) => session.post({ type: 'marquee', marquee }),
        bookWidth: (width) => latest.current.onBookWidth(width),
        layout,
        tool: () => latest.current.tool,
        clicked: ({ x, y }) => latest.current.onClicked(x, y),
      },
    });
  }, [session]);

  return (
    <div
      ref={host}
      data-heatmap
      role="application"
      aria-roledescription="depth heatmap"
      aria-label={`Depth heatmap of ${instrument.symbol}`}
      aria-describedby={keysId}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application is interactive; its keys are in the help sheet
      tabIndex={0}
      className="absolute inset-0 cursor-crosshair touch-none select-none overflow-hidden bg-ground focus-visible:outline-offset-[-2px]"
    >
      <p id={keysId} className="sr-only">
        {crosshair
          ? 'Arrow keys move the crosshair; Escape hides it.'
          : 'Arrow keys pan, plus and minus zoom time, with Shift price, brackets move the upper colour cut-off, O opens the options, Space pauses, L returns to live, X moves a crosshair by keyboard, question mark lists all keys. The visible book follows as a table.'}
      </p>
    </div>
  );
}
