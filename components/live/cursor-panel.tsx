'use client';

import type { ReactNode } from 'react';
import type { InstrumentSummary } from '../../lib/client/instruments.ts';
import type { SessionHost } from '../../lib/client/session-host.ts';
import {
  formatDuration,
  formatIstTime,
  formatLots,
  formatPrice,
  formatSigned,
  formatWhole,
} from '../../lib/heatmap/format.ts';
import { useCursor } from './use-session.ts';

/** The numbers below the crosshair. Fixed in its corner and in its widths: it is read while the pointer moves. */
export function CursorPanel({ instrument, session }: { instrument: InstrumentSummary; session: SessionHost | null }) {
  const place = useCursor(session);
  if (!place) return null;
  const quantity = (units: number | null, orders: number | null) =>
    units === null
      ? '–'
      : `${formatWhole(units)} (${formatLots(units, instrument.lotSize)} lots) · ${formatWhole(orders ?? 0)} ord`;
  return (
    <section
      aria-label="Crosshair"
      className="pointer-events-none absolute top-2 left-2 max-w-[calc(100%-16rem)] rounded border border-line bg-ground/85 px-2.5 py-1.5 font-mono text-[11px] tabular-nums max-sm:max-w-none max-sm:right-2"
    >
      <dl className="grid grid-cols-[auto_auto] gap-x-3 gap-y-0.5">
        <Line name="Price">
          ₹{formatPrice(place.price, instrument)}
          <span className="text-muted">
            {place.ticksFromMid === null || place.bpsFromMid === null
              ? ''
              : `  ${formatSigned(Math.round(place.ticksFromMid), 0)} ticks, ${formatSigned(place.bpsFromMid, 1)} bps from mid`}
          </span>
        </Line>
        <Line name="Time">
          {formatIstTime(place.columnStartUs, 'ms')} IST
          <span className="text-muted">{place.ageMs === null ? '' : `  data ${formatDuration(place.ageMs)} old`}</span>
        </Line>
        {place.cause === null || place.state === 'stale' ? (
          <>
            <Line name="Bid">
              <span className="text-best-bid">{quantity(place.bidQuantity, place.bidOrders)}</span>
            </Line>
            <Line name="Ask">
              <span className="text-best-ask">{quantity(place.askQuantity, place.askOrders)}</span>
            </Line>
          </>
        ) : null}
        {place.cause === null ? null : (
          <Line name="No data">
            <span className="text-warn">{place.cause}</span>
          </Line>
        )}
      </dl>
    </section>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="whitespace-pre">{children}</dd>
    </>
  );
}
