/** Words of rules and of what they told. */
import { type AlertDelivery, CHANNEL_NAMES, type Preview, type ShownRule } from '../../lib/client/rules.ts';
import { formatPrice, formatWhole } from '../../lib/heatmap/format.ts';
import { METRICS } from '../../lib/signals/rules.ts';
import { horizonWords, signed } from '../signals/report-words.ts';
import { kindTitle, SEVERITY_WORDS } from '../signals/signal-words.ts';

/** The one that is said, where it is measured. */
const HORIZON_S = 60;

/** `Wall pulled · bid side · severity from middle` */
export function watchWords({ watch, priceScale }: Pick<ShownRule, 'watch' | 'priceScale'>): string {
  if (watch.by === 'metric') {
    const { metric, direction, level } = watch;
    const words =
      metric === 'imbalance'
        ? String(level).replace('-', '−')
        : formatPrice(level, { priceScale: priceScale ?? 1, tickSize: 1 });
    return `${METRICS[metric].replace(/^./, (first) => first.toUpperCase())} comes ${direction} ${words}`;
  }
  const { kinds, detectors, side, minSeverity, minSize } = watch;
  return [
    kinds.length === 0 ? 'Every kind of signal' : kinds.map(kindTitle).join(', '),
    detectors === 'own' ? 'Gehra’s detectors' : detectors === 'predecessor' ? 'the predecessor’s detectors' : null,
    side && `${side} side`,
    minSeverity > 1 ? `severity from ${SEVERITY_WORDS[minSeverity]}` : null,
    minSize > 0 ? `from ${formatWhole(minSize)} units` : null,
  ]
    .filter(Boolean)
    .join(' · ');
}

export function cooldownWords({ cooldownS, cooldownOf }: Pick<ShownRule, 'cooldownS' | 'cooldownOf'>): string {
  if (cooldownS === 0) return 'no pause between alerts';
  const long = cooldownS % 60 === 0 ? `${cooldownS / 60} min` : `${cooldownS} s`;
  const of = { rule: '', instrument: ' an instrument', price: ' a price' }[cooldownOf];
  return `at most once in ${long}${of}`;
}

/** How far an alert got on a channel. */
export function deliveryWords({ channel, state, unknown, attempts, failure }: AlertDelivery): string {
  const name = CHANNEL_NAMES[channel];
  const why = failure ? `: ${failure}` : '';
  const times = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
  switch (state) {
    case 'sent':
      return channel === 'screen'
        ? `${name}: shown`
        : `${name}: sent${unknown ? '; an earlier attempt may have arrived too' : ''}`;
    case 'waiting':
      return attempts === 0 ? `${name}: waiting` : `${name}: not sent yet after ${times}${why}. It is tried again`;
    case 'sending':
      return `${name}: being sent`;
    case 'failed':
      return `${name}: failed after ${times}${why}`;
    case 'uncertain':
      return `${name}: uncertain${why}. Nobody knows whether it arrived, or twice; it is not sent again`;
    case 'held':
      return `${name}: held back, as these are quiet hours`;
  }
}

export const deliveryColour = ({ state }: Pick<AlertDelivery, 'state'>): string =>
  ({
    sent: 'text-up',
    waiting: 'text-muted',
    sending: 'text-muted',
    held: 'text-muted',
    failed: 'text-fault',
    uncertain: 'text-warn',
  })[state];

/** What a rule would have told, in a sentence. */
export function previewWords({ days, perDay, isCut }: Preview): string {
  if (perDay === null) return 'No day was recorded then, so nothing can be said of how often it would have told.';
  const times = perDay === 1 ? 'once' : `${perDay < 10 ? tenths(perDay) : formatWhole(perDay)} times`;
  const of = days.length === 1 ? 'on the one recorded day' : `a day, in the mean of ${days.length} recorded days`;
  const told =
    perDay > 0
      ? `${times} ${of}`
      : `nothing on ${days.length === 1 ? 'the one recorded day' : `${days.length} recorded days`}`;
  const cut = isCut ? ' There were more occasions than a preview looks at: the newest are missing.' : '';
  return `It would have told ${told}.${cut}`;
}

const tenths = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));

/** What the signals that it would have told were worth, where any were measured: `median +0.3 bps after 60 s, against 0.0 at random`. */
export function worthWords({ outcomes }: Preview): string | null {
  const measured = outcomes?.filter(({ signals, medianBps }) => signals > 0 && medianBps !== null) ?? [];
  const shown = measured.find(({ horizonS }) => horizonS === HORIZON_S) ?? measured[0];
  if (!shown) return outcomes ? 'What came after them is not measured yet.' : null;
  const { horizonS, signals, medianBps, random, randomMedianBps } = shown;
  const against =
    randomMedianBps === null
      ? 'no random times are measured'
      : `against ${signed(randomMedianBps)} at ${formatWhole(random)} random times`;
  return `${formatWhole(signals)} of them are measured: median ${signed(medianBps)} bps after ${horizonWords(horizonS)}, ${against}.`;
}
