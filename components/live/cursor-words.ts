/** The numbers below the crosshair as words, for the panel and for the clipboard. */

import type { CursorReadout } from '../../lib/client/session-messages.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { BID } from '../../lib/core/side.ts';
import type { BigChange } from '../../lib/heatmap/big-changes.ts';
import {
  formatDuration,
  formatIstDay,
  formatIstTime,
  formatLots,
  formatPrice,
  formatSigned,
  formatWhole,
  quantityUnit,
} from '../../lib/heatmap/format.ts';
import type { TileValue } from '../../lib/heatmap/tile.ts';

/** `1,300 · 20 lots · 2 orders`; a side that is not known has a dash. */
export function restingWords(units: number | null, orders: number | null, lotSize: number, value: TileValue): string {
  if (units === null) return '–';
  if (units === 0) return '0';
  const parts = [formatWhole(units), `${formatLots(units, lotSize)} ${quantityUnit(lotSize)}`];
  return [
    ...parts.slice(lotSize === 1 ? 1 : 0),
    ...(orders === null ? [] : [`${formatWhole(orders)} ${orders === 1 ? 'order' : 'orders'}`]),
    // Of the last book it need not be said.
    ...(value === 'last' ? [] : [value]),
  ].join(' · ');
}

/** `1 s +5, 5 s −20, Σ 240 to touch` in lots; what is not known has a dash. */
export function changeWords(
  [second, five]: readonly (number | null)[],
  cumulative: number | null,
  lotSize: number,
): string {
  const signed = (units: number | null | undefined): string => {
    if (units == null) return '–';
    return units === 0 ? '±0' : formatSigned(units / lotSize, Number.isInteger(units / lotSize) ? 0 : 1);
  };
  const sum = cumulative === null ? '–' : formatLots(cumulative, lotSize);
  return `Δ1s ${signed(second)}  Δ5s ${signed(five)}  Σ ${sum} to touch`;
}

/** `bid +120 lots`, `ask −80 lots, 20 traded`: of the changes that are marked at the crosshair. */
export function bigChangeWords({ side, change, traded }: BigChange, lotSize: number): string {
  const lots = `${change > 0 ? '+' : '−'}${formatLots(Math.abs(change), lotSize)} ${quantityUnit(lotSize)}`;
  const verb = change > 0 ? 'came' : 'pulled';
  return `${side === BID ? 'bid' : 'ask'} ${lots} ${verb}${traded === 0 ? '' : `, ${formatLots(traded, lotSize)} traded`}`;
}

/** `−12 ticks, −4.6 bps from mid`; nothing where the mid is not known. */
export function distanceWords({ ticksFromMid, bpsFromMid }: CursorReadout): string {
  if (ticksFromMid === null || bpsFromMid === null) return '';
  return `${formatSigned(Math.round(ticksFromMid), 0)} ticks, ${formatSigned(bpsFromMid, 1)} bps from mid`;
}

/** All of it, one number a line, as it is copied. */
export function cursorText(place: CursorReadout, instrument: InstrumentSummary): string {
  const { lotSize } = instrument;
  const lines = [
    `${instrument.slug}`,
    `Price ${formatPrice(place.price, instrument)} ${distanceWords(place)}`.trim(),
    `Time ${formatIstDay(place.columnStartUs)} ${formatIstTime(place.columnStartUs, 'ms')} IST`,
    `Bid ${restingWords(place.bidQuantity, place.bidOrders, lotSize, place.value)}`,
    `    ${changeWords(place.bidChanges, place.bidCumulative, lotSize)}`,
    `Ask ${restingWords(place.askQuantity, place.askOrders, lotSize, place.value)}`,
    `    ${changeWords(place.askChanges, place.askCumulative, lotSize)}`,
    ...place.bigChanges.map((it) => `Change ${bigChangeWords(it, lotSize)}`),
    ...(place.ageMs === null ? [] : [`Data ${formatDuration(place.ageMs)} old`]),
    ...(place.cause === null ? [] : [`No data: ${place.cause}`]),
  ];
  return lines.join('\n');
}
