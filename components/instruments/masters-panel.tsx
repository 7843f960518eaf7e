'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fetchMasters } from '../../lib/client/watching.ts';
import type { MastersView } from '../../lib/core/watching.ts';
import { LoadFailure } from '../shell/load-failure.tsx';
import { fieldClass } from './form-parts.tsx';
import { dayOf } from './instrument-words.ts';

const LOOK_MS = 30_000;

/** How the brokers' instrument dumps were joined, and what could not be. */
export function MastersPanel() {
  const [search, setSearch] = useState('');
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['masters', search],
    queryFn: ({ signal }) => fetchMasters(search, signal),
    placeholderData: keepPreviousData,
    refetchInterval: LOOK_MS,
  });
  return (
    <section aria-label="Instrument dumps" className="min-w-0">
      <h2 className="font-semibold">The brokers’ lists of instruments</h2>
      {error ? <LoadFailure what="The report" error={error} onRetry={() => void refetch()} /> : null}
      {isPending ? <p className="py-4 text-muted">Loading the report…</p> : null}
      {data ? <Report report={data} /> : null}
      {data && (data.unjoined.total > 0 || search !== '') ? (
        <details className="mt-3">
          <summary className="min-h-6 leading-6">
            What could not be joined: {data.unjoined.total.toLocaleString('en-IN')}
          </summary>
          <input
            type="search"
            aria-label="Search in what could not be joined"
            placeholder="NSE:RELIANCE"
            maxLength={100}
            value={search}
            onChange={({ target }) => setSearch(target.value)}
            className={`${fieldClass} mt-2 w-full`}
          />
          <ul className="mt-2">
            {data.unjoined.rows.map(({ broker, exchange, symbol, number, reason }) => (
              <li key={`${broker} ${exchange} ${number}`} className="border-t border-line py-1">
                {exchange}:{symbol}{' '}
                <span className="text-muted">
                  ({broker === 'kite' ? 'Kite' : 'Dhan'}, {number}): {reason}
                </span>
              </li>
            ))}
          </ul>
          {data.unjoined.rows.length < data.unjoined.total ? (
            <p className="mt-1 text-muted">The first {data.unjoined.rows.length} of them; search for others.</p>
          ) : null}
        </details>
      ) : null}
    </section>
  );
}

const timeFormat = new Intl.DateTimeFormat('en-IN', {
  day: '2-digit',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
  timeZone: 'Asia/Kolkata',
});

function Report({ report: { loadedS, files, exchanges } }: { report: MastersView }) {
  if (loadedS === null) return <p className="mt-1 text-muted">No list has been loaded yet.</p>;
  return (
    <>
      <p className="mt-1 text-muted">Loaded {timeFormat.format(loadedS * 1000)} IST.</p>
      <ul className="mt-1">
        {files.map(({ broker, day, rows, leftOut, failure }) => (
          <li key={broker}>
            {broker === 'kite' ? 'Kite' : 'Dhan'}: {rows.toLocaleString('en-IN')} instruments, list of {dayOf(day)}
            {leftOut > 0 ? (
              <span className="block text-warn">
                {leftOut.toLocaleString('en-IN')} {leftOut === 1 ? 'row was' : 'rows were'} damaged or repeated, and
                left out
              </span>
            ) : null}
            {failure ? <span className="block text-warn">Not today’s: {failure}</span> : null}
          </li>
        ))}
      </ul>
      <table className="mt-2 w-full text-right">
        <thead className="text-muted">
          <tr>
            <th className="text-left font-normal">Exchange</th>
            <th className="font-normal">Kite</th>
            <th className="font-normal">Dhan</th>
            <th className="font-normal">Joined</th>
          </tr>
        </thead>
        <tbody>
          {exchanges.map(({ exchange, kite, dhan, joined }) => (
            <tr key={exchange} className="border-t border-line">
              <td className="py-1 text-left">{exchange}</td>
              <td className="py-1">{kite.toLocaleString('en-IN')}</td>
              <td className="py-1">{dhan.toLocaleString('en-IN')}</td>
              <td className="py-1">{joined.toLocaleString('en-IN')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
