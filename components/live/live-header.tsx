'use client';

import clsx from 'clsx';
import { ChevronsUpDown, Plug } from 'lucide-react';
import Link from 'next/link';
import { livePath } from '../../lib/client/instruments.ts';
import type { SessionHost } from '../../lib/client/session-host.ts';
import type { LastPrice } from '../../lib/client/session-messages.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { decimalsOf, formatCompact, formatPrice, formatSigned, formatWhole } from '../../lib/heatmap/format.ts';
import { dayOf } from '../instruments/instrument-words.ts';
import { AccountMenu } from '../shell/account-menu.tsx';
import { Brand } from '../shell/brand.tsx';
import { MarketPhase } from '../shell/market-phase.tsx';
import { useMe } from '../shell/use-me.ts';
import { StateBadge } from './state-badge.tsx';
import { useReadout } from './use-session.ts';

interface Props {
  readonly instrument: InstrumentSummary;
  readonly session: SessionHost | null;
  onPick(): void;
}

export function LiveHeader({ instrument, session, onPick }: Props) {
  const readout = useReadout(session);
  const me = useMe();
  const last = readout?.last ?? null;
  return (
    <header className="flex flex-wrap items-center gap-x-5 gap-y-1 border-b border-line bg-panel px-3 py-1.5 max-sm:gap-x-3 sm:min-h-13">
      <Brand markOnly />
      <button
        type="button"
        onClick={onPick}
        aria-label={`${instrument.symbol}, choose another instrument`}
        className="flex items-center gap-2 rounded border border-line bg-raised px-2.5 py-1 text-left hover:bg-hover"
      >
        <span className="flex flex-col leading-tight">
          <h1 className="text-[13px] font-semibold">{instrument.symbol}</h1>
          <span className="text-[11px] text-muted">
            {instrument.exchange}
            {instrument.expiry ? ` · ${dayOf(instrument.expiry)}` : ''}
          </span>
        </span>
        <ChevronsUpDown aria-hidden="true" className="size-3.5 text-muted" />
      </button>
      <Price instrument={instrument} last={last} />
      <dl className="flex items-center gap-5 max-sm:order-5 max-sm:w-full max-sm:justify-between max-sm:gap-3">
        <Figure name="Volume" value={last ? formatCompact(last.volume) : '–'} exact={last ? last.volume : null} />
        <Figure
          name="OI"
          value={last && last.oi > 0 ? formatCompact(last.oi) : '–'}
          exact={last && last.oi > 0 ? last.oi : null}
        />
        <Figure
          name="Prev. close"
          value={last && last.previousClose > 0 ? formatPrice(last.previousClose, instrument) : '–'}
          exact={null}
        />
      </dl>
      <MarketPhase exchange={instrument.exchange} className="max-sm:order-4" />
      {readout?.simulated ? (
        <span className="ml-auto rounded border border-warn/60 px-2 py-0.5 text-[11px] font-medium text-warn max-sm:order-4 max-sm:px-1.5">
          Simulated
          <span className="max-sm:sr-only"> market{me?.via === 'demo' ? ' · open on this machine' : ''}</span>
        </span>
      ) : null}
      <span className={clsx('max-sm:order-2 max-sm:ml-auto', !readout?.simulated && 'ml-auto')}>
        <StateBadge state={readout?.state ?? null} />
      </span>
      <Link
        href={`/connections?from=${encodeURIComponent(livePath(instrument.slug))}`}
        prefetch={false}
        title="Connections"
        className="rounded p-1 text-muted hover:bg-hover max-sm:order-2"
      >
        <Plug aria-hidden="true" className="size-4" />
        <span className="sr-only">Connections</span>
      </Link>
      <AccountMenu />
    </header>
  );
}

/** Last price and its change since the previous close: sign, arrow and colour say the same. */
function Price({ instrument, last }: { instrument: InstrumentSummary; last: LastPrice | null }) {
  const change = last && last.previousClose > 0 ? (last.price - last.previousClose) / instrument.priceScale : null;
  const percent = last && change !== null ? (change * instrument.priceScale * 100) / last.previousClose : null;
  const direction = change === null || change === 0 ? 'flat' : change > 0 ? 'up' : 'down';
  const colour = { flat: 'text-muted', up: 'text-up', down: 'text-down' }[direction];
  const arrow = { flat: '', up: '▲', down: '▼' }[direction];
  return (
    <section
      aria-label="Last price"
      className="flex items-baseline gap-2.5 font-mono tabular-nums max-sm:order-3 max-sm:gap-1.5"
    >
      <span className="min-w-[11ch] text-[19px] font-semibold">
        {last ? `₹${formatPrice(last.price, instrument)}` : '₹–'}
      </span>
      <span className={`min-w-[19ch] text-[13px] whitespace-nowrap max-sm:text-[12px] ${colour}`}>
        {change === null || percent === null
          ? ''
          : `${arrow} ${formatSigned(change, decimalsOf(instrument))} (${formatSigned(percent, 2)} %)`}
      </span>
    </section>
  );
}

function Figure({ name, value, exact }: { name: string; value: string; exact: number | null }) {
  return (
    <div
      className="leading-tight max-sm:flex max-sm:items-baseline max-sm:gap-1.5"
      title={exact === null ? undefined : formatWhole(exact)}
    >
      <dt className="text-[11px] text-muted">{name}</dt>
      <dd className="font-mono text-[13px] tabular-nums max-sm:text-[12px] sm:min-w-[8ch]">{value}</dd>
    </div>
  );
}
