'use client';

import clsx from 'clsx';
import { Search } from 'lucide-react';
import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type KeyboardEvent, useId, useRef, useState } from 'react';
import { chordWords } from '../../lib/client/chord.ts';
import { livePath, SEARCH_LENGTH_MAX } from '../../lib/client/instruments.ts';
import { keysOf } from '../../lib/client/key-bindings.ts';
import { SEARCH } from '../../lib/client/site-keys.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { LoadFailure } from '../shell/load-failure.tsx';
import { useBindings, useKeys } from '../shell/use-keys.ts';
import { dayOf, typeOf } from './instrument-words.ts';
import { useInstruments } from './use-instruments.ts';

interface Props {
  readonly initialSearch: string;
  /** The key of the search brings the focus here from anywhere on the page. */
  readonly takesKey?: boolean;
  /** An instrument was chosen, and its page is being opened. */
  onChosen?(): void;
  /** Takes the chosen instrument; without it its page is opened. */
  onPick?(instrument: InstrumentSummary): void;
}

/** A search box and the instruments that match: arrows move through them, Enter opens one. */
export function InstrumentFinder({ initialSearch, takesKey = false, onChosen, onPick }: Props) {
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const listId = useId();
  const [search, setSearch] = useState(initialSearch);
  const [chosen, setChosen] = useState(0);
  const { data: instruments, error, isPending, refetch } = useInstruments(search);
  const at = Math.min(chosen, (instruments?.length ?? 1) - 1);
  const current = instruments?.[at];

  useKeys({ commands: takesKey ? [SEARCH] : [], act: () => input.current?.focus() });
  const [searchKey] = keysOf(SEARCH, useBindings());

  const open = (instrument: InstrumentSummary) => {
    onChosen?.();
    if (onPick) onPick(instrument);
    else router.push(livePath(instrument.slug));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && instruments) {
      event.preventDefault();
      setChosen(Math.min(Math.max(at + step, 0), instruments.length - 1));
    } else if (event.key === 'Enter' && current) {
      event.preventDefault();
      open(current);
    }
  };

  return (
    <div>
      <div className="flex items-center gap-2 rounded border border-edge bg-raised px-3 focus-within:outline-2 focus-within:outline-focus">
        <Search aria-hidden="true" className="size-4 text-muted" />
        <input
          ref={input}
          type="search"
          role="combobox"
          aria-label="Search instruments"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={current ? optionId(listId, current) : undefined}
          autoComplete="off"
          spellCheck={false}
          maxLength={SEARCH_LENGTH_MAX}
          placeholder="NIFTY DEC FUT, RELIANCE, 26000 CE …"
          value={search}
          onChange={({ target }) => {
            setSearch(target.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
          className="h-9 w-full bg-transparent outline-none placeholder:text-faint"
        />
        {takesKey && searchKey ? (
          <kbd className="rounded border border-line px-1.5 font-mono text-[11px] text-muted max-sm:hidden">
            {chordWords(searchKey)}
          </kbd>
        ) : null}
      </div>
      {error ? <LoadFailure what="The instruments" error={error} onRetry={() => void refetch()} /> : null}
      {isPending ? <p className="py-6 text-center text-muted">Loading instruments…</p> : null}
      {instruments?.length === 0 ? <Nothing search={search.trim()} /> : null}
      <div id={listId} role="listbox" aria-label="Instruments" className="mt-2">
        {instruments?.map((instrument, i) => (
          <Link
            key={instrument.id}
            id={optionId(listId, instrument)}
            href={livePath(instrument.slug)}
            prefetch={false}
            role="option"
            aria-selected={i === at}
            tabIndex={-1}
            onClick={(event) => {
              onChosen?.();
              if (!onPick) return;
              event.preventDefault();
              onPick(instrument);
            }}
            onPointerMove={() => setChosen(i)}
            className={clsx(
              'grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 border-b border-line px-3 py-2 sm:grid-cols-[14rem_minmax(0,1fr)_8rem_5.5rem]',
              i === at && 'bg-hover',
            )}
          >
            <Row instrument={instrument} />
          </Link>
        ))}
      </div>
    </div>
  );
}

const optionId = (listId: string, { id }: InstrumentSummary): string => `${listId}-${id}`;

function Row({ instrument }: { instrument: InstrumentSummary }) {
  return (
    <>
      <span className="truncate">
        <span className="font-semibold">{instrument.symbol}</span>
        <span className="ml-2 text-[11px] text-muted">{instrument.exchange}</span>
      </span>
      <span className="truncate text-muted max-sm:order-3">
        {instrument.name} · {typeOf(instrument)}
      </span>
      <span className="text-muted max-sm:order-4 max-sm:text-right">
        {instrument.expiry ? dayOf(instrument.expiry) : ''}
      </span>
      <span
        className={clsx(
          'justify-self-end rounded px-1.5 text-[11px] font-medium max-sm:order-2',
          instrument.levels > 0 ? 'bg-bid/20 text-best-bid' : 'text-faint',
        )}
      >
        {instrument.levels > 0 ? `${instrument.levels} levels` : 'not recorded'}
      </span>
    </>
  );
}

function Nothing({ search }: { search: string }) {
  return (
    <p className="py-6 text-center text-muted">
      {search === '' ? 'No instrument is subscribed yet.' : `No instrument matches “${search}”.`}
    </p>
  );
}
