'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ask, send } from '../../lib/client/api.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { dayOf } from '../instruments/instrument-words.ts';
import { Answer } from '../shell/answer.tsx';
import { Field } from '../shell/field.tsx';
import { Action, Outcome, Panel } from '../shell/form-parts.tsx';
import { useMe } from '../shell/use-me.ts';
import { OwnersAct } from './owners-only.tsx';

type Kind = 'holiday' | 'full_session' | 'muhurat';

interface SpecialDay {
  readonly date: string;
  readonly words: string;
  readonly kind: Kind;
  readonly name: string;
  readonly hours: { readonly start: string; readonly end: string } | null;
  readonly entered: boolean;
  readonly asks: boolean;
}

interface Hours {
  readonly mode: 'calendar' | 'always';
  readonly knownUntil: string;
  readonly fault: string | null;
  readonly segments: readonly { readonly title: string; readonly now: string; readonly assumed: string | null }[];
  readonly days: readonly { readonly date: string; readonly words: string; readonly hours: string }[];
  readonly special: readonly SpecialDay[];
}

const KEY = ['market hours'];
const PATH = '/api/settings/hours';
const LOOK_MS = 30_000;
const KIND_WORDS: Readonly<Record<Kind, string>> = {
  holiday: 'Holiday',
  full_session: 'Session with the usual hours',
  muhurat: 'Session with hours of its own',
};

export function MarketHoursView() {
  const query = useQuery({ queryKey: KEY, queryFn: () => ask<Hours>(PATH), refetchInterval: LOOK_MS });
  return (
    <Answer query={query} what="the market hours">
      {(hours) => (
        <>
          {hours.mode === 'always' ? (
            <p className="mt-4 rounded border border-line bg-panel px-4 py-2">
              The simulated market trades around the clock: recording does not go by these hours.
            </p>
          ) : null}
          {hours.fault ? (
            <p role="alert" className="mt-4 rounded border border-down px-4 py-2 break-words">{`${hours.fault}.`}</p>
          ) : null}
          {hours.special
            .filter(({ asks }) => asks)
            .map(({ date, words, name }) => (
              <p key={date} className="mt-4 rounded border border-warn px-4 py-2 text-warn">
                {`${name} on ${words} has a session whose hours are not known. Enter them below; until then that whole day is recorded.`}
              </p>
            ))}
          <Now hours={hours} />
          <Days hours={hours} />
          <Special hours={hours} />
        </>
      )}
    </Answer>
  );
}

function Now({ hours: { segments } }: { hours: Hours }) {
  return (
    <Panel title="Now">
      <ul className="divide-y divide-line">
        {segments.map(({ title, now, assumed }) => (
          <li key={title} className="grid gap-x-4 py-1.5 sm:grid-cols-[14rem_minmax(0,1fr)]">
            <span className="font-medium">{title}</span>
            <span>
              {now}
              {assumed ? <span className="block text-muted">{`Assumed: ${assumed}.`}</span> : null}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Days({ hours: { days, knownUntil } }: { hours: Hours }) {
  return (
    <Panel title="The next two weeks">
      <ul className="grid gap-x-8 sm:grid-cols-2">
        {days.map(({ date, words, hours }) => (
          <li key={date} className="flex gap-3 border-b border-line py-1.5">
            <span className="w-24 shrink-0 whitespace-nowrap text-muted">{words}</span>
            <span>{hours}</span>
          </li>
        ))}
      </ul>
      <p className="mt-2 text-muted">{`Continuous trading, IST. Holidays are known until ${dayOf(knownUntil)}.`}</p>
    </Panel>
  );
}

function Special({ hours: { special } }: { hours: Hours }) {
  const client = useQueryClient();
  const role = useMe()?.role;
  const [kind, setKind] = useState<Kind>('muhurat');
  const [fault, setFault] = useState<string | null>(null);
  const [done, setDone] = useState<string | null>(null);
  const act = useMutation({
    mutationFn: async ({ work }: { work: () => Promise<Hours>; done: string }) => work(),
    onMutate: () => {
      setFault(null);
      setDone(null);
    },
    onSuccess: (answer, { done: words }) => {
      client.setQueryData(KEY, answer);
      setDone(words);
    },
    onError: (error) => setFault(asProblem(error).detail),
  });
  const enter = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const text = (name: string): string => String(fields.get(name) ?? '');
    const hours = kind === 'muhurat' ? { hours: { start: text('start'), end: text('end') } } : {};
    const day = { date: text('date'), kind, name: text('name'), ...hours };
    act.mutate(
      {
        work: () => send('PUT', PATH, { day }),
        done: `Entered for ${dayOf(day.date)}. Recording follows within seconds.`,
      },
      { onSuccess: () => form.reset() },
    );
  };

  return (
    <Panel title="Special days">
      {special.length === 0 ? <p className="text-muted">None is known from today on.</p> : null}
      <ul className="divide-y divide-line">
        {special.map(({ date, words, kind: of, name, hours, entered }) => (
          <li key={date} className="flex flex-wrap items-center gap-x-4 gap-y-1 py-1.5">
            <span className="whitespace-nowrap text-muted sm:w-32">{`${words} ${date.slice(0, 4)}`}</span>
            <span className="grow">
              {`${name}: ${KIND_WORDS[of].toLowerCase()}${hours ? `, ${hours.start} to ${hours.end}` : ''}`}
            </span>
            {entered ? (
              <Action
                disabled={role !== 'owner' || act.isPending}
                onClick={() =>
                  act.mutate({
                    work: () => send('DELETE', `${PATH}?date=${date}`),
                    done: `Taken back: ${dayOf(date)}.`,
                  })
                }
              >
                Take back
                <span className="sr-only">{` ${dayOf(date)}`}</span>
              </Action>
            ) : null}
          </li>
        ))}
      </ul>
      <h3 className="mt-5 font-medium">Enter what was announced</h3>
      {role === 'viewer' ? <OwnersAct toDo="enter a day or take one back" /> : null}
      <form onSubmit={enter} className="mt-2">
        <fieldset disabled={role !== 'owner'} className="grid items-start gap-3 sm:grid-cols-2">
          <Field label="Date" name="date" type="date" required />
          <div>
            <label htmlFor="day-kind" className="mb-1 block font-medium">
              What it is
            </label>
            <select
              id="day-kind"
              value={kind}
              onChange={({ target }) => setKind(target.value as Kind)}
              className="h-8 w-full rounded border border-edge bg-raised px-2 text-ink"
            >
              {Object.entries(KIND_WORDS).map(([value, words]) => (
                <option key={value} value={value}>
                  {words}
                </option>
              ))}
            </select>
          </div>
          <Field label="Name" name="name" required maxLength={100} placeholder="Muhurat" className="sm:col-span-2" />
          {kind === 'muhurat' ? (
            <>
              <Field label="From (IST)" name="start" type="time" required />
              <Field label="To (IST)" name="end" type="time" required />
            </>
          ) : null}
          <div className="sm:col-span-2">
            <Action type="submit" main disabled={act.isPending}>
              Enter
            </Action>
          </div>
        </fieldset>
      </form>
      <Outcome fault={fault} done={done} />
    </Panel>
  );
}
