'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Answer as ApiAnswer } from '../../lib/api/operations.ts';
import { askMarket } from '../../lib/client/market-data.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { type BoardRow, phaseOf, usOf } from '../../lib/client/signal-board.ts';
import { sendMarks } from '../../lib/client/signal-marks.ts';
import { formatIstDate } from '../../lib/core/ist.ts';
import { SIGNAL_KIND_NAMES, SIGNAL_STATES } from '../../lib/signals/signal.ts';
import { useSubscribed } from '../panes/use-latest.ts';
import { Answer } from '../shell/answer.tsx';
import { SignalRow } from './signal-row.tsx';
import { evidencePath, kindTitle, SEVERITY_WORDS } from './signal-words.ts';
import { useWorth } from './use-report.ts';

type Signals = ApiAnswer<'/api/signals'>['signals'];

const PAGE = 100;
const FIELD = 'rounded border border-line bg-raised px-1.5 py-0.5';

interface Filter {
  readonly day: string;
  readonly from: string;
  readonly to: string;
  readonly instrument: string;
  readonly kind: string;
  readonly severity: string;
  readonly state: string;
}

/** All signals that were ever found, by pages. */
export function SignalsHistory() {
  const [filter, setFilter] = useState<Filter>(() => ({
    day: formatIstDate(Date.now() * 1000),
    from: '00:00',
    to: '23:59',
    instrument: '',
    kind: '',
    severity: '1',
    state: '',
  }));
  const change = (part: Partial<Filter>): void => setFilter({ ...filter, ...part });
  const query = useInfiniteQuery({
    queryKey: ['signals', filter],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      askMarket(
        '/api/signals',
        {
          from: `${filter.day}T${filter.from}:00+05:30`,
          to: `${filter.day}T${filter.to}:59.999+05:30`,
          min_severity: Number(filter.severity),
          limit: PAGE,
          ...(filter.instrument ? { instruments: filter.instrument } : {}),
          ...(filter.kind ? { kinds: filter.kind } : {}),
          ...(filter.state ? { state: filter.state as (typeof SIGNAL_STATES)[number] } : {}),
          ...(pageParam === null ? {} : { cursor: pageParam }),
        },
        { signal },
      ),
    getNextPageParam: ({ next }) => next,
  });
  return (
    <>
      <Filters filter={filter} onChange={change} />
      <Answer query={query} what="the signals">
        {({ pages }) => {
          const signals = pages.flatMap((page) => page.signals);
          if (signals.length === 0) return <p className="py-6 text-muted">No signal is as the filter asks.</p>;
          return (
            <>
              <Rows signals={signals} onChanged={() => void query.refetch()} />
              <p className="mt-3 flex items-center gap-3 text-muted">
                <span>{`${signals.length} shown`}</span>
                {query.hasNextPage ? (
                  <button
                    type="button"
                    disabled={query.isFetchingNextPage}
                    onClick={() => void query.fetchNextPage()}
                    className="rounded border border-edge bg-raised px-3 py-1 text-ink hover:bg-hover"
                  >
                    Older ones
                  </button>
                ) : null}
              </p>
            </>
          );
        }}
      </Answer>
    </>
  );
}

function Filters({ filter, onChange }: { readonly filter: Filter; onChange(part: Partial<Filter>): void }) {
  const { data: subscribed } = useSubscribed();
  const choices = [
    ['Instrument', 'instrument', [['', 'All'], ...(subscribed ?? []).map(({ slug }) => [slug, slug])]],
    ['Kind', 'kind', [['', 'All'], ...SIGNAL_KIND_NAMES.map((kind) => [kind, kindTitle(kind)])]],
    ['Severity from', 'severity', [1, 2, 3].map((each) => [String(each), SEVERITY_WORDS[each] ?? ''])],
    ['State', 'state', [['', 'All'], ...SIGNAL_STATES.map((state) => [state, state])]],
  ] as const;
  return (
    <form aria-label="Filter" className="mb-3 flex flex-wrap items-center gap-3" onSubmit={(e) => e.preventDefault()}>
      <label className="flex items-center gap-1.5">
        Day
        <input
          type="date"
          required
          value={filter.day}
          onChange={({ target }) => target.value && onChange({ day: target.value })}
          className={FIELD}
        />
      </label>
      {(['from', 'to'] as const).map((end) => (
        <label key={end} className="flex items-center gap-1.5">
          {end === 'from' ? 'From' : 'To'}
          <input
            type="time"
            required
            value={filter[end]}
            onChange={({ target }) => target.value && onChange({ [end]: target.value })}
            className={FIELD}
          />
        </label>
      ))}
      {choices.map(([name, field, options]) => (
        <label key={field} className="flex items-center gap-1.5">
          {name}
          <select
            value={filter[field]}
            onChange={({ target }) => onChange({ [field]: target.value })}
            className={`${FIELD} max-w-48`}
          >
            {options.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
      ))}
    </form>
  );
}

function Rows({ signals, onChanged }: { readonly signals: Signals; onChanged(): void }) {
  const worth = useWorth();
  const [open, setOpen] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const acknowledge = (id: string): void => {
    sendMarks([id], 'acknowledged').then(
      () => {
        setFault(null);
        onChanged();
      },
      (error: unknown) => setFault(asProblem(error).detail),
    );
  };
  return (
    <>
      {fault === null ? null : (
        <p role="alert" className="text-fault">
          {fault}
        </p>
      )}
      <ul aria-label="Signals" className="rounded border border-line">
        {signals.map((signal) => (
          <li key={signal.id} className="border-b border-line last:border-b-0">
            <SignalRow
              row={rowOf(signal)}
              expanded={open === signal.id}
              distance=""
              prices={[]}
              worth={worth(signal)}
              whole
              tabIndex={0}
              onToggle={() => setOpen(open === signal.id ? null : signal.id)}
              onShow={() => window.open(evidencePath(signal), '_blank', 'noopener')}
              onAcknowledge={() => acknowledge(signal.id)}
            />
          </li>
        ))}
      </ul>
    </>
  );
}

function rowOf({ mark, ...signal }: Signals[number]): BoardRow {
  const phase = phaseOf(signal, mark, Math.max(Date.now() * 1000, usOf(signal.found)));
  return {
    key: signal.id,
    signal,
    phase,
    count: 1,
    fresh: phase === 'new' ? [signal.id] : [],
    severity: signal.severity,
    ids: [signal.id],
  };
}
