'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ask, send } from '../../lib/client/api.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { Fault, Field, SubmitButton } from '../shell/field.tsx';
import { LoadFailure } from '../shell/load-failure.tsx';
import { istMinute, Section, SmallButton } from './parts.tsx';
import { SecondFactor } from './second-factor.tsx';

interface Session {
  readonly id: string;
  readonly began: string;
  readonly lastSeen: string;
  readonly address: string;
  readonly userAgent: string;
  readonly current: boolean;
}

interface Account {
  readonly name: string;
  readonly hasPassword: boolean;
  readonly hasSecondFactor: boolean;
  readonly recoveryCodesLeft: number;
  readonly sessions: readonly Session[];
}

/** One's own password, second factor and sessions. */
export function SecurityPanel() {
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({ queryKey: ['account'], queryFn: () => ask<Account>('/api/account') });
  const reload = (): Promise<void> => queries.invalidateQueries({ queryKey: ['account'] });
  if (error) return <LoadFailure what="Your account" error={error} onRetry={() => void refetch()} />;
  if (!data) return <p className="text-muted">Loading your account…</p>;
  return (
    <>
      {data.hasPassword ? (
        <>
          <ChangePassword onDone={reload} />
          <SecondFactor on={data.hasSecondFactor} recoveryCodesLeft={data.recoveryCodesLeft} onChange={reload} />
        </>
      ) : (
        <Section title="Password">
          <p className="text-muted">
            You sign in through the sign-in service, which keeps your password and second factor.
          </p>
        </Section>
      )}
      <Sessions sessions={data.sessions} onDone={reload} />
    </>
  );
}

function ChangePassword({ onDone }: { onDone(): Promise<void> }) {
  const [fault, setFault] = useState<string | null>(null);
  const [done, setDone] = useState(false);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    setDone(false);
    if (fields.get('next') !== fields.get('again')) {
      setFault('The two new passwords differ.');
      return;
    }
    setBusy(true);
    setFault(null);
    try {
      await send('PUT', '/api/account/password', { current: fields.get('current'), next: fields.get('next') });
      form.reset();
      setDone(true);
      await onDone();
    } catch (error) {
      setFault(asProblem(error).detail);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Section title="Password">
      <form
        method="post"
        onSubmit={(event) => void submit(event)}
        onInput={() => setFault(null)}
        className="flex max-w-sm flex-col gap-3"
      >
        <Field label="Password now" name="current" type="password" autoComplete="current-password" required />
        <Field
          label="New password"
          hint="At least 8 characters; a few words with spaces are fine."
          name="next"
          type="password"
          autoComplete="new-password"
          required
        />
        <Field label="New password, once more" name="again" type="password" autoComplete="new-password" required />
        <Fault>{fault}</Fault>
        <p role="status" className={done ? 'text-up' : 'sr-only'}>
          {done ? 'Changed. Everywhere else you are signed out.' : ''}
        </p>
        <div>
          <SubmitButton busy={busy}>Change the password</SubmitButton>
        </div>
      </form>
    </Section>
  );
}

function Sessions({ sessions, onDone }: { sessions: readonly Session[]; onDone(): Promise<void> }) {
  const [fault, setFault] = useState<string | null>(null);
  const end = async (): Promise<void> => {
    setFault(null);
    try {
      await send('DELETE', '/api/account/sessions');
      await onDone();
    } catch (error) {
      setFault(asProblem(error).detail);
    }
  };
  return (
    <Section title="Where you are signed in">
      <ul className="mb-3 divide-y divide-line rounded border border-line">
        {sessions.map((session) => (
          <li key={session.id} className="px-3 py-2">
            <p className="truncate" title={session.userAgent}>
              {session.current ? (
                <strong className="font-medium">This browser</strong>
              ) : (
                session.userAgent || 'Unknown program'
              )}
            </p>
            <p className="text-muted">
              from {session.address}, since {istMinute(session.began)}, last seen {istMinute(session.lastSeen)}
            </p>
          </li>
        ))}
      </ul>
      {sessions.length > 1 ? <SmallButton onClick={() => void end()}>Sign out everywhere else</SmallButton> : null}
      <div className="mt-3">
        <Fault>{fault}</Fault>
      </div>
    </Section>
  );
}
