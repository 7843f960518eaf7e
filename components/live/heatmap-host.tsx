'use client';

import { type Ref, useEffect, useId, useImperativeHandle, useRef } from 'react';
import { attachGestures } from '../../lib/client/gestures.ts';
import type { SessionHost } from '../../lib/client/session-host.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';

interface Props {
  readonly ref: Ref<HTMLDivElement>;
  readonly instrument: InstrumentSummary;
  readonly session: SessionHost | null;
  readonly crosshair: boolean;
}

/** The element in which the heatmap is drawn, and which takes its gestures and keys. */
export function HeatmapHost({ ref, instrument, session, crosshair }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const keysId = useId();
  useImperativeHandle(ref, () => host.current as HTMLDivElement);

  useEffect(() => {
    if (!host.current || !session) return;
    return attachGestures(host.current, {
      command: (command) => session.post({ type: 'command', command }),
      pointAt: (place) => session.post({ type: 'pointer', place }),
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
          : 'Arrow keys pan, plus and minus zoom time, brackets zoom price, Space pauses, L returns to live, X moves a crosshair by keyboard, question mark lists all keys. The visible book follows as a table.'}
      </p>
    </div>
  );
}
