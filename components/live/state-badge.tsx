import clsx from 'clsx';
import type { PageState, PageStateKind } from '../../lib/heatmap/page-state.ts';

/** A shape and a colour for each state; the words say it again. */
const LOOKS: Readonly<Record<PageStateKind, { readonly dot: string; readonly text: string }>> = {
  loading: { dot: 'border border-muted', text: 'text-muted' },
  empty: { dot: 'border border-muted', text: 'text-muted' },
  live: { dot: 'rounded-full bg-up', text: 'text-ink' },
  stale: { dot: 'rounded-full border-2 border-warn', text: 'text-warn' },
  gap: { dot: 'bg-[repeating-linear-gradient(135deg,var(--color-warn)_0_2px,transparent_2px_4px)]', text: 'text-warn' },
  closed: { dot: 'border border-muted bg-edge', text: 'text-muted' },
  disconnected: { dot: 'rotate-45 bg-down', text: 'text-down' },
  error: { dot: 'rotate-45 bg-down', text: 'text-down' },
  signed_out: { dot: 'border border-edge', text: 'text-muted' },
};

export function StateBadge({ state }: { state: PageState | null }) {
  const look = LOOKS[state?.kind ?? 'loading'];
  return (
    <span
      title={state?.detail}
      className={clsx('flex items-center gap-1.5 text-[12px] font-medium whitespace-nowrap', look.text)}
    >
      <span aria-hidden="true" className={clsx('size-2.5 shrink-0', look.dot)} />
      {state?.title ?? 'Connecting'}
    </span>
  );
}
