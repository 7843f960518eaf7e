'use client';

import { type FormEvent, useId, useState } from 'react';
import { pasteDhanToken } from '../../lib/client/connections.ts';
import { asProblem } from '../../lib/client/problem.ts';
import { BUTTON } from './broker-card.tsx';

/** A conflict that the person may overrule: the token's type. */
const ASKS = 409;

/** The second way in: a token that was made on web.dhan.co. */
export function PasteToken({ onPasted }: { onPasted(): void }) {
  const id = useId();
  const [token, setToken] = useState('');
  const [said, setSaid] = useState('');
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setBusy(true);
    void pasteDhanToken(token, asked)
      .then(({ message }) => {
        setToken('');
        setAsked(false);
        setSaid(message);
        onPasted();
      })
      .catch((error: unknown) => {
        const { status, detail } = asProblem(error);
        setAsked(status === ASKS && /type APP/.test(detail));
        setSaid(detail);
      })
      .finally(() => setBusy(false));
  };
  return (
    <details className="mt-3">
      <summary className="text-best-bid">Paste a token made on web.dhan.co instead</summary>
      <form onSubmit={submit} className="mt-2 flex flex-wrap items-end gap-2">
        <label htmlFor={id} className="grid min-w-0 flex-1 basis-60 gap-1">
          <span className="text-muted">Access token</span>
          <input
            id={id}
            type="password"
            autoComplete="off"
            required
            value={token}
            onChange={({ target }) => {
              setToken(target.value);
              setAsked(false);
            }}
            className="h-8 w-full rounded border border-edge bg-raised px-2 font-mono"
          />
        </label>
        <button type="submit" className={BUTTON} disabled={busy}>
          {asked ? 'Use it all the same' : 'Use this token'}
        </button>
      </form>
      <p role="status" className="mt-1">
        {said}
      </p>
    </details>
  );
}
