'use client';

import type { ReactNode } from 'react';
import type { SessionHost } from '../../lib/client/session-host.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { formatDuration, formatIstTime, formatPrice } from '../../lib/heatmap/format.ts';
import { bigChangeWords, changeWords, distanceWords, restingWords } from './cursor-words.ts';
import { useCursor } from './use-session.ts';

/** Lines of changes; more of them are at one place only where the picture is far out. */
const BIG_CHANGES_MAX = 3;

/** The numbers below the crosshair. Fixed in its corner and in its widths: it is read while the pointer moves. */
export function CursorPanel({ instrument, session }: { instrument: InstrumentSummary; session: SessionHost | null }) {
  const place = useCursor(session);
  if (!place) return null;
  const { lotSize } = instrument;
  return (
    <section
      aria-label="Crosshair"
      className="pointer-events-none absolute top-2 left-2 min-w-[24rem] rounded border border-line bg-ground/95 px-2.5 py-1.5 font-mono text-[11px] tabular-nums max-sm:right-2 max-sm:min-w-0"
    >
      <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5">
        <Line name="Price">
          ₹{formatPrice(place.price, instrument)}
          <span className="text-muted">{`  ${distanceWords(place)}`.trimEnd()}</span>
        </Line>
        <Line name="Time">
          {formatIstTime(place.columnStartUs, 'ms')} IST
          <span className="text-muted">{place.ageMs === null ? '' : `  data ${formatDuration(place.ageMs)} old`}</span>
        </Line>
        {place.cause === null || place.state === 'stale' ? (
          <>
            <Line name="Bid">
              <span className="text-best-bid">
                {restingWords(place.bidQuantity, place.bidOrders, lotSize, place.value)}
              </span>
            </Line>
            <Line name="">
              <span className="text-muted">{changeWords(place.bidChanges, place.bidCumulative, lotSize)}</span>
            </Line>
            <Line name="Ask">
              <span className="text-best-ask">
                {restingWords(place.askQuantity, place.askOrders, lotSize, place.value)}
              </span>
            </Line>
            <Line name="">
              <span className="text-muted">{changeWords(place.askChanges, place.askCumulative, lotSize)}</span>
            </Line>
          </>
        ) : null}
        {place.bigChanges.slice(0, BIG_CHANGES_MAX).map((it) => (
          <Line key={`${it.column} ${it.row} ${it.side}`} name="Change">
            {bigChangeWords(it, lotSize)}
            <span className="text-muted">{`  ${formatIstTime(it.column * place.columnUs, 'ms')}`}</span>
          </Line>
        ))}
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
      <dd className="whitespace-pre max-sm:whitespace-pre-wrap">{children}</dd>
    </>
  );
}
