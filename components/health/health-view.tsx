'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { ask } from '../../lib/client/api.ts';
import { COMPARED_MS, type Rates, ratesOf } from '../../lib/client/health-rates.ts';
import { asProblem } from '../../lib/client/problem.ts';
import type { Health } from '../../lib/core/health.ts';
import { formatIstDate, IST_OFFSET_MS } from '../../lib/core/ist.ts';
import { Answer } from '../shell/answer.tsx';
import { Panel } from '../shell/form-parts.tsx';
import { PipelineDiagram } from './pipeline-diagram.tsx';
import { ProcessTable } from './process-table.tsx';
import { StateMark } from './state-mark.tsx';

/** How often the page asks, ms. */
const ASK_MS = 2000;

/** The pipeline as it is now, what went wrong, and the processes. */
export function HealthView() {
  const query = useQuery({
    queryKey: ['health'],
    queryFn: () => ask<Health>('/api/health'),
    // Where there has never been an answer, why stands there, and a button to ask again.
    refetchInterval: ({ state }) => (state.error && !state.data ? false : ASK_MS),
    staleTime: 0,
    retry: false,
  });
  const { data, error } = query;
  const rates = useRates(data);
  return (
    <>
      {data && error ? <OldAnswer health={data} reason={asProblem(error).detail} /> : null}
      <Answer query={data ? { ...query, error: null } : query} what="how everything is">
        {(health: Health) => (
          <>
            <p className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1" role="status">
              <StateMark state={health.state} />
              <span>{health.words}</span>
            </p>
            <PipelineDiagram stages={health.stages} rates={rates} />
            <Incidents health={health} />
            <ProcessTable processes={health.processes} rates={rates} />
          </>
        )}
      </Answer>
    </>
  );
}

/** Rates over the answers of the last seconds. */
function useRates(current: Health | undefined): Rates {
  const [answers, setAnswers] = useState<readonly Health[]>([]);
  useEffect(() => {
    if (!current) return;
    setAnswers((before) => [
      ...before.filter(({ nowMs }) => nowMs < current.nowMs && nowMs >= current.nowMs - COMPARED_MS),
      current,
    ]);
  }, [current]);
  const newest = answers.at(-1);
  return newest ? ratesOf(answers.slice(0, -1), newest) : new Map();
}

function OldAnswer({ health, reason }: { health: Health; reason: string }) {
  return (
    <p role="alert" className="mt-3 rounded border border-warn px-3 py-2">
      {`Not of now: the last answer came at ${istTime(health.nowMs)} IST. ${reason}`}
    </p>
  );
}

/** `10:42:05`, IST. */
const istTime = (ms: number): string => new Date(ms + IST_OFFSET_MS).toISOString().slice(11, 19);

/** With its day where that is not today. */
function moment(ms: number, nowMs: number): string {
  const date = formatIstDate(ms * 1000);
  return `${date === formatIstDate(nowMs * 1000) ? '' : `${date} `}${istTime(ms)} IST`;
}

function Incidents({ health: { incidents, nowMs } }: { health: Health }) {
  return (
    <Panel title="Incidents">
      {incidents.length === 0 ? <p className="text-muted">Nothing has gone wrong in the last 24 hours.</p> : null}
      <ul className="divide-y divide-line" aria-label="Incidents">
        {incidents.map(({ fromMs, state, words, advice }) => (
          <li
            key={`${fromMs} ${state} ${words.replace(/ silent for .*/, '')}`}
            className="grid grid-cols-[auto_minmax(0,1fr)] items-start gap-x-4 gap-y-0.5 py-2 sm:grid-cols-[8rem_11rem_minmax(0,1fr)]"
          >
            <StateMark state={state} />
            <span className="text-muted tabular-nums">{fromMs === null ? 'now' : moment(fromMs, nowMs)}</span>
            <span className="min-w-0 break-words max-sm:col-span-2">
              {words}
              {advice === '' ? null : <span className="block text-muted">{advice}</span>}
              {state === 'down' && words.includes('waiting for a login') ? (
                <Link href="/connections" prefetch={false} className="underline">
                  Log in
                </Link>
              ) : null}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
