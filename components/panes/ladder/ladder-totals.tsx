'use client';

import { type RefObject, useEffect, useRef } from 'react';
import type { LadderReadout, SideReadout } from '../../../lib/client/ladder-session.ts';
import { writeText } from '../../../lib/client/text-rows.ts';
import type { InstrumentSummary } from '../../../lib/core/instrument.ts';
import { formatDuration, formatLots, formatPrice, formatWhole, quantityUnit } from '../../../lib/heatmap/format.ts';

export type WriteTotals = (readout: LadderReadout) => void;

interface Props {
  readonly instrument: InstrumentSummary;
  readonly units: 'lots' | 'units';
  /** Is given the function that writes: numbers that change with the market do not pass through React. */
  readonly write: RefObject<WriteTotals>;
}

/** Totals of both sides over all levels, how old they are, the spread, and the row under the pointer. */
export function LadderTotals({ instrument, units, write }: Props) {
  const bid = useRef<HTMLElement>(null);
  const ask = useRef<HTMLElement>(null);
  const spread = useRef<HTMLElement>(null);
  const pointed = useRef<HTMLParagraphElement>(null);

  useEffect(() => {
    const size = (quantity: number) =>
      units === 'lots' ? formatLots(quantity, instrument.lotSize) : formatWhole(quantity);
    const unit = units === 'lots' ? quantityUnit(instrument.lotSize) : 'units';
    const side = ({ look, total, orders, levels, ageMs }: SideReadout): string => {
      if (look === 'none' || ageMs === null) return 'not known';
      const numbers = `${size(total)} ${unit}${orders > 0 ? ` · ${formatWhole(orders)} ord` : ''} · ${levels} lvl`;
      return `${numbers} · ${look === 'old' ? `was so ${formatDuration(ageMs)} ago` : formatDuration(ageMs)}`;
    };
    write.current = (readout) => {
      writeText(bid.current, side(readout.bid));
      writeText(ask.current, side(readout.ask));
      writeText(spread.current, readout.spread === null ? '–' : spreadWords(readout.spread, instrument));
      writeText(pointed.current, pointedWords(readout, instrument, size, unit));
    };
  }, [instrument, units, write]);

  return (
    <div className="border-b border-line bg-panel px-2 py-1 font-mono text-[11.5px] tabular-nums">
      <dl className="flex flex-wrap gap-x-4 gap-y-0.5">
        <div className="flex gap-1.5">
          <dt className="text-best-bid">Σ bid</dt>
          <dd ref={bid}>–</dd>
        </div>
        <div className="flex gap-1.5">
          <dt className="text-best-ask">Σ ask</dt>
          <dd ref={ask}>–</dd>
        </div>
        <div className="flex gap-1.5">
          <dt className="text-muted">Spread</dt>
          <dd ref={spread}>–</dd>
        </div>
      </dl>
      <p ref={pointed} className="min-h-4 text-muted max-sm:hidden" />
    </div>
  );
}

const spreadWords = (spread: number, instrument: InstrumentSummary): string => {
  const ticks = spread / instrument.tickSize;
  return `₹${formatPrice(spread, instrument)} · ${formatWhole(ticks)} ${ticks === 1 ? 'tick' : 'ticks'}`;
};

function pointedWords(
  { pointed, tradedFault }: LadderReadout,
  instrument: InstrumentSummary,
  size: (quantity: number) => string,
  unit: string,
): string {
  if (!pointed) return tradedFault === null ? '' : `What has traded is not known: ${tradedFault}`;
  const { price, bid, bidOrders, ask, askOrders, bought, sold, unknown } = pointed;
  const resting = [
    bid > 0 ? `bid ${size(bid)} in ${formatWhole(bidOrders)} orders` : null,
    ask > 0 ? `ask ${size(ask)} in ${formatWhole(askOrders)} orders` : null,
  ].filter((words) => words !== null);
  const traded = [
    bought > 0 ? `${size(bought)} bought` : null,
    sold > 0 ? `${size(sold)} sold` : null,
    unknown > 0 ? `${size(unknown)} by nobody knows whom` : null,
  ].filter((words) => words !== null);
  const parts = [
    resting.join(', ') || 'nothing rests',
    traded.length > 0 ? `traded ${traded.join(', ')}` : 'nothing traded',
  ];
  return `₹${formatPrice(price, instrument)} · ${parts.join(' · ')} · ${unit}`;
}
