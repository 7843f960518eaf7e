'use client';

import { ArrowDown, ArrowUp, Download, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { deleteWatchlist, orderWatchlists, renameWatchlist, textPath } from '../../lib/client/watching.ts';
import type { WatchlistView } from '../../lib/core/watching.ts';
import { Dialog } from '../shell/dialog.tsx';
import { AddToList } from './add-to-list.tsx';
import { Failure, fieldClass, IconButton, SmallButton } from './form-parts.tsx';
import { movedBy } from './moved-by.ts';
import { useChange } from './use-change.ts';
import { WatchlistEntries } from './watchlist-entries.tsx';

interface Props {
  readonly list: WatchlistView;
  readonly all: readonly WatchlistView[];
  readonly mayChange: boolean;
}

/** One watchlist: its name, its entries, and what can be done to it. */
export function WatchlistCard({ list, all, mayChange }: Props) {
  const [renaming, setRenaming] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const order = useChange(orderWatchlists);
  const ids = all.map(({ id }) => id);
  const at = ids.indexOf(list.id);
  return (
    <article aria-label={`Watchlist ${list.name}`} className="rounded border border-line bg-panel">
      <header className="flex flex-wrap items-center gap-x-2 gap-y-1 border-b border-line px-3 py-2">
        {renaming ? (
          <Renaming list={list} onDone={() => setRenaming(false)} />
        ) : (
          <h2 className="min-w-0 flex-1 truncate font-semibold">{list.name}</h2>
        )}
        <span className="text-muted">
          {list.entries.length === 1 ? '1 entry' : `${list.entries.length.toLocaleString('en-IN')} entries`}
        </span>
        <a
          href={textPath(list.id)}
          download
          aria-label={`Export ${list.name} as text`}
          title={`Export ${list.name} as text`}
          className="rounded p-1 text-muted hover:bg-hover hover:text-ink"
        >
          <Download aria-hidden="true" className="size-4" />
        </a>
        {mayChange ? (
          <>
            <IconButton label={`Rename ${list.name}`} onClick={() => setRenaming(!renaming)}>
              <Pencil aria-hidden="true" className="size-4" />
            </IconButton>
            <IconButton
              label={`Move ${list.name} up`}
              disabled={at === 0 || order.busy}
              onClick={() => order.change(movedBy(ids, at, -1))}
            >
              <ArrowUp aria-hidden="true" className="size-4" />
            </IconButton>
            <IconButton
              label={`Move ${list.name} down`}
              disabled={at === ids.length - 1 || order.busy}
              onClick={() => order.change(movedBy(ids, at, 1))}
            >
              <ArrowDown aria-hidden="true" className="size-4" />
            </IconButton>
            <IconButton label={`Delete ${list.name}`} onClick={() => setDeleting(true)}>
              <Trash2 aria-hidden="true" className="size-4" />
            </IconButton>
          </>
        ) : null}
      </header>
      <WatchlistEntries list={list} mayChange={mayChange} />
      {mayChange ? <AddToList list={list} /> : null}
      <Deleting list={list} open={deleting} onClose={() => setDeleting(false)} />
    </article>
  );
}

function Renaming({ list, onDone }: { list: WatchlistView; onDone(): void }) {
  const [name, setName] = useState(list.name);
  const { change, busy, failure } = useChange(async (wanted: string) => {
    await renameWatchlist(list.id, wanted);
    onDone();
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change(name.trim());
      }}
      className="flex min-w-0 flex-1 flex-wrap gap-2"
    >
      <input
        aria-label={`New name of ${list.name}`}
        // biome-ignore lint/a11y/noAutofocus: the field takes the place of the button that was pressed
        autoFocus
        maxLength={60}
        required
        value={name}
        onChange={({ target }) => setName(target.value)}
        className={`${fieldClass} flex-1`}
      />
      <SmallButton type="submit" disabled={busy || name.trim() === ''}>
        Rename
      </SmallButton>
      <Failure detail={failure} />
    </form>
  );
}

function Deleting({ list, open, onClose }: { list: WatchlistView; open: boolean; onClose(): void }) {
  const { change, busy, failure } = useChange(async () => {
    await deleteWatchlist(list.id);
    onClose();
  });
  return (
    <Dialog open={open} title={`Delete ${list.name}?`} onClose={onClose}>
      <p className="mb-4">
        What no other watchlist asks for is not recorded any more. What was recorded until now stays.
      </p>
      <Failure detail={failure} />
      <div className="mt-4 flex gap-2">
        <SmallButton onClick={() => change(undefined)} disabled={busy} className="border-down">
          Delete the watchlist
        </SmallButton>
        <SmallButton onClick={onClose}>Keep it</SmallButton>
      </div>
    </Dialog>
  );
}
