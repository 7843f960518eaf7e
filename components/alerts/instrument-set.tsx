'use client';

import { Search, X } from 'lucide-react';
import { useState } from 'react';
import { formatWhole } from '../../lib/heatmap/format.ts';
import { useSubscribed } from '../panes/use-latest.ts';

const SHOWN_MAX = 30;

interface Props {
  readonly chosen: readonly string[];
  /** Only one can be chosen: another takes its place. */
  readonly single: boolean;
  readonly disabled?: boolean;
  onChange(chosen: readonly string[]): void;
}

/** Chooses among the instruments that are recorded, by a search over them. */
export function InstrumentSet({ chosen, single, disabled = false, onChange }: Props) {
  const { data, error } = useSubscribed();
  const [search, setSearch] = useState('');
  const words = search.trim().toUpperCase().split(/\s+/);
  const found = (data ?? []).filter(({ slug, name }) => {
    const text = `${slug} ${name}`.toUpperCase();
    return words.every((word) => text.includes(word));
  });
  const toggle = (slug: string): void => {
    if (chosen.includes(slug)) onChange(chosen.filter((each) => each !== slug));
    else onChange(single ? [slug] : [...chosen, slug]);
  };
  return (
    <div>
      {chosen.length > 0 ? (
        <ul aria-label="Chosen instruments" className="mb-2 flex flex-wrap gap-1.5">
          {chosen.map((slug) => (
            <li key={slug} className="flex items-center gap-1 rounded border border-edge bg-raised px-2">
              <span className="break-all">{slug}</span>
              <button
                type="button"
                aria-label={`Leave out ${slug}`}
                disabled={disabled}
                onClick={() => toggle(slug)}
                className="grid min-h-6 min-w-6 place-items-center rounded text-muted hover:bg-hover"
              >
                <X aria-hidden="true" className="size-3.5" />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      <div className="flex items-center gap-2 rounded border border-edge bg-raised px-2 focus-within:outline-2 focus-within:outline-focus">
        <Search aria-hidden="true" className="size-4 text-muted" />
        <input
          type="search"
          aria-label="Search the recorded instruments"
          autoComplete="off"
          spellCheck={false}
          maxLength={80}
          placeholder="NIFTY FUT"
          disabled={disabled}
          value={search}
          onChange={({ target }) => setSearch(target.value)}
          // Enter in a search does not send the form around it.
          onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
          className="h-8 w-full bg-transparent outline-none placeholder:text-faint"
        />
      </div>
      <fieldset
        aria-label="Recorded instruments"
        className="mt-1 max-h-40 min-w-0 overflow-y-auto rounded border border-line"
      >
        {found.slice(0, SHOWN_MAX).map(({ slug, name }) => (
          <label key={slug} className="flex min-h-6 items-center gap-2 px-2 py-0.5 hover:bg-hover">
            <input type="checkbox" disabled={disabled} checked={chosen.includes(slug)} onChange={() => toggle(slug)} />
            <span>{slug}</span>
            <span className="truncate text-muted max-sm:hidden">{name}</span>
          </label>
        ))}
        {found.length === 0 ? (
          <p className="px-2 py-1 text-muted">
            {error ? 'The instruments could not be loaded.' : data ? 'None is recorded that matches.' : 'Loading…'}
          </p>
        ) : null}
        {found.length > SHOWN_MAX ? (
          <p className="px-2 py-1 text-muted">{`${formatWhole(found.length - SHOWN_MAX)} more: type what they are called.`}</p>
        ) : null}
      </fieldset>
    </div>
  );
}
