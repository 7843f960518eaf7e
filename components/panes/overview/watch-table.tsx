'use client';

import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import Link from 'next/link';
import { useMemo } from 'react';
import { livePath } from '../../../lib/client/instruments.ts';
import type { Latest } from '../../../lib/client/latest.ts';
import { fetchMinutes, sparkline } from '../../../lib/client/overview.ts';
import type { InstrumentSummary } from '../../../lib/core/instrument.ts';
import { decimalsOf, formatCompact, formatPrice, formatSigned } from '../../../lib/heatmap/format.ts';
import { Answer } from '../../shell/answer.tsx';
import { useLatest, useSubscribed } from '../use-latest.ts';

const SPARK_MS = 60_000;
const SPARK_WIDTH = 90;
const SPARK_HEIGHT = 20;
/** Lines are asked for one by one: the first of a long list have them. */
const SPARKS_MAX = 40;

/** All that is subscribed, with the last hour as a line. */
export function WatchTable() {
  const subscribed = useSubscribed();
  return (
    <section aria-label="Subscribed instruments" className="mt-4">
      <h2 className="mb-1 font-semibold">Subscribed</h2>
      <Answer query={subscribed} what="the subscribed instruments">
        {(instruments) =>
          instruments.length === 0 ? (
            <p className="text-muted">Nothing is subscribed. A watchlist says what to record.</p>
          ) : (
            <Rows instruments={instruments} />
          )
        }
      </Answer>
    </section>
  );
}

function Rows({ instruments }: { readonly instruments: readonly InstrumentSummary[] }) {
  const slugs = useMemo(() => instruments.map(({ slug }) => slug), [instruments]);
  const latest = useLatest(slugs);
  return (
    <Answer query={latest} what="the prices">
      {(known) => (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled by keys
        <section aria-label="Table of subscribed instruments" tabIndex={0} className="overflow-x-auto">
          <table className="w-full font-mono text-[11.5px] tabular-nums">
            <thead className="text-[10.5px] text-muted">
              <tr>
                {['Instrument', 'Last ₹', 'Change', '%', 'Last hour', 'Imbalance', 'Volume', 'OI', 'Levels'].map(
                  (title) => (
                    <th key={title} scope="col" className="px-1.5 py-1 text-right font-normal first:text-left">
                      {title}
                    </th>
                  ),
                )}
              </tr>
            </thead>
            <tbody>
              {instruments.map((instrument, at) => (
                <Row
                  key={instrument.slug}
                  instrument={instrument}
                  now={known.get(instrument.slug)}
                  hasLine={at < SPARKS_MAX}
                />
              ))}
            </tbody>
          </table>
        </section>
      )}
    </Answer>
  );
}

interface RowProps {
  readonly instrument: InstrumentSummary;
  readonly now: Latest | undefined;
  readonly hasLine: boolean;
}

function Row({ instrument, now, hasLine }: RowProps) {
  const { change = null, previousClose = null } = now ?? {};
  const percent = change !== null && previousClose ? (change / previousClose) * 100 : null;
  const colour = change === null || change === 0 ? 'text-ink' : change > 0 ? 'text-up' : 'text-down';
  const cell = 'px-1.5 py-0.5 text-right';
  return (
    <tr className={clsx('border-t border-line', now?.state === 'live' ? 'text-ink' : 'text-faint')}>
      <th scope="row" className="px-1.5 text-left font-normal">
        <Link href={livePath(instrument.slug)} prefetch={false} className="hover:underline">
          {instrument.symbol}
        </Link>
        {now && now.state !== 'live' ? <span className="text-warn"> {STATE_WORDS[now.state]}</span> : null}
      </th>
      <td className={cell}>{now?.lastPrice == null ? '–' : formatPrice(now.lastPrice, instrument)}</td>
      <td className={clsx(cell, colour)}>
        {change === null ? '–' : formatSigned(change / instrument.priceScale, decimalsOf(instrument))}
      </td>
      <td className={clsx(cell, colour)}>{percent === null ? '–' : formatSigned(percent, 2)}</td>
      <td className={cell}>{hasLine ? <Spark slug={instrument.slug} /> : null}</td>
      <td className={cell}>{now?.imbalance == null ? '–' : formatSigned(now.imbalance, 2)}</td>
      <td className={cell}>{now?.volume == null ? '–' : formatCompact(now.volume)}</td>
      <td className={cell}>{now?.oi ? formatCompact(now.oi) : '–'}</td>
      <td className={cell}>{instrument.levels}</td>
    </tr>
  );
}

const STATE_WORDS = { quiet: 'quiet', gap: 'gap', none: 'nothing yet', old: 'no answer' } as const;

/** Closes of the last hour's minutes; it says nothing that the numbers beside it do not. */
function Spark({ slug }: { readonly slug: string }) {
  const { data, error } = useQuery({
    queryKey: ['overview minutes', slug],
    queryFn: ({ signal }) => fetchMinutes(slug, Date.now(), signal),
    refetchInterval: SPARK_MS,
  });
  if (error) return <span className="text-fault">not loaded</span>;
  const closes = (data ?? []).flatMap(({ close }) => close ?? []);
  return (
    <svg
      aria-hidden="true"
      width={SPARK_WIDTH}
      height={SPARK_HEIGHT}
      viewBox={`0 -1 ${SPARK_WIDTH} ${SPARK_HEIGHT + 2}`}
      className="ml-auto"
    >
      <polyline
        points={sparkline(closes, SPARK_WIDTH, SPARK_HEIGHT)}
        fill="none"
        stroke="var(--color-best-bid)"
        strokeWidth="1.2"
      />
    </svg>
  );
}
