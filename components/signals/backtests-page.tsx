'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { BacktestTold } from '../../lib/api/backtests.ts';
import { ask, send } from '../../lib/client/api.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { isEnded } from '../../lib/core/backtests.ts';
import { Answer } from '../shell/answer.tsx';
import { Outcome, Panel } from '../shell/form-parts.tsx';
import { useMe } from '../shell/use-me.ts';
import { BacktestForm, type DetectorParameters } from './backtest-form.tsx';
import { BacktestItem } from './backtest-item.tsx';
import { BacktestResults } from './backtest-results.tsx';

const PATH = '/api/signals/backtests';
const KEY = ['backtests'];
/** While one is under way, and while none is, ms. */
const LOOK_MS = { busy: 1000, idle: 15_000 };

interface List {
  readonly backtests: readonly BacktestTold[];
}

interface Action {
  readonly method: 'POST' | 'DELETE';
  readonly path: string;
  readonly id: number;
  /** What is said when it is done. */
  readonly done: string;
}

/** Backtests: the way to ask for one, what became of each, and one or two of them in full. */
export function BacktestsPage({ detectors }: { readonly detectors: DetectorParameters }) {
  const client = useQueryClient();
  const role = useMe()?.role;
  const [shown, setShown] = useState<readonly number[]>([]);
  const [said, setSaid] = useState<{ readonly fault: string | null; readonly done: string | null }>({
    fault: null,
    done: null,
  });
  const query = useQuery({
    queryKey: KEY,
    queryFn: () => ask<List>(PATH),
    refetchInterval: ({ state }) =>
      state.data?.backtests.some((one) => !isEnded(one.state)) ? LOOK_MS.busy : LOOK_MS.idle,
  });
  const look = (): Promise<void> => client.invalidateQueries({ queryKey: KEY });
  const act = useMutation({
    mutationFn: ({ path, method, id }: Action) => send(method, path, { id }),
    onSuccess: (_answer, { done }) => setSaid({ fault: null, done }),
    onError: (error) => setSaid({ fault: asProblem(error).detail, done: null }),
    onSettled: look,
  });
  return (
    <>
      <Panel title="New backtest">
        {role === 'viewer' ? (
          <p className="text-muted">You are a viewer: owners alone begin backtests. You can look at their results.</p>
        ) : (
          <BacktestForm detectors={detectors} onBegun={() => void look()} />
        )}
      </Panel>
      <Panel title="Backtests so far">
        <Answer query={query} what="the backtests">
          {({ backtests }) => (
            <>
              <Outcome {...said} />
              {backtests.length === 0 ? (
                <p className="py-4 text-muted">Nothing has been backtested yet.</p>
              ) : (
                <ul aria-label="Backtests" className="divide-y divide-line border-t border-line">
                  {backtests.map((one) => (
                    <BacktestItem
                      key={one.id}
                      item={one}
                      mayChange={role === 'owner' && !act.isPending}
                      isShown={shown.includes(one.id)}
                      onShow={(is) => {
                        // The newest choice beside the one before it.
                        const others = shown.filter((id) => id !== one.id);
                        setShown(is ? [...others, one.id].slice(-2) : others);
                      }}
                      onCancel={() =>
                        act.mutate({ method: 'POST', path: `${PATH}/cancel`, id: one.id, done: 'Cancelled.' })
                      }
                      onDelete={() => {
                        setShown(shown.filter((id) => id !== one.id));
                        act.mutate({ method: 'DELETE', path: PATH, id: one.id, done: 'Deleted.' });
                      }}
                    />
                  ))}
                </ul>
              )}
            </>
          )}
        </Answer>
      </Panel>
      {shown.length === 0 ? null : <BacktestResults ids={shown.toSorted((a, b) => a - b)} />}
    </>
  );
}
