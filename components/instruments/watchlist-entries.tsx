'use client';

import clsx from 'clsx';
import { ArrowDown, ArrowUp, X } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { livePath } from '../../lib/client/instruments.ts';
import { orderEntries, removeEntry, setDeep } from '../../lib/client/watching.ts';
import type { RuleView, WatchEntryView, WatchlistView } from '../../lib/core/watching.ts';
import { Failure, IconButton, SmallButton } from './form-parts.tsx';
import { dayOf } from './instrument-words.ts';
import { movedBy } from './moved-by.ts';
import { useChange } from './use-change.ts';

/** Of a long list so many are shown at first. */
const SHOWN = 25;

export function WatchlistEntries({ list, mayChange }: { list: WatchlistView; mayChange: boolean }) {
  const [whole, setWhole] = useState(false);
  const order = useChange((ids: readonly number[]) => orderEntries(list.id, ids));
  const remove = useChange(removeEntry);
  const deep = useChange(({ id, deep: wanted }: { id: number; deep: boolean }) => setDeep(id, wanted));
  const ids = list.entries.map(({ id }) => id);
  const shown = whole ? list.entries : list.entries.slice(0, SHOWN);
  if (list.entries.length === 0) {
    return <p className="px-3 py-3 text-muted">Nothing stands in this list yet.</p>;
  }
  return (
    <>
      <ul aria-label={`Entries of ${list.name}`}>
        {shown.map((entry, at) => {
          const name = nameOf(entry);
          return (
            <li key={entry.id} className="flex items-center gap-1 border-b border-line px-3 py-1">
              <Words entry={entry} />
              {mayChange ? (
                <>
                  <button
                    type="button"
                    aria-pressed={entry.deep}
                    title="First in line for one of the few 200-level slots"
                    disabled={deep.busy}
                    onClick={() => deep.change({ id: entry.id, deep: !entry.deep })}
                    className={clsx(
                      'min-h-6 shrink-0 rounded border px-1.5 text-[11px]',
                      entry.deep ? 'border-best-bid text-best-bid' : 'border-line text-muted hover:bg-hover',
                    )}
                  >
                    {entry.deep ? '✓ ' : ''}200 first<span className="sr-only"> for {name}</span>
                  </button>
                  <IconButton
                    label={`Move ${name} up`}
                    disabled={at === 0 || order.busy}
                    onClick={() => order.change(movedBy(ids, at, -1))}
                  >
                    <ArrowUp aria-hidden="true" className="size-3.5" />
                  </IconButton>
                  <IconButton
                    label={`Move ${name} down`}
                    disabled={at === ids.length - 1 || order.busy}
                    onClick={() => order.change(movedBy(ids, at, 1))}
                  >
                    <ArrowDown aria-hidden="true" className="size-3.5" />
                  </IconButton>
                  <IconButton
                    label={`Take ${name} from ${list.name}`}
                    disabled={remove.busy}
                    onClick={() => remove.change(entry.id)}
                  >
                    <X aria-hidden="true" className="size-3.5" />
                  </IconButton>
                </>
              ) : null}
            </li>
          );
        })}
      </ul>
      {list.entries.length > SHOWN ? (
        <SmallButton onClick={() => setWhole(!whole)} className="m-2">
          {whole ? `Show the first ${SHOWN}` : `Show all ${list.entries.length.toLocaleString('en-IN')}`}
        </SmallButton>
      ) : null}
      <Failure detail={order.failure ?? remove.failure ?? deep.failure} />
    </>
  );
}

const nameOf = ({ instrument, rule }: WatchEntryView): string => instrument?.slug ?? rule?.words ?? 'an entry';

function Words({ entry: { instrument, rule } }: { entry: WatchEntryView }) {
  if (rule) return <RuleWords rule={rule} />;
  if (!instrument) return <span className="min-w-0 flex-1 text-muted">An instrument that is not known any more</span>;
  return (
    <span className="min-w-0 flex-1">
      <Link
        href={livePath(instrument.slug)}
        prefetch={false}
        className="inline-block min-h-6 font-semibold leading-6 hover:underline"
      >
        {instrument.symbol}
      </Link>{' '}
      <span className="text-[11px] text-muted">{instrument.exchange}</span>{' '}
      <span className="text-muted">
        {instrument.expiry ? `${dayOf(instrument.expiry)} · ` : ''}
        {instrument.listed ? levelsOf(instrument.levels) : 'no longer listed by the brokers'}
      </span>
    </span>
  );
}

const levelsOf = (levels: number): string => (levels > 0 ? `${levels} levels` : 'waits for a slot');

function RuleWords({ rule: { words, count, strike, note } }: { rule: RuleView }) {
  const answer =
    count === null ? 'being looked at' : count === 1 ? '1 instrument' : `${count.toLocaleString('en-IN')} instruments`;
  const at = strike === null ? '' : `, at ${strike.toLocaleString('en-IN')}`;
  return (
    <span className="min-w-0 flex-1">
      <span className="mr-1 rounded bg-raised px-1 text-[11px] text-muted">rule</span>
      {words}{' '}
      <span className="text-muted">
        · {answer}
        {at}
      </span>
      {note ? <span className="block text-warn">{note}</span> : null}
    </span>
  );
}
