'use client';

import clsx from 'clsx';
import type { PageState, PageStateKind } from '../../lib/heatmap/page-state.ts';
import { SignInLink } from '../shell/sign-in-link.tsx';

/** States in which there is nothing to look at, or nothing that may be looked at. */
export const COVERED: ReadonlySet<PageStateKind> = new Set(['loading', 'empty', 'error', 'signed_out']);

/** What lies over a pane that has nothing to show, or may show nothing. */
export function PaneCover({ state, onRetry }: { readonly state: PageState; onRetry(): void }) {
  if (!COVERED.has(state.kind)) return null;
  return (
    <section
      aria-label="State"
      className={clsx(
        'absolute inset-0 grid place-items-center px-4',
        state.kind === 'signed_out' ? 'bg-ground' : 'pointer-events-none',
      )}
    >
      <div
        className={clsx(
          'pointer-events-auto max-w-sm rounded-lg border bg-panel px-5 py-4 text-center',
          state.kind === 'error' ? 'border-down' : 'border-line',
        )}
      >
        <h2 className="font-semibold">{state.title}</h2>
        {state.detail ? <p className="mt-1 text-muted">{state.detail}</p> : null}
        {state.kind === 'error' ? (
          <button
            type="button"
            onClick={onRetry}
            className="mt-3 rounded border border-edge bg-raised px-3 py-1 font-medium hover:bg-hover"
          >
            Try again
          </button>
        ) : null}
        {state.kind === 'signed_out' ? <SignInLink className="mt-3 inline-block text-best-bid underline" /> : null}
      </div>
    </section>
  );
}
