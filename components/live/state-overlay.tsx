'use client';

import clsx from 'clsx';
import type { SessionHost } from '../../lib/client/session-host.ts';
import type { PageStateKind } from '../../lib/heatmap/page-state.ts';
import { SignInLink } from '../shell/sign-in-link.tsx';
import { useFailure, useReadout } from './use-session.ts';

/** States in which there is nothing to look at, or nothing that may be looked at. */
const COVERED: ReadonlySet<PageStateKind> = new Set(['loading', 'empty', 'error', 'signed_out']);

interface Props {
  readonly session: SessionHost | null;
  /** Why there is nothing to show before there is a session; null where that is not so. */
  readonly refusal: string | null;
  onRetry(): void;
}

export function StateOverlay({ session, refusal, onRetry }: Props) {
  const readout = useReadout(session);
  const failure = useFailure(session);
  const begun = readout?.state ?? (refusal === null ? CONNECTING : refused(refusal));
  const state = failure === null ? begun : failed(failure);
  if (!COVERED.has(state.kind)) return null;
  return (
    <section
      aria-label="State"
      className={clsx(
        'absolute inset-0 grid place-items-center px-6',
        state.kind === 'signed_out' ? 'bg-ground' : 'pointer-events-none',
      )}
    >
      <div
        className={clsx(
          'pointer-events-auto max-w-md rounded-lg border bg-panel px-6 py-5 text-center',
          state.kind === 'error' ? 'border-down' : 'border-line',
        )}
      >
        {state.kind === 'loading' ? (
          <div aria-hidden="true" className="mx-auto mb-3 flex h-5 w-24 items-end justify-center gap-1">
            {LOADING_BARS.map(([height, delay]) => (
              <span key={delay} className="w-2 animate-pulse bg-edge" style={{ height, animationDelay: delay }} />
            ))}
          </div>
        ) : null}
        <h2 className="text-[15px] font-semibold">{state.title}</h2>
        {state.detail ? <p className="mt-1.5 text-muted">{state.detail}</p> : null}
        {state.kind === 'error' ? (
          <button
            type="button"
            onClick={failure === null && session ? onRetry : () => location.reload()}
            className="mt-4 rounded border border-edge bg-raised px-3 py-1.5 font-medium hover:bg-hover"
          >
            Try again
          </button>
        ) : null}
        {state.kind === 'signed_out' ? (
          <SignInLink className="mt-4 inline-block rounded border border-bid bg-bid/20 px-3 py-1.5 font-medium hover:bg-bid/30" />
        ) : null}
      </div>
    </section>
  );
}

const CONNECTING = { kind: 'loading', title: 'Connecting', detail: '' } as const;

const refused = (detail: string) => ({ kind: 'error' as const, title: 'There is no replay', detail });

const failed = (detail: string) => ({
  kind: 'error' as const,
  title: 'The heatmap failed',
  detail: `Recording is not affected. What went wrong: ${detail}.`,
});

const LOADING_BARS = [
  ['40%', '0ms'],
  ['75%', '120ms'],
  ['100%', '240ms'],
  ['60%', '360ms'],
  ['85%', '480ms'],
] as const;
