'use client';

import clsx from 'clsx';
import type { SessionHost } from '../../lib/client/session-host.ts';
import type { SessionReadout } from '../../lib/client/session-messages.ts';
import { formatIstTime } from '../../lib/heatmap/format.ts';
import { useReadout } from './use-session.ts';

/** A side older than this is out of date, ms: as long as it is carried. */
const AGE_MS_MAX = 2000;
/** Numbers beyond this are not worth their width, ms. */
const SHOWN_MS_MAX = 99_999;
/** From here on a millisecond says nothing any more. */
const SECONDS_FROM_MS = 10_000;

export function StatusBar({ session }: { session: SessionHost | null }) {
  const readout = useReadout(session);
  return (
    <footer className="flex h-7 items-center gap-x-4 overflow-hidden border-t border-line bg-panel px-3 text-[11px] whitespace-nowrap text-muted max-sm:gap-x-2.5">
      <span className="min-w-0 truncate max-sm:hidden">
        <FeedWords readout={readout} />
      </span>
      <Item name="Lag" value={milliseconds(readout?.feedLagMs ?? null)} className="max-sm:hidden" />
      <Item name="Frames" value={rate(readout)} />
      <Item name="Bid" value={milliseconds(readout?.bidAgeMs ?? null)} warn={old(readout?.bidAgeMs)} />
      <Item name="Ask" value={milliseconds(readout?.askAgeMs ?? null)} warn={old(readout?.askAgeMs)} />
      <Recorder readout={readout} />
      <time className="ml-auto font-mono text-ink tabular-nums">
        {readout ? `${formatIstTime(readout.nowUs)} IST` : '--:--:-- IST'}
      </time>
    </footer>
  );
}

/** The feed's name and what it is doing, with the reason where it is not doing well. */
function FeedWords({ readout }: { readout: SessionReadout | null }) {
  if (!readout) return 'Starting';
  const { state, feedName } = readout;
  const well = state.kind === 'live';
  return (
    <>
      {feedName ? `${feedName}: ` : ''}
      <span className={clsx(well ? 'text-ink' : 'text-warn')}>{state.title}</span>
      {state.detail ? ` – ${state.detail}` : ''}
    </>
  );
}

function Recorder({ readout }: { readout: SessionReadout | null }) {
  const recorder = readout?.recorder;
  if (!recorder) return null;
  const well = recorder.state === 'recording';
  const words = { recording: 'Recording', late: 'Recorder late', down: 'Recorder down' }[recorder.state];
  return (
    <span className={clsx('flex items-center gap-1.5', well ? 'max-sm:hidden' : 'text-warn')}>
      <span aria-hidden="true" className={clsx('size-2', well ? 'rounded-full bg-down' : 'border border-warn')} />
      {words ?? recorder.state}
      {recorder.lagMs === null ? null : (
        <span className="min-w-[8ch] font-mono tabular-nums">{milliseconds(recorder.lagMs)}</span>
      )}
    </span>
  );
}

function Item({ name, value, warn, className }: { name: string; value: string; warn?: boolean; className?: string }) {
  return (
    <span className={clsx('flex items-center gap-1.5', className)}>
      {name}
      <span className={clsx('min-w-[9ch] font-mono tabular-nums max-sm:min-w-[8ch]', warn ? 'text-warn' : 'text-ink')}>
        {value}
      </span>
    </span>
  );
}

const old = (ageMs: number | null | undefined): boolean => (ageMs ?? 0) > AGE_MS_MAX;

/** Right-aligned in a fixed width, so that nothing beside it moves. */
function milliseconds(ms: number | null): string {
  if (ms === null) return '–';
  if (ms > SHOWN_MS_MAX) return `> ${Math.floor(SHOWN_MS_MAX / 1000)} s`;
  return ms < SECONDS_FROM_MS ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

const rate = (readout: SessionReadout | null): string =>
  readout?.framesPerSecond == null ? '–' : `${readout.framesPerSecond.toFixed(1)}/s`;
