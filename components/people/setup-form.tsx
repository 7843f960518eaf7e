'use client';

import { type FormEvent, useState } from 'react';
import { send } from '../../lib/client/api.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { signIn } from '../../lib/client/sign-in.ts';
import { Fault, Field, SubmitButton } from '../shell/field.tsx';

interface Props {
  readonly code: string;
  readonly role: 'owner' | 'viewer';
  /** Whose password is chosen anew; null: somebody new, who chooses a name. */
  readonly name: string | null;
}

/** Name and password of somebody who came by a one-time link; signs them in. */
export function SetupForm({ code, role, name }: Props) {
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const password = String(fields.get('password') ?? '');
    if (password !== fields.get('again')) {
      setFault('The two passwords differ.');
      return;
    }
    setBusy(true);
    setFault(null);
    try {
      const made = await send<{ name: string }>('POST', '/api/setup', {
        code,
        name: name ?? String(fields.get('name') ?? ''),
        password,
      });
      location.assign(await signIn({ name: made.name, password }, '/'));
    } catch (error) {
      setFault(asProblem(error).detail);
      setBusy(false);
    }
  };

  return (
    <form
      method="post"
      onSubmit={(event) => void submit(event)}
      onInput={() => setFault(null)}
      className="flex flex-col gap-3"
    >
      {name === null ? (
        <>
          <p className="text-muted">
            {role === 'owner'
              ? 'You become an owner: you connect brokers, choose what is recorded and invite others.'
              : 'You become a viewer: you see everything but tokens, and change nothing.'}
          </p>
          <Field
            label="Name"
            name="name"
            autoComplete="username"
            autoCapitalize="none"
            autoFocus
            required
            maxLength={64}
          />
        </>
      ) : (
        <p className="text-muted">
          For {name}. Everywhere else you are signed out, and a second factor is off until you switch it on again.
        </p>
      )}
      {/* Password managers keep it under the name. */}
      {name === null ? null : <input type="hidden" name="username" autoComplete="username" value={name} readOnly />}
      <Field
        label="Password"
        hint="At least 8 characters; a few words with spaces are fine."
        name="password"
        type="password"
        autoComplete="new-password"
        autoFocus={name !== null}
        required
      />
      <Field label="Password, once more" name="again" type="password" autoComplete="new-password" required />
      <Fault>{fault}</Fault>
      <SubmitButton busy={busy} wide>
        {busy ? 'Setting up…' : 'Set the password and sign in'}
      </SubmitButton>
    </form>
  );
}
