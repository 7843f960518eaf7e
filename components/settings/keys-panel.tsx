'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ask, send } from '../../lib/client/api.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { Fault, Field, SubmitButton } from '../shell/field.tsx';
import { LoadFailure } from '../shell/load-failure.tsx';
import { istMinute, Once, Section, SmallButton } from './parts.tsx';
import { useGuarded } from './password-guard.tsx';

interface Key {
  readonly id: number;
  readonly name: string;
  readonly prefix: string;
  readonly scope: 'read' | 'full';
  readonly madeBy: string | null;
  readonly made: string;
  readonly lastUsed: string | null;
  readonly revoked: string | null;
}

/** Keys of scripts: a list, and the way to make and revoke them. */
export function KeysPanel() {
  const queries = useQueryClient();
  const guarded = useGuarded();
  const { data, error, refetch } = useQuery({ queryKey: ['keys'], queryFn: () => ask<{ keys: Key[] }>('/api/keys') });
  const [fault, setFault] = useState<string | null>(null);
  const [made, setMade] = useState<string | null>(null);

  const run = async (work: () => Promise<void>): Promise<void> => {
    setFault(null);
    setMade(null);
    try {
      await guarded(work);
      await queries.invalidateQueries({ queryKey: ['keys'] });
    } catch (problem) {
      setFault(asProblem(problem).detail);
    }
  };
  const make = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    void run(async () => {
      const body = { name: fields.get('name'), scope: fields.get('scope') };
      setMade((await send<{ key: string }>('POST', '/api/keys', body)).key);
      form.reset();
    });
  };

  return (
    <>
      <Section title="New key">
        <p className="mb-3 text-muted">
          A script sends it with each request: <code className="text-ink">Authorization: Bearer KEY</code>. 20 requests
          a second, 40 at once.
        </p>
        <form method="post" onSubmit={make} onInput={() => setFault(null)} className="flex flex-wrap items-end gap-3">
          <Field
            label="Name"
            name="name"
            required
            maxLength={64}
            className="min-w-48 flex-1"
            placeholder="What it is for"
          />
          <label className="flex flex-col">
            <span className="mb-1 font-medium">It may</span>
            <select name="scope" defaultValue="read" className="rounded border border-edge bg-raised px-2 py-1.5">
              <option value="read">only read</option>
              <option value="full">read and change</option>
            </select>
          </label>
          <SubmitButton busy={false}>Make a key</SubmitButton>
        </form>
        {made ? (
          <Once label="Key" text={made}>
            Copy the key now: it is not shown again.
          </Once>
        ) : null}
        <div className="mt-3">
          <Fault>{fault}</Fault>
        </div>
      </Section>
      <Section title="Keys">
        {error ? <LoadFailure what="The keys" error={error} onRetry={() => void refetch()} /> : null}
        {data ? (
          <KeyList keys={data.keys} onRevoke={({ id }) => void run(() => send('DELETE', '/api/keys', { id }))} />
        ) : null}
        {!data && !error ? <p className="text-muted">Loading keys…</p> : null}
      </Section>
    </>
  );
}

function KeyList({ keys, onRevoke }: { keys: readonly Key[]; onRevoke(key: Key): void }) {
  if (keys.length === 0) return <p className="text-muted">There is no key yet.</p>;
  return (
    <ul className="divide-y divide-line rounded border border-line">
      {keys.map((key) => (
        <li key={key.id} className="flex flex-wrap items-center gap-x-3 gap-y-2 px-3 py-2">
          <div className="min-w-0 flex-1 basis-48">
            <p className="truncate font-medium">
              {key.name} <span className="font-mono text-[12px] font-normal text-muted">{key.prefix}…</span>
            </p>
            <p className="text-muted">
              {key.scope === 'full' ? 'reads and changes' : 'only reads'} · made {istMinute(key.made)}
              {key.madeBy === null ? '' : ` by ${key.madeBy}`} ·{' '}
              {key.lastUsed === null ? 'never used' : `used ${istMinute(key.lastUsed)}`}
            </p>
          </div>
          {key.revoked === null ? (
            <SmallButton onClick={() => onRevoke(key)}>
              Revoke<span className="sr-only"> {key.name}</span>
            </SmallButton>
          ) : (
            <span className="text-muted">revoked {istMinute(key.revoked)}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
