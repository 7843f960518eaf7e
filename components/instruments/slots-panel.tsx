'use client';

import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import Link from 'next/link';
import { useState } from 'react';
import { livePath } from '../../lib/client/instruments.ts';
import { fetchSlotInstruments, fetchSlots } from '../../lib/client/watching.ts';
import type { FeedKind } from '../../lib/core/feeds.ts';
import type { FeedView, KindView } from '../../lib/core/watching.ts';
import { Dialog } from '../shell/dialog.tsx';
import { LoadFailure } from '../shell/load-failure.tsx';
import { SmallButton } from './form-parts.tsx';

const LOOK_MS = 2000;
const KIND_WORDS: Readonly<Record<FeedKind, string>> = {
  ticks: 'Kite: ticks, 5 levels',
  live: 'Dhan: ticks, 5 levels',
  depth20: 'Dhan: 20 levels',
  depth200: 'Dhan: 200 levels',
};
const STATE_WORDS: Readonly<Record<string, string>> = {
  live: 'live',
  stale: 'stale',
  connecting: 'connecting',
  backing_off: 'waits to connect again',
  needs_login: 'needs a login',
  market_closed: 'market closed',
  down: 'down',
};

/** What the slots of the brokers' feeds are used for, and who is asked for in vain. */
export function SlotsPanel() {
  const [shown, setShown] = useState<{ feed: string | null } | null>(null);
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['slots'],
    queryFn: ({ signal }) => fetchSlots(signal),
    refetchInterval: LOOK_MS,
  });
  const feeds = (data ?? []).flatMap((kind) => kind.feeds);
  const silent = feeds.reduce((sum, feed) => sum + feed.silent, 0);
  return (
    <section aria-label="Slots" className="min-w-0">
      <h2 className="font-semibold">Slots of the feeds</h2>
      {error ? <LoadFailure what="The slots" error={error} onRetry={() => void refetch()} /> : null}
      {isPending ? <p className="py-4 text-muted">Loading slots…</p> : null}
      <ul className="mt-2 flex flex-col gap-3">
        {data?.map((kind) => (
          <Kind key={kind.kind} kind={kind} onShow={(feed) => setShown({ feed })} />
        ))}
      </ul>
      {data ? (
        <p className="mt-3 flex flex-wrap items-center gap-2">
          <span className={silent > 0 ? 'text-warn' : 'text-muted'}>
            {silent > 0 ? `Asked for and silent: ${silent.toLocaleString('en-IN')}` : calmWords(feeds)}
          </span>
          {silent > 0 ? <SmallButton onClick={() => setShown({ feed: null })}>Which are they?</SmallButton> : null}
        </p>
      ) : null}
      <Dialog
        open={shown !== null}
        title={shown?.feed ? `Instruments of ${shown.feed}` : 'Asked for and silent'}
        onClose={() => setShown(null)}
      >
        {shown ? <SlotInstruments feed={shown.feed} /> : null}
      </Dialog>
    </section>
  );
}

/** What is said where nothing is known to be silent: of what is not asked, nothing is known. */
function calmWords(feeds: readonly FeedView[]): string {
  if (feeds.length === 0) return 'Nothing is asked of the brokers yet.';
  const closed = feeds.filter(({ state }) => state === 'market_closed').length;
  if (closed === feeds.length) return 'The market is closed: nothing is asked of the brokers until it opens.';
  return closed > 0
    ? 'Everything whose market is open has given data.'
    : 'Everything that is asked for has given data.';
}

/** States in which a connection to the broker stands. */
const isOpen = ({ state }: FeedView): boolean => state === 'live' || state === 'stale';

