'use client';

import { useState } from 'react';
import { createWatchlist } from '../../lib/client/watching.ts';
import { Failure, fieldClass, SmallButton } from './form-parts.tsx';
import { useChange } from './use-change.ts';

export function NewWatchlist() {
  const [name, setName] = useState('');
  const { change, busy, failure } = useChange(async (wanted: string) => {
    await createWatchlist(wanted);
    setName('');
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change(name.trim());
      }}
      className="flex flex-col gap-2"
    >
      <div className="flex gap-2">
        <input
          aria-label="Name of the new watchlist"
          placeholder="A new watchlist"
          maxLength={60}
          required
          value={name}
          onChange={({ target }) => setName(target.value)}
          className={`${fieldClass} flex-1`}
        />
        <SmallButton type="submit" disabled={busy || name.trim() === ''}>
          Create
        </SmallButton>
      </div>
      <Failure detail={failure} />
    </form>
  );
}
