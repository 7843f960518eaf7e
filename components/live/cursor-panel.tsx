'use client';

import type { ReactNode } from 'react';
import type { SessionHost } from '../../lib/client/session-host.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import {
  formatDuration,
  formatIstTime,
  formatLots,
  formatPrice,
  formatSigned,
  formatWhole,
  quantityUnit,
} from '../../lib/heatmap/format.ts';
import { useCursor } from './use-session.ts';

/** The numbers below the crosshair. Fixed in its corner and in its widths: it is read while the pointer moves. */
export function CursorPanel({ instrument, session }: { instrument: InstrumentSummary; session: SessionHost | null }) {
  const place = useCursor(session);
  if (!place) return null;
  return (
    <section
      aria-label="Crosshair"
      className="pointer-events-none absolute top-2 left-2 min-w-[24rem] rounded border border-line bg-ground/95 px-2.5 py-1.5 font-mono text-[11px] tabular-nums max-sm:right-2 max-sm:min-w-0"
    >
      <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5">
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
              <span className="text-best-bid">
                {restingWords(place.bidQuantity, place.bidOrders, instrument.lotSize)}
              </span>
            </Line>
            <Line name="Ask">
              <span className="text-best-ask">
                {restingWords(place.askQuantity, place.askOrders, instrument.lotSize)}
              </span>
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

/** `1,300 · 20 lots · 2 orders`; a side that is not known has a dash. */
function restingWords(units: number | null, orders: number | null, lotSize: number): string {
  if (units === null) return '–';
  if (units === 0) return '0';
  const parts = [formatWhole(units), `${formatLots(units, lotSize)} ${quantityUnit(lotSize)}`];
  return [
    ...parts.slice(lotSize === 1 ? 1 : 0),
    `${formatWhole(orders ?? 0)} ${orders === 1 ? 'order' : 'orders'}`,
  ].join(' · ');
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="whitespace-pre">{children}</dd>
    </>
  );
}
