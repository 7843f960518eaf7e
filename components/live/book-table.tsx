'use client';

import type { SessionHost } from '../../lib/client/session-host.ts';
import type { BookTableRow } from '../../lib/client/session-messages.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { formatLots, formatPrice, formatWhole, quantityUnit } from '../../lib/heatmap/format.ts';
import { useBookTable } from './use-session.ts';

/** The book as a table, for those who read the page instead of looking at it. Changes once a second, and is not announced. */
export function BookTableReading({
  instrument,
  session,
}: {
  instrument: InstrumentSummary;
  session: SessionHost | null;
}) {
  const table = useBookTable(session);
  if (!table) return null;
  const unit = quantityUnit(instrument.lotSize);
  const total = (units: number | null) =>
    units === null ? 'not known' : `${formatLots(units, instrument.lotSize)} ${unit}`;
  return (
    <table className="sr-only">
      <caption>
        Order book of {instrument.symbol}, best prices first. Total bid {total(table.bidTotal)}, total ask{' '}
        {total(table.askTotal)}.
      </caption>
      <thead>
        <tr>
          <th scope="col">Side</th>
          <th scope="col">Price</th>
          <th scope="col">{unit}</th>
          <th scope="col">Orders</th>
        </tr>
      </thead>
      <tbody>
        <Rows side="Bid" rows={table.bids} instrument={instrument} />
        <Rows side="Ask" rows={table.asks} instrument={instrument} />
      </tbody>
    </table>
  );
}

interface RowsProps {
  readonly side: string;
  readonly rows: readonly BookTableRow[];
  readonly instrument: InstrumentSummary;
}

function Rows({ side, rows, instrument }: RowsProps) {
  return rows.map(({ price, quantity, orders }) => (
    <tr key={price}>
      <td>{side}</td>
      <td>{formatPrice(price, instrument)}</td>
      <td>{formatLots(quantity, instrument.lotSize)}</td>
      <td>{formatWhole(orders)}</td>
    </tr>
  ));
}
