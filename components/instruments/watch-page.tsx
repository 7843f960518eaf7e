'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { fetchMasters, fetchWatchlists } from '../../lib/client/watching.ts';
import { LoadFailure } from '../shell/load-failure.tsx';
import { SmallButton } from './form-parts.tsx';
import { InstrumentPicker } from './instrument-picker.tsx';
import { MastersPanel } from './masters-panel.tsx';
import { NewWatchlist } from './new-watchlist.tsx';
import { SlotsPanel } from './slots-panel.tsx';
import { WatchlistCard } from './watchlist-card.tsx';

/** Rules move with the market: their answers are asked for again this often, ms. */
const LOOK_MS = 2000;
/** Lists with more entries than this are asked for less often. */
const MANY_ENTRIES = 500;
const LOOK_AT_MANY_MS = 15_000;

/** What is recorded: the watchlists that ask for it, the slots that it takes, and the dumps that it was chosen from. */
export function WatchPage() {
  const [searching, setSearching] = useState(false);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['watchlists'],
    queryFn: ({ signal }) => fetchWatchlists(signal),
    refetchInterval: ({ state }) => {
      const entries = state.data?.watchlists.reduce((sum, list) => sum + list.entries.length, 0) ?? 0;
      return entries > MANY_ENTRIES ? LOOK_AT_MANY_MS : LOOK_MS;
    },
  });
  const lists = data?.watchlists ?? [];
  return (
    <main className="mx-auto grid w-full max-w-7xl gap-x-8 gap-y-6 px-4 py-6 lg:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
      <div className="lg:col-span-2">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h1 className="text-lg font-semibold">Instruments</h1>
          <SmallButton onClick={() => setSearching(true)}>Search all instruments</SmallButton>
        </div>
        <InstrumentPicker open={searching} onClose={() => setSearching(false)} />
        <p className="mt-1 text-muted">
          What is recorded: watchlists say what is asked of the brokers, the most important first. A change is on the
          wire within seconds.
        </p>
      </div>
      <section aria-label="Watchlists" className="flex min-w-0 flex-col gap-4">
        {error ? <LoadFailure what="The watchlists" error={error} onRetry={() => void refetch()} /> : null}
        {isPending ? <p className="py-6 text-center text-muted">Loading watchlists…</p> : null}
        {data && !data.mayChange ? (
          <p className="rounded border border-edge px-3 py-2 text-muted">
            You see what is recorded; changing it takes the role owner.
          </p>
        ) : null}
        {data && lists.length === 0 ? <NoWatchlist /> : null}
        {lists.map((list) => (
          <WatchlistCard key={list.id} list={list} all={lists} mayChange={data?.mayChange ?? false} />
        ))}
        {data?.mayChange ? <NewWatchlist /> : null}
      </section>
      <div className="flex min-w-0 flex-col gap-6">
        <SlotsPanel />
        <MastersPanel />
      </div>
    </main>
  );
}

function NoWatchlist() {
  // As the panel of the dumps asks, which stands on the same page.
  const { data } = useQuery({ queryKey: ['masters', ''], queryFn: ({ signal }) => fetchMasters('', signal) });
  return (
    <div className="py-6 text-center text-muted">
      <p>There is no watchlist: nothing is recorded.</p>
      {data?.loadedS === null ? (
        <p className="mt-2">
          Gehra does not know the instruments yet.{' '}
          <Link href="/connections" prefetch={false} className="text-best-bid underline">
            Log in to a broker
          </Link>{' '}
          first: once its list of instruments has been loaded, the first watchlist is made by itself, with what
          INSTRUMENTS names in the file .env, or else the nearest futures of NIFTY and BANKNIFTY.
        </p>
      ) : null}
    </div>
  );
}
