'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ask, send } from '../../lib/client/api.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { Fault } from '../shell/field.tsx';
import { LoadFailure } from '../shell/load-failure.tsx';
import { Once, Section, SmallButton } from './parts.tsx';
import { useGuarded } from './password-guard.tsx';

interface Person {
  readonly id: number;
  readonly name: string;
  readonly role: 'owner' | 'viewer';
  readonly email: string | null;
  readonly hasPassword: boolean;
  readonly hasSecondFactor: boolean;
  readonly disabled: boolean;
  readonly self: boolean;
}

interface Link {
  readonly address: string;
  readonly words: string;
}

/** Who may come in: a list, and links for new people and forgotten passwords. */
export function PeoplePanel() {
  const queries = useQueryClient();
  const guarded = useGuarded();
  const { data, error, refetch } = useQuery({
    queryKey: ['people'],
    queryFn: () => ask<{ people: Person[] }>('/api/people'),
  });
  const [fault, setFault] = useState<string | null>(null);
  const [link, setLink] = useState<Link | null>(null);

  const run = async (work: () => Promise<void>): Promise<void> => {
    setFault(null);
    setLink(null);
    try {
      await guarded(work);
      await queries.invalidateQueries({ queryKey: ['people'] });
    } catch (problem) {
      setFault(asProblem(problem).detail);
    }
  };
  const makeLink = (route: string, body: object, words: string): Promise<void> =>
    run(async () => {
      const { path } = await send<{ path: string }>('POST', route, body);
      setLink({ address: `${location.origin}${path}`, words });
    });
  const change = (body: object): Promise<void> => run(() => send('PATCH', '/api/people', body));

  return (
    <>
      <Section title="People">
        {error ? <LoadFailure what="The people" error={error} onRetry={() => void refetch()} /> : null}
        {data ? (
          <PeopleList
            people={data.people}
            onChange={(body) => void change(body)}
            onPasswordLink={({ id, name }) =>
              void makeLink('/api/people/link', { id }, `${name} chooses a new password with it, within 15 minutes.`)
            }
          />
        ) : null}
        {!data && !error ? <p className="text-muted">Loading people…</p> : null}
        <div className="mt-3">
          <Fault>{fault}</Fault>
        </div>
      </Section>
      <Section title="Invite somebody">
        <p className="mb-2 text-muted">
          Whoever opens the link chooses a name and a password. A viewer sees everything but tokens and changes nothing;
          an owner does what you do.
        </p>
        <div className="flex flex-wrap gap-2">
          {(['viewer', 'owner'] as const).map((role) => (
            <SmallButton
              key={role}
              onClick={() =>
                void makeLink(
                  '/api/people',
                  { role },
                  `It works once, within 24 hours, and makes whoever opens it ${role === 'owner' ? 'an owner' : 'a viewer'}.`,
                )
              }
            >
              Link for {role === 'owner' ? 'an owner' : 'a viewer'}
            </SmallButton>
          ))}
        </div>
        {link ? (
          <Once label="Link" text={link.address}>
            Send them this link. {link.words} It is not shown again.
          </Once>
        ) : null}
      </Section>
    </>
  );
}

interface ListProps {
  readonly people: readonly Person[];
  onChange(body: { id: number; role?: Person['role']; disabled?: boolean }): void;
  onPasswordLink(person: Person): void;
}

function PeopleList({ people, onChange, onPasswordLink }: ListProps) {
  if (people.length === 0) return <p className="text-muted">Nobody has a sign-in yet.</p>;
  return (
    <ul className="divide-y divide-line rounded border border-line">
      {people.map((person) => (
        <li key={person.id} className="flex flex-wrap items-center gap-x-3 gap-y-2 px-3 py-2">
          <div className="min-w-0 flex-1 basis-48">
            <p className="truncate font-medium">
              {person.name}
              {person.self ? <span className="text-muted"> (you)</span> : null}
            </p>
            <p className="truncate text-muted">{wordsOf(person)}</p>
          </div>
          <label className="flex items-center gap-1.5">
            <span className="sr-only">Role of {person.name}</span>
            <select
              value={person.role}
              onChange={(event) => onChange({ id: person.id, role: event.currentTarget.value as Person['role'] })}
              className="rounded border border-edge bg-raised px-2 py-1"
            >
              <option value="viewer">Viewer</option>
              <option value="owner">Owner</option>
            </select>
          </label>
          {person.disabled ? null : (
            <SmallButton onClick={() => onPasswordLink(person)}>
              New password<span className="sr-only"> for {person.name}</span>
            </SmallButton>
          )}
          <SmallButton onClick={() => onChange({ id: person.id, disabled: !person.disabled })}>
            {person.disabled ? 'Enable' : 'Disable'}
            <span className="sr-only"> {person.name}</span>
          </SmallButton>
        </li>
      ))}
    </ul>
  );
}

function wordsOf({ disabled, email, hasPassword, hasSecondFactor }: Person): string {
  const parts = [
    disabled ? 'disabled' : null,
    email,
    hasPassword ? 'password' : 'sign-in service',
    hasSecondFactor ? 'second factor' : null,
  ];
  return parts.filter(Boolean).join(' · ');
}
