'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import clsx from 'clsx';
import { useState } from 'react';
import type { Answer as ApiAnswer } from '../../lib/api/operations.ts';
import { ask, send } from '../../lib/client/api.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { Answer } from '../shell/answer.tsx';
import { Action, Outcome } from '../shell/form-parts.tsx';
import { DayCoverage } from './day-coverage.tsx';
import { shareWords } from './outcomes.ts';

type MonthAnswer = ApiAnswer<'/api/orderflow/reconciliation/month'>;
type CalendarDay = MonthAnswer['days'][number];

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
/** The comparison is looked for this often, ms. */
const LOOK_MS = 15_000;

const monthFormat = new Intl.DateTimeFormat('en-IN', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const dayFormat = new Intl.DateTimeFormat('en-IN', { day: 'numeric', month: 'long', timeZone: 'UTC' });

const thisMonth = (): string => new Date(Date.now() + 19_800_000).toISOString().slice(0, 7);

function monthAfter(month: string, by: number): string {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

export function CoverageCalendar() {
  const client = useQueryClient();
  const [month, setMonth] = useState(thisMonth);
  const [chosen, setChosen] = useState<string | null>(null);
  const query = useQuery({
    queryKey: ['coverage', month],
    queryFn: () => ask<MonthAnswer>(`/api/orderflow/reconciliation/month?month=${month}`),
    refetchInterval: LOOK_MS,
  });
  const compare = useMutation({
    mutationFn: () => send('POST', '/api/orderflow/reconciliation'),
    onSettled: () => client.invalidateQueries({ queryKey: ['coverage'] }),
  });
  return (
    <>
      <div className="mt-4 flex flex-wrap items-center gap-3">
        <Action aria-label="Month before" onClick={() => setMonth(monthAfter(month, -1))}>
          ‹
        </Action>
        <h2 aria-live="polite" className="min-w-36 text-center font-semibold">
          {monthFormat.format(Date.parse(`${month}-01`))}
        </h2>
        <Action aria-label="Month after" disabled={month >= thisMonth()} onClick={() => setMonth(monthAfter(month, 1))}>
          ›
        </Action>
        <Action className="ml-auto" disabled={compare.isPending} onClick={() => compare.mutate()}>
          Compare now
        </Action>
      </div>
      <Outcome
        fault={compare.error ? asProblem(compare.error).detail : null}
        done={compare.isSuccess ? 'Asked for: what is done appears here, instrument by instrument.' : null}
      />
      <Answer query={query} what="the coverage">
        {(answer) => {
          const day = chosen?.startsWith(month) ? chosen : dayToShow(answer);
          return (
            <>
              <Month days={answer.days} today={answer.today} chosen={day} onChoose={setChosen} />
              <DayCoverage key={day} day={day} />
            </>
          );
        }}
      </Answer>
    </>
  );
}

/** Today, or of another month its last day of which anything is known, else its last. */
function dayToShow({ days, today }: MonthAnswer): string {
  const isToday = days.find(({ date }) => date === today);
  return (isToday ?? days.findLast(({ found }) => found) ?? days.at(-1))?.date ?? today;
}

interface MonthProps {
  readonly days: readonly CalendarDay[];
  readonly today: string;
  readonly chosen: string;
  onChoose(date: string): void;
}

function Month({ days, today, chosen, onChoose }: MonthProps) {
  const first = new Date(days[0]?.date ?? today).getUTCDay();
  return (
    <div className="mt-4">
      <div aria-hidden="true" className="grid grid-cols-7 gap-1 text-center text-muted">
        {WEEKDAYS.map((name) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      <ol aria-label="Days" className="mt-1 grid grid-cols-7 gap-1">
        {days.map((day, i) => (
          <li key={day.date} style={i === 0 ? { gridColumnStart: ((first + 6) % 7) + 1 } : undefined}>
            <DayButton day={day} isChosen={day.date === chosen} isLater={day.date > today} onChoose={onChoose} />
          </li>
        ))}
      </ol>
    </div>
  );
}

interface DayButtonProps {
  readonly day: CalendarDay;
  readonly isChosen: boolean;
  readonly isLater: boolean;
  onChoose(date: string): void;
}

function DayButton({ day: { date, trading, name, found }, isChosen, isLater, onChoose }: DayButtonProps) {
  const words = found ? verdictOf(found) : trading ? '' : name || 'Closed';
  return (
    <button
      type="button"
      aria-pressed={isChosen}
      disabled={isLater}
      aria-label={`${dayFormat.format(Date.parse(date))}${found ? `, ${shareWords(found.coverage)} heard` : ''}${words ? `, ${words}` : ''}`}
      onClick={() => onChoose(date)}
      className={clsx(
        'flex h-16 w-full flex-col items-start overflow-hidden rounded border px-1.5 py-1 text-left max-sm:h-14 max-sm:px-1',
        isChosen ? 'border-focus bg-raised' : 'border-line bg-panel',
        isLater ? 'text-faint' : 'hover:bg-hover',
      )}
    >
      <span className={clsx('font-medium', !trading && 'text-muted')}>{Number(date.slice(8))}</span>
      {found ? (
        <span className="font-mono text-[11px] tabular-nums max-sm:text-[9px]">{shareWords(found.coverage)}</span>
      ) : null}
      <span
        className={clsx(
          'w-full truncate text-[11px] max-sm:text-[9px]',
          found ? (found.differs > 0 ? 'text-fault' : found.noCandles > 0 ? 'text-warn' : 'text-up') : 'text-muted',
        )}
      >
        {words}
      </span>
    </button>
  );
}

function verdictOf({ differs, noCandles, instruments }: NonNullable<CalendarDay['found']>): string {
  if (differs > 0) return `${differs} of ${instruments} differ`;
  if (noCandles > 0) return `${noCandles} without candles`;
  return `${instruments} agree`;
}
