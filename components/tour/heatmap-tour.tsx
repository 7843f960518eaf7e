'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { keepTourSeen, tourIsSeen } from '../../lib/client/tour-seen.ts';

interface Step {
  readonly title: string;
  readonly text: string;
  /** What it is about, as a selector. */
  readonly anchor: string;
}

const STEPS: readonly Step[] = [
  {
    title: 'The book over time',
    text: 'Time runs to the right, price upwards. The stronger a colour, the more was waiting there: strong bands are walls, and where they end, they were taken away or traded. Bubbles are trades.',
    anchor: '[data-heatmap]',
  },
  {
    title: 'Colours',
    text: 'The legend says which size has which colour. Drag its two handles, or press the brackets, so that what is usual stays dark and what is large stands out.',
    anchor: '[data-tour="legend"]',
  },
  {
    title: 'Move about',
    text: 'Drag to pan, turn the wheel to zoom time; over an axis it zooms that axis. The history of any recorded day is there. L comes back to live, Space pauses, Ctrl Z goes back by one view.',
    anchor: '[role="toolbar"][aria-label="Heatmap"]',
  },
  {
    title: 'Read exact numbers',
    text: 'Point at any place: quantity, orders, how it has changed and how far it is from the market. X moves the crosshair by keyboard. Hatched time is a gap: nothing was heard, and nothing is made up.',
    anchor: '[data-heatmap]',
  },
  {
    title: 'Find the rest',
    text: 'Ctrl K lists everything that can be done here, / finds an instrument, ? shows all keys and lets you change them. In the workspace, ladder, tape, footprint and charts stand beside the heatmap.',
    anchor: 'header',
  },
];

interface Place {
  readonly left: number;
  readonly top: number;
  readonly ring: { readonly left: number; readonly top: number; readonly width: number; readonly height: number };
}

const WIDTH_PX = 352;
const HEIGHT_PX = 210;
const MARGIN_PX = 12;

/** Below what it is about, or within it where there is no room below. */
function placeFor(anchor: string): Place {
  const box = document.querySelector(anchor)?.getBoundingClientRect() ?? new DOMRect(0, 0, innerWidth, innerHeight);
  const below = box.bottom + MARGIN_PX;
  const isBelow = below + HEIGHT_PX < innerHeight;
  const width = Math.min(WIDTH_PX, innerWidth - 2 * MARGIN_PX);
  const wanted = box.width > 2 * width ? box.left + box.width / 2 - width / 2 : box.right - width;
  return {
    left: Math.max(MARGIN_PX, Math.min(wanted, innerWidth - width - MARGIN_PX)),
    top: isBelow ? below : Math.max(MARGIN_PX, Math.min(box.top + box.height / 2, innerHeight - HEIGHT_PX)),
    ring: { left: box.left, top: box.top, width: box.width, height: box.height },
  };
}

/** Five steps through the heatmap for who sees it for the first time in this browser. @param ready there is a picture to speak of */
export function HeatmapTour({ ready }: { readonly ready: boolean }) {
  const [at, setAt] = useState<number | null>(null);
  const begun = useRef(false);
  useEffect(() => {
    if (!ready || begun.current) return;
    begun.current = true;
    if (!tourIsSeen()) setAt(0);
  }, [ready]);
  const end = useCallback((): void => {
    keepTourSeen();
    setAt(null);
    document.querySelector<HTMLElement>('[data-heatmap]')?.focus();
  }, []);
  const step = at === null ? undefined : STEPS[at];
  if (at === null || !step) return null;
  return <TourStep key={at} step={step} at={at} onStep={setAt} onEnd={end} />;
}

interface StepProps {
  readonly step: Step;
  readonly at: number;
  onStep(at: number): void;
  onEnd(): void;
}

function TourStep({ step, at, onStep, onEnd }: StepProps) {
  const { title, text, anchor } = step;
  const [place, setPlace] = useState(() => placeFor(anchor));
  const next = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    next.current?.focus();
    const onResize = () => setPlace(placeFor(anchor));
    window.addEventListener('resize', onResize);
    return () => window.removeEventListener('resize', onResize);
  }, [anchor]);
  const isLast = at === STEPS.length - 1;
  return (
    <>
      <div
        aria-hidden="true"
        style={place.ring}
        className="pointer-events-none fixed z-40 rounded border-2 border-focus"
      />
      <dialog
        open
        aria-labelledby="tour-title"
        aria-describedby="tour-text"
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault();
          onEnd();
        }}
        style={{ left: place.left, top: place.top }}
        className="fixed z-50 m-0 w-[min(22rem,calc(100vw-1.5rem))] rounded-lg border border-edge bg-panel p-4 text-ink shadow-lg"
      >
        <p className="text-[11px] text-muted">{`Tour, ${at + 1} of ${STEPS.length}`}</p>
        <h2 id="tour-title" className="mt-0.5 font-semibold">
          {title}
        </h2>
        <p id="tour-text" className="mt-1.5 text-muted">
          {text}
        </p>
        <div className="mt-3 flex gap-2">
          <button type="button" onClick={onEnd} className="mr-auto rounded px-2 py-1 text-muted hover:bg-hover">
            Skip the tour
          </button>
          {at > 0 ? (
            <button
              type="button"
              onClick={() => onStep(at - 1)}
              className="rounded border border-edge px-3 py-1 hover:bg-hover"
            >
              Back
            </button>
          ) : null}
          <button
            ref={next}
            type="button"
            onClick={() => (isLast ? onEnd() : onStep(at + 1))}
            className="rounded border border-bid bg-bid/20 px-3 py-1 font-medium hover:bg-bid/30"
          >
            {isLast ? 'Done' : 'Next'}
          </button>
        </div>
      </dialog>
    </>
  );
}
