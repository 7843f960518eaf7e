import clsx from 'clsx';
import type { PageState } from '../../../lib/heatmap/page-state.ts';
import { SignInLink } from '../../shell/sign-in-link.tsx';

interface Props {
  readonly state: PageState;
  onRetry(): void;
}

const COVERED: ReadonlySet<PageState['kind']> = new Set(['loading', 'empty', 'error', 'signed_out']);

/** What a pane of trades says of itself: over all of it where there is nothing to look at, else in a corner. */
export function FlowOverlay({ state, onRetry }: Props) {
  const { kind, title, detail } = state;
  if (kind === 'live') return null;
  const covered = COVERED.has(kind);
  return (
    <section
      aria-label="State"
      className={clsx(
        'pointer-events-none absolute z-10',
        covered ? 'inset-0 grid place-items-center px-4' : 'top-2 right-20 max-w-[60%]',
        kind === 'signed_out' && 'bg-ground',
      )}
    >
      <div
        className={clsx(
          'pointer-events-auto rounded border bg-panel text-center',
          covered ? 'max-w-sm px-5 py-4' : 'px-2.5 py-1 text-left',
          kind === 'error' ? 'border-down' : covered || kind === 'closed' ? 'border-line' : 'border-warn',
        )}
      >
        <h2 className={covered ? 'text-[15px] font-semibold' : 'font-medium'}>{title}</h2>
        {detail ? <p className="mt-1 text-muted">{detail}</p> : null}
        {kind === 'error' || kind === 'stale' ? (
          <button
            type="button"
            onClick={onRetry}
            className="mt-2 rounded border border-edge bg-raised px-3 py-1 font-medium hover:bg-hover"
          >
            Try again
          </button>
        ) : null}
        {kind === 'signed_out' ? (
          <SignInLink className="mt-3 inline-block rounded border border-bid bg-bid/20 px-3 py-1.5 font-medium hover:bg-bid/30" />
        ) : null}
      </div>
    </section>
  );
}
