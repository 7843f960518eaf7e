/** What an alert says. */
import { type Instrument, slugOf } from '../../../lib/core/instrument.ts';
import { istWithoutOffset } from '../../../lib/core/ist.ts';
import { METRICS, type MetricWatch } from '../../../lib/signals/rules.ts';
import { SIGNAL_KINDS, type Signal } from '../../../lib/signals/signal.ts';

interface Words {
  readonly title: string;
  readonly detail: string;
  /** Path of the instrument's page. */
  readonly link: string;
}

type Named = Pick<Instrument, 'exchange' | 'symbol' | 'priceScale'>;

const timeOf = (us: number): string => `${istWithoutOffset(us / 1000).slice(11, 19)} IST`;
const whole = new Intl.NumberFormat('en-IN');
const rupees = (price: number, { priceScale }: Named): string =>
  new Intl.NumberFormat('en-IN', { minimumFractionDigits: 2, maximumFractionDigits: 4 }).format(price / priceScale);
const pageOf = (slug: string): string => `/live/${encodeURIComponent(slug)}`;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export function signalWords(signal: Signal, instrument: Named): Words {
  const { kind, lowPrice, highPrice, side, size, severity, foundUs, state } = signal;
  const slug = slugOf(instrument);
  const price =
    lowPrice === 0
      ? null
      : lowPrice === highPrice
        ? rupees(lowPrice, instrument)
        : `${rupees(lowPrice, instrument)} to ${rupees(highPrice, instrument)}`;
  const parts = [
    price,
    side,
    size > 0 ? `${whole.format(Math.round(size))} units` : null,
    state === 'once' ? null : state,
    `severity ${severity} of 3`,
    timeOf(foundUs),
  ];
  return {
    title: `${slug}: ${kind.replaceAll('_', ' ')}`,
    detail: `${capital(SIGNAL_KINDS[kind])}: ${parts.filter(Boolean).join(', ')}`,
    link: pageOf(slug),
  };
}

export function metricWords(
  { metric, direction, level }: MetricWatch,
  { stampUs, value }: { readonly stampUs: number; readonly value: number },
  instrument: Named,
): Words {
  const slug = slugOf(instrument);
  const inWords = (number: number): string => (metric === 'imbalance' ? number.toFixed(3) : rupees(number, instrument));
  return {
    title: `${slug}: ${METRICS[metric]} ${direction} ${inWords(level)}`,
    detail: `It came to ${inWords(value)} at ${timeOf(stampUs)}`,
    link: pageOf(slug),
  };
}
