'use client';

import { Search } from 'lucide-react';
import { chordWords } from '../../lib/client/chord.ts';
import { keysOf } from '../../lib/client/key-bindings.ts';
import { SEARCH } from '../../lib/client/site-keys.ts';
import { SiteKeys } from './site-keys.tsx';
import { useBindings } from './use-keys.ts';

/** The search over every page with the header, by a button, and what the keys of every page open. */
export function SiteSearch() {
  const [key] = keysOf(SEARCH, useBindings());
  return (
    <SiteKeys
      search={(open) => (
        <button
          type="button"
          onClick={open}
          aria-label="Find an instrument"
          title={key === undefined ? 'Find an instrument' : `Find an instrument (${chordWords(key)})`}
          className="grid size-7 place-items-center rounded border border-line text-muted hover:bg-hover hover:text-ink"
        >
          <Search aria-hidden="true" className="size-4" />
        </button>
      )}
    />
  );
}
