'use client';

import { useQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import type { ReactNode } from 'react';
import { askMarket } from '../../../lib/client/market-data.ts';
import { type BuildUp, fetchMinutes, lastBuildUp, recentVolume, SPIKE_TIMES } from '../../../lib/client/overview.ts';
import type { InstrumentSummary } from '../../../lib/core/instrument.ts';
import { formatCompact, formatPrice, formatSigned, formatWhole } from '../../../lib/heatmap/format.ts';
import { Answer } from '../../shell/answer.tsx';
import { useLatest } from '../use-latest.ts';
import { isUnderlying } from './underlying.ts';

const SUMMARY_MS = 5000;
const MINUTES_MS = 15_000;
/** Bid over ask value from which buyers, and below which sellers, are said to be more. */
const BUYERS_RATIO = 1.5;
const SELLERS_RATIO = 0.67;

const BUILD_UPS: Readonly<Record<BuildUp, string>> = {
  long_build_up: 'Long build-up',
  short_build_up: 'Short build-up',
  short_covering: 'Short covering',
  long_unwinding: 'Long unwinding',
};

export function FlowCards({ instrument }: { readonly instrument: InstrumentSummary }) {
  return (
    <div className="grid grid-cols-[repeat(auto-fill,minmax(14rem,1fr))] gap-2">
      <OwnCards instrument={instrument} />
      {isUnderlying(instrument.name) ? <UnderlyingCards underlying={instrument.name} /> : null}
    </div>
  );
}

function OwnCards({ instrument }: { readonly instrument: InstrumentSummary }) {
  const { slug } = instrument;
  const minutes = useQuery({
    queryKey: ['overview minutes', slug],
    queryFn: ({ signal }) => fetchMinutes(slug, Date.now(), signal),
    refetchInterval: MINUTES_MS,
  });
  const latest = useLatest([slug]);
  const now = latest.data?.get(slug);
  const price = now?.lastPrice ?? null;
  const vwap = now?.averagePrice ?? null;
  const bars = minutes.data ?? [];
  const { recent, times } = recentVolume(bars);
  const buildUp = lastBuildUp(bars);
  const off = price !== null && vwap !== null && vwap > 0 ? ((price - vwap) / vwap) * 100 : null;
  if (minutes.error || latest.error) {
    return (
      <div className="col-span-full">
        {minutes.error ? (
          <Answer query={minutes} what="the minutes">
            {() => null}
          </Answer>
        ) : (
          <Answer query={latest} what="the prices">
            {() => null}
          </Answer>
        )}
      </div>
    );
  }
  return (
    <>
      <Card
        title={instrument.symbol}
        note={now ? STATES[now.state] : ''}
        isWarning={now?.state === 'gap' || now?.state === 'old'}
      >
        {price === null ? '–' : `₹${formatPrice(price, instrument)}`}
      </Card>
      <Card
        title="Against VWAP"
        note={vwap === null ? 'no average price is told' : `VWAP ₹${formatPrice(vwap, instrument)}`}
      >
        {off === null ? '–' : `${formatSigned(off, 2)} %`}
      </Card>
      <Card title="OI pattern, 1 min" note="price and open interest together">
        {buildUp ? BUILD_UPS[buildUp] : '–'}
      </Card>
      <Card
        title="Volume, 5 min"
        note={times === null ? 'nothing to compare with yet' : `${times.toFixed(1)} × the mean of the hour`}
        isWarning={times !== null && times > SPIKE_TIMES}
      >
        {minutes.data ? formatWhole(recent) : '–'}
        {times !== null && times > SPIKE_TIMES ? ' spike' : ''}
      </Card>
    </>
  );
}

const STATES = {
  live: 'live',
  quiet: 'quiet',
  gap: 'nobody listens',
  none: 'nothing recorded',
  old: 'no answer comes',
} as const;

function UnderlyingCards({ underlying }: { readonly underlying: string }) {
  const summary = useQuery({
    queryKey: ['overview summary', underlying],
    queryFn: ({ signal }) => askMarket('/api/orderflow', { underlying }, { signal }),
    refetchInterval: SUMMARY_MS,
  });
  return (
    <Answer query={summary} what="the summary">
      {({ cvd, volume, oi_changes, imbalance, metadata }) => (
        <>
          <Card title="CVD since the open" note={`futures; options net ${formatSigned(cvd.net_options, 0)}`}>
            {formatSigned(cvd.futures, 0)}
          </Card>
          <Card
            title="Imbalance, futures"
            note={`calls ${ratio(imbalance.calls.ratio)}, puts ${ratio(imbalance.puts.ratio)}; bid / ask value of five levels`}
          >
            {ratio(imbalance.futures.ratio)} {sideWords(imbalance.futures.ratio)}
          </Card>
          <Card
            title="OI change since the open"
            note={`futures ${formatSigned(oi_changes.futures, 0)}, calls ${formatSigned(oi_changes.calls, 0)}, puts ${formatSigned(oi_changes.puts, 0)}`}
          >
            {formatSigned(oi_changes.total, 0)}
          </Card>
          <Card
            title="Volume of the day"
            note={`${metadata.futures_count} futures, ${metadata.calls_count} calls, ${metadata.puts_count} puts of ${underlying}${
              metadata.coverage === null ? '' : `; heard ${(metadata.coverage * 100).toFixed(1)} %`
            }`}
            isWarning={metadata.coverage !== null && metadata.coverage < 0.99}
          >
            {formatCompact(volume.total)}
          </Card>
        </>
      )}
    </Answer>
  );
}

const ratio = (value: number | null): string => (value === null ? '–' : value.toFixed(2));
const sideWords = (value: number | null): string =>
  value === null ? '' : value > BUYERS_RATIO ? 'buyers' : value < SELLERS_RATIO ? 'sellers' : 'even';

function Card({
  title,
  note,
  isWarning = false,
  children,
}: {
  readonly title: string;
  readonly note: string;
  readonly isWarning?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <section aria-label={title} className="rounded border border-line bg-panel px-3 py-2">
      <h3 className="text-[11.5px] text-muted">{title}</h3>
      <p className="font-mono text-[16px] tabular-nums">{children}</p>
      <p className={clsx('text-[11px]', isWarning ? 'text-warn' : 'text-muted')}>{note}</p>
    </section>
  );
}