function Kind({
  kind: { kind, allowed, documented, because, used, feeds },
  onShow,
}: {
  kind: KindView;
  onShow(feed: string): void;
}) {
  const room = allowed.slots * allowed.instruments;
  const open = feeds.filter(isOpen).length;
  const less = allowed.slots < documented.slots || allowed.instruments < documented.instruments;
  return (
    <li className="rounded border border-line bg-panel px-3 py-2">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h3 className="font-medium">{KIND_WORDS[kind]}</h3>
        <span className="text-muted">
          {used.toLocaleString('en-IN')} of {room.toLocaleString('en-IN')} places · {feeds.length} of {allowed.slots}{' '}
          connections{open < feeds.length ? `, ${open === 0 ? 'none' : open} open` : ''}
        </span>
      </div>
      {/* The numbers stand above. However little is used, some of it is seen. */}
      <div aria-hidden="true" className="mt-1.5 mb-1 h-1 overflow-hidden rounded-full bg-line">
        <div className="h-full bg-bid" style={{ width: used > 0 ? `max(3px, ${(100 * used) / room}%)` : 0 }} />
      </div>
      {less && because ? <p className="mt-1 text-warn">The broker was seen to allow less. {because}</p> : null}
      <ul>
        {feeds.map((feed) => (
          <FeedLine key={feed.name} feed={feed} onShow={onShow} />
        ))}
      </ul>
    </li>
  );
}

/** What the calendar says of a closed market names it by itself. */
function stateWords({ state, detail }: FeedView): string {
  if (state === 'market_closed' && detail) return detail;
  return `${STATE_WORDS[state] ?? state}${detail ? `: ${detail}` : ''}`;
}

function FeedLine({ feed, onShow }: { feed: FeedView; onShow(feed: string): void }) {
  const { name, state, instruments, silent, only } = feed;
  return (
    <li className="mt-1 flex items-start gap-x-2">
      <span
        className={clsx(
          'shrink-0 font-mono text-[12px]',
          state === 'live' ? 'text-up' : state === 'market_closed' ? 'text-muted' : 'text-warn',
        )}
      >
        {state === 'live' ? '●' : '○'} {name}
      </span>
      <span className="min-w-0 flex-1 text-muted">
        <span className="break-all">{only ?? `${instruments.toLocaleString('en-IN')} instruments`}</span> ·{' '}
        {stateWords(feed)}
        {silent > 0 ? ` · ${silent.toLocaleString('en-IN')} silent` : ''}
      </span>
      <SmallButton onClick={() => onShow(name)}>
        Look<span className="sr-only"> into {name}</span>
      </SmallButton>
    </li>
  );
}

const timeFormat = new Intl.DateTimeFormat('en-IN', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
  timeZone: 'Asia/Kolkata',
});

function SlotInstruments({ feed }: { feed: string | null }) {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['slot instruments', feed],
    queryFn: ({ signal }) => fetchSlotInstruments(feed, signal),
    refetchInterval: LOOK_MS,
  });
  if (error) return <LoadFailure what="The instruments" error={error} onRetry={() => void refetch()} />;
  if (isPending) return <p className="text-muted">Loading…</p>;
  return (
    <>
      <p className="mb-2 text-muted">
        {data.instruments.length < data.total
          ? `The ${data.instruments.length} longest silent of ${data.total.toLocaleString('en-IN')}.`
          : `${data.total.toLocaleString('en-IN')} in all, the longest silent first.`}
      </p>
      <table className="w-full text-left">
        <thead className="text-muted">
          <tr>
            <th className="font-normal">Instrument</th>
            <th className="font-normal">First frame, IST</th>
            <th className="text-right font-normal">Last</th>
          </tr>
        </thead>
        <tbody>
          {data.instruments.map(({ slug, feed: of, firstS, ageMs }) => (
            <tr key={`${of} ${slug}`} className="border-t border-line">
              <td className="break-all py-1 pr-2">
                <Link href={livePath(slug)} prefetch={false} className="inline-block min-h-6 leading-6 hover:underline">
                  {slug}
                </Link>
                {feed === null ? <span className="text-muted"> on {of}</span> : null}
              </td>
              <td className="py-1">{firstS === null ? 'none yet' : timeFormat.format(firstS * 1000)}</td>
              <td className="py-1 text-right">{ageMs === null ? '' : ageOf(ageMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function ageOf(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s ago`;
  return ms < 120_000 ? `${Math.round(ms / 1000)} s ago` : `${Math.round(ms / 60_000)} min ago`;
}
