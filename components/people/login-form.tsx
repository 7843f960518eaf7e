'use client';

import { type FormEvent, useState } from 'react';
import { asProblem } from '../../lib/client/problem.ts';
import { needsCode, signIn, signInWithProvider } from '../../lib/client/sign-in.ts';
import { Fault, Field, SubmitButton } from '../shell/field.tsx';

interface Props {
  /** Where to go afterwards, on this server. */
  readonly next: string;
  /** Name of the provider one may sign in with; null: there is none. */
  readonly provider: string | null;
  /** What went wrong with it before. */
  readonly failure: string | null;
}

export function LoginForm({ next, provider, failure }: Props) {
  const [fault, setFault] = useState(failure);
  const [busy, setBusy] = useState(false);
  const [codeWanted, setCodeWanted] = useState(false);

  const go = async (begin: () => Promise<string>): Promise<void> => {
    setBusy(true);
    setFault(null);
    try {
      // A whole new page: nothing of who was here before stays in memory.
      location.assign(await begin());
    } catch (error) {
      const problem = asProblem(error);
      setFault(codeWanted || !needsCode(problem) ? problem.detail : null);
      if (needsCode(problem)) setCodeWanted(true);
      setBusy(false);
    }
  };
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const text = (name: string): string => String(fields.get(name) ?? '');
    const code = codeWanted ? { code: text('code') } : {};
    void go(() => signIn({ name: text('name'), password: text('password'), ...code }, next));
  };

  return (
    <>
      {/* Sent before its script has come, a form without a method would write the password into the address. */}
      <form method="post" onSubmit={submit} onInput={() => setFault(null)} className="flex flex-col gap-3">
        <Field
          label="Name"
          name="name"
          autoComplete="username"
          autoCapitalize="none"
          autoFocus
          required
          maxLength={200}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          maxLength={1000}
        />
        {codeWanted ? (
          <Field
            label="Code"
            hint="The six digits that your authenticator app shows, or a recovery code."
            name="code"
            autoComplete="one-time-code"
            autoFocus
            required
            maxLength={100}
          />
        ) : null}
        <Fault>{fault}</Fault>
        <SubmitButton busy={busy} wide>
          {busy ? 'Signing in…' : 'Sign in'}
        </SubmitButton>
      </form>
      {provider === null ? null : (
        <button
          type="button"
          disabled={busy}
          onClick={() => void go(() => signInWithProvider(next))}
          className="mt-3 w-full rounded border border-edge bg-raised px-3 py-1.5 font-medium hover:bg-hover disabled:opacity-60"
        >
          Sign in with {provider}
        </button>
      )}
      <p className="mt-4 text-muted">
        No password yet, or forgotten? On the machine that runs Gehra,{' '}
        <code className="text-ink">./gehra sign-in-link</code> prints a link.
      </p>
    </>
  );
}
