'use client';

import { SkipForward } from 'lucide-react';
import type { SessionHost } from '../../lib/client/session-host.ts';
import type { SessionReadout } from '../../lib/client/session-messages.ts';
import { formatDuration } from '../../lib/heatmap/format.ts';
import { STALL_BADGE_MS } from '../../lib/heatmap/page-state.ts';
import type { ViewCommand } from '../../lib/heatmap/view-controller.ts';
import { useReadout } from './use-session.ts';

interface Props {
  readonly session: SessionHost | null;
  onCommand(command: ViewCommand): void;
  onRetry(): void;
}

/** Less is the picture's own step, ms. While paused the badge above counts. */
const BEHIND_MS = 2000;

/** What must be seen without looking for it: paused, behind, cut, out of date, history failing. */
export function ChartBadges({ session, onCommand, onRetry }: Props) {
  const readout = useReadout(session);
  if (!readout) return null;
  const trouble = troubleOf(readout);
  const { history, following, paused, behindMs, state, replay } = readout;
  // Where there is nothing else to see, the overlay says it.
  const historyFailure = history.kind === 'failed' && state.kind !== 'error' ? history.detail : null;
  return (
    <>
      <div className="pointer-events-none absolute inset-x-0 top-3 flex flex-col items-center gap-2 pr-60 max-sm:top-24 max-sm:pr-36">
        {paused ? (
          <p className="rounded bg-ink px-3 py-1 font-medium text-ground">
            Paused
            <span className="ml-2 font-mono tabular-nums">{formatDuration(behindMs)} behind</span>
          </p>
        ) : null}
        {trouble ? (
          <p className="mx-2 max-w-lg rounded border border-warn bg-ground/90 px-3 py-1 text-center text-balance text-warn">
            {trouble}
          </p>
        ) : null}
        {historyFailure ? (
          <p className="mx-2 max-w-lg rounded border border-down bg-ground/90 px-3 py-1 text-center text-balance">
            History could not be loaded: {historyFailure}
          </p>
        ) : null}
        {historyFailure || state.kind === 'disconnected' ? (
          <button
            type="button"
            onClick={onRetry}
            className="pointer-events-auto rounded border border-edge bg-raised px-3 py-1 font-medium hover:bg-hover"
          >
            Try again
          </button>
        ) : null}
      </div>
      {following ? null : (
        <button
          type="button"
          onClick={() => onCommand({ type: 'goLive' })}
          className="absolute right-64 bottom-10 flex items-center gap-1.5 rounded border border-bid bg-ground/90 px-3 py-1.5 font-medium hover:bg-hover max-sm:right-40"
        >
          <SkipForward aria-hidden="true" className="size-4" />
          {replay ? 'Back to its time' : 'Back to live'}
          {!paused && behindMs >= BEHIND_MS ? (
            <span className="ml-1 font-mono text-[12px] text-muted tabular-nums">
              {formatDuration(behindMs)} behind
            </span>
          ) : null}
        </button>
      )}
    </>
  );
}

/** In a few words, with what is gone since when; null while all is well or an overlay says it. */
function troubleOf({ state }: SessionReadout): string | null {
  const age = state.missingMs > 0 ? ` for ${formatDuration(state.missingMs)}` : '';
  if (state.kind === 'gap') return `${state.title}${age}. ${state.detail}`;
  if (state.kind === 'closed') return state.detail;
  if (state.kind === 'stale' && state.missingMs >= STALL_BADGE_MS) return `${state.title}${age}`;
  if (state.kind === 'disconnected') return `${state.title}. ${state.detail}`;
  return null;
}
