'use client';

import clsx from 'clsx';
import { ChevronRight, ChevronsRight, Pause, Play, Rewind } from 'lucide-react';
import Link from 'next/link';
import { useEffect, useRef, useState } from 'react';
import { livePath } from '../../lib/client/instruments.ts';
import { REPLAY_SPEEDS } from '../../lib/client/replay.ts';
import { loopBack, markLoop, NO_LOOP, type ReplayLoop } from '../../lib/client/replay-loop.ts';
import type { SessionHost } from '../../lib/client/session-host.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { formatIstDay, formatIstTime } from '../../lib/heatmap/format.ts';
import { IconButton } from './toolbar.tsx';
import type { Replay } from './use-replay.ts';
import { useReadout } from './use-session.ts';

interface Props {
  readonly instrument: InstrumentSummary;
  readonly session: SessionHost | null;
  readonly replay: Replay;
}

/** How far "back" goes, s. */
const BACK_S = 10;
/** A slider is let go of when it has not moved for so long, ms: arrow keys have no end of their own. */
const SETTLED_MS = 250;

/** Clock and controls of a replay. */
export function ReplayBar({ instrument, session, replay }: Props) {
  const clock = useReadout(session)?.replay ?? null;
  const nowUs = useReadout(session)?.nowUs ?? 0;
  // Before there is a session the overlay says it.
  const fault = session ? (replay.fault ?? clock?.failure ?? '') : '';
  const seek = (us: number): void => {
    if (!clock) return;
    const inside = Math.min(Math.max(us, clock.fromUs), clock.toUs);
    replay.change({ seek: String(Math.floor(inside / 1000)) });
  };
  const [loop, setLoop] = useState(NO_LOOP);
  // A seek makes another epoch: until it is there, it is not asked for again.
  const soughtEpoch = useRef<number | null>(null);
  const { change } = replay;
  useEffect(() => {
    if (!clock || soughtEpoch.current === clock.epoch) return;
    const backUs = loopBack(loop, { ...clock, timeUs: nowUs });
    if (backUs === null) return;
    soughtEpoch.current = clock.epoch;
    change({ seek: String(Math.floor(backUs / 1000)), playing: true });
  }, [clock, nowUs, loop, change]);
  return (
    <div
      role="toolbar"
      aria-label="Replay"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-raised px-3 py-1"
    >
      <div className="flex items-center gap-1">
        <IconButton name={`Back ${BACK_S} s`} onPress={() => seek(nowUs - BACK_S * 1_000_000)}>
          <Rewind aria-hidden="true" />
        </IconButton>
        <IconButton
          name={clock?.playing ? 'Pause the replay' : 'Play'}
          keys="Space"
          pressed={clock?.playing ?? false}
          onPress={() => replay.toggle(session)}
        >
          {clock?.playing ? <Pause aria-hidden="true" /> : <Play aria-hidden="true" />}
        </IconButton>
        <IconButton name="On by one frame" onPress={() => replay.change({ step: 'frame' })}>
          <ChevronRight aria-hidden="true" />
        </IconButton>
        <IconButton name="On by one second" onPress={() => replay.change({ step: 'second' })}>
          <ChevronsRight aria-hidden="true" />
        </IconButton>
      </div>
      <label className="flex items-center gap-1.5 text-[12px] text-muted">
        <span className="max-sm:sr-only">Speed</span>
        <select
          value={clock?.speed ?? 1}
          disabled={!clock}
          onChange={({ target }) => replay.change({ speed: Number(target.value) })}
          className="rounded border border-line bg-panel px-1.5 py-0.5 font-mono text-ink"
        >
          {REPLAY_SPEEDS.map((speed) => (
            <option key={speed} value={speed}>
              {speed}×
            </option>
          ))}
        </select>
      </label>
      <LoopButtons loop={loop} nowUs={nowUs} disabled={!clock} onLoop={setLoop} />
      <Slider fromUs={clock?.fromUs ?? 0} toUs={clock?.toUs ?? 0} nowUs={nowUs} onSeek={seek} />
      <time className="font-mono text-ink tabular-nums">
        {clock ? `${formatIstDay(nowUs)}, ${formatIstTime(nowUs)} IST` : session ? 'Opening …' : '--:--:-- IST'}
      </time>
      <span className="text-[11px] text-muted max-sm:hidden">{clock ? `from the ${clock.source}` : ''}</span>
      <Link
        href={livePath(instrument.slug)}
        className="ml-auto rounded border border-edge bg-panel px-2 py-0.5 text-[12px] font-medium hover:bg-hover"
      >
        Back to live
      </Link>
      <p role="alert" className={fault ? 'w-full text-warn' : 'sr-only'}>
        {fault}
      </p>
    </div>
  );
}

interface LoopProps {
  readonly loop: ReplayLoop;
  readonly nowUs: number;
  readonly disabled: boolean;
  onLoop(loop: ReplayLoop): void;
}

/** Marks the ends of what is played again and again; pressed again, an end is given up. */
function LoopButtons({ loop, nowUs, disabled, onLoop }: LoopProps) {
  return (
    <div className="flex items-center gap-1">
      {(['a', 'b'] as const).map((end) => {
        const us = loop[end];
        const name = `${end === 'a' ? 'Loop from here (A)' : 'Loop to here (B)'}`;
        return (
          <button
            key={end}
            type="button"
            aria-label={name}
            aria-pressed={us !== null}
            disabled={disabled}
            title={us === null ? name : `${end.toUpperCase()} at ${formatIstTime(us)} IST: press to give it up`}
            onClick={() => onLoop(us === null ? markLoop(loop, end, nowUs) : { ...loop, [end]: null })}
            className={clsx(
              'h-7 min-w-7 rounded border px-1.5 font-mono text-[12px] disabled:opacity-50',
              us === null ? 'border-line bg-raised text-muted hover:bg-hover hover:text-ink' : 'border-bid bg-bid/20',
            )}
          >
            {end.toUpperCase()}
            {us === null ? '' : ` ${formatIstTime(us)}`}
          </button>
        );
      })}
    </div>
  );
}

interface SliderProps {
  readonly fromUs: number;
  readonly toUs: number;
  readonly nowUs: number;
  onSeek(us: number): void;
}

/** Goes to where it is let go of; follows the clock otherwise. */
function Slider({ fromUs, toUs, nowUs, onSeek }: SliderProps) {
  const [draggedS, setDraggedS] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const lengthS = Math.max(1, Math.floor((toUs - fromUs) / 1_000_000));
  const atS = draggedS ?? Math.min(lengthS, Math.max(0, Math.floor((nowUs - fromUs) / 1_000_000)));
  const words = toUs > 0 ? `${formatIstTime(fromUs + atS * 1_000_000)} IST` : '';
  return (
    <input
      type="range"
      aria-label="Time"
      aria-valuetext={words}
      title={words}
      min={0}
      max={lengthS}
      step={1}
      value={atS}
      disabled={toUs === 0}
      onChange={({ target }) => {
        const wantedS = Number(target.value);
        setDraggedS(wantedS);
        clearTimeout(timer.current);
        timer.current = setTimeout(() => {
          setDraggedS(null);
          onSeek(fromUs + wantedS * 1_000_000);
        }, SETTLED_MS);
      }}
      className="h-1.5 min-w-32 flex-1 accent-bid max-sm:order-1 max-sm:w-full"
    />
  );
}
