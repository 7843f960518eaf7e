'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import { ask, send } from '../../lib/client/api.ts';
import { asProblem } from '../../lib/client/problem.ts';
import type { Check, Grade } from '../../lib/core/finding.ts';
import { formatIstMinute } from '../../lib/core/ist.ts';
import { OwnersAct } from '../settings/owners-only.tsx';
import { Answer } from '../shell/answer.tsx';
import { Action, Outcome, Panel } from '../shell/form-parts.tsx';
import { GradeMark } from '../shell/grade-mark.tsx';
import { useMe } from '../shell/use-me.ts';

interface Rehearsal {
  readonly startedMs: number;
  readonly finishedMs: number;
  readonly askedBy: string;
  readonly verdict: Grade;
  readonly checks: readonly Check[];
}

const KEY = ['rehearsals'];
/** While one is under way the page asks this often, ms; otherwise it is looked at once a minute. */
const WAIT_MS = 1000;
const LOOK_MS = 60_000;
/** One that has brought nothing by then is not going to. */
const GIVE_UP_MS = 60_000;

const VERDICTS: Readonly<Record<Grade, string>> = {
  ok: 'Ready for the market',
  warn: 'Ready, with warnings',
  fail: 'Not ready for the market',
};

export function RehearsalResults() {
  const client = useQueryClient();
  /** Start of the newest when another was asked for; null where none is waited for. */
  const [waitsFrom, setWaitsFrom] = useState<number | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const role = useMe()?.role;
  const query = useQuery({
    queryKey: KEY,
    queryFn: async () => (await ask<{ rehearsals: readonly Rehearsal[] }>('/api/rehearsal')).rehearsals,
    refetchInterval: waitsFrom === null ? LOOK_MS : WAIT_MS,
  });
  const newestMs = query.data?.[0]?.startedMs ?? 0;
  const waiting = waitsFrom !== null && newestMs <= waitsFrom;
  useEffect(() => {
    if (waitsFrom === null) return;
    if (newestMs > waitsFrom) {
      setWaitsFrom(null);
      return;
    }
    const timer = setTimeout(() => {
      setWaitsFrom(null);
      setFault('The rehearsal has brought no result within a minute: see ./gehra logs jobs.');
    }, GIVE_UP_MS);
    return () => clearTimeout(timer);
  }, [waitsFrom, newestMs]);
  const run = useMutation({
    mutationFn: () => send('POST', '/api/rehearsal'),
    onMutate: () => setFault(null),
    onSuccess: () => {
      setWaitsFrom(newestMs);
      void client.invalidateQueries({ queryKey: KEY });
    },
    onError: (error) => setFault(asProblem(error).detail),
  });

  return (
    <>
      <div className="mt-4 flex flex-wrap items-center gap-3">
        <Action
          main
          disabled={role !== 'owner' || run.isPending || waiting || query.isPending}
          onClick={() => run.mutate()}
        >
          {waiting ? 'Running…' : 'Run now'}
        </Action>
        <p className="text-muted">
          Runs by itself at 08:45 IST on trading days.{' '}
          <Link href="/settings/notifications" className="underline">
            Who is told
          </Link>
        </p>
      </div>
      {role === 'viewer' ? <OwnersAct toDo="run one now" /> : null}
      <Outcome fault={fault} done={null} />
      <Answer query={query} what="the rehearsals">
        {([last, ...earlier]) =>
          last ? (
            <>
              <LastResult rehearsal={last} />
              {earlier.length > 0 ? <Earlier rehearsals={earlier} /> : null}
            </>
          ) : (
            <p className="py-6 text-muted">No rehearsal has been run yet.</p>
          )
        }
      </Answer>
    </>
  );
}

function LastResult({ rehearsal: { verdict, checks, startedMs, askedBy } }: { rehearsal: Rehearsal }) {
  return (
    <Panel title={VERDICTS[verdict]}>
      <p className="mb-3 text-muted">{`${moment(startedMs)}, ${askedBy === 'schedule' ? 'on schedule' : `asked for by ${askedBy}`}`}</p>
      <ul className="divide-y divide-line border-y border-line">
        {checks.map(({ name, title, result, words, link }) => (
          <li key={name} className="grid gap-x-4 gap-y-0.5 py-2 sm:grid-cols-[6rem_10rem_minmax(0,1fr)]">
            <GradeMark grade={result} />
            <span className="font-medium">{title}</span>
            <span className="break-words text-muted">
              {words}
              {link && result !== 'ok' ? (
                <>
                  {' '}
                  <Link href={link} prefetch={false} className="text-ink underline">
                    Put it right
                    <span className="sr-only">{`: ${title}`}</span>
                  </Link>
                </>
              ) : null}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Earlier({ rehearsals }: { rehearsals: readonly Rehearsal[] }) {
  return (
    <Panel title="Earlier">
      <ul className="divide-y divide-line">
        {rehearsals.map(({ startedMs, verdict, checks }) => (
          <li key={startedMs} className="grid gap-x-4 py-1.5 sm:grid-cols-[6rem_12rem_minmax(0,1fr)]">
            <GradeMark grade={verdict} />
            <span className="text-muted">{moment(startedMs)}</span>
            <span className="break-words">
              {checks
                .filter(({ result }) => result !== 'ok')
                .map(({ title }) => title)
                .join(', ') || `All ${checks.length} checks passed`}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const moment = (ms: number): string => `${formatIstMinute(ms)} IST`;
