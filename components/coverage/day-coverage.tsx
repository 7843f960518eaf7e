'use client';

import { useQuery } from '@tanstack/react-query';
import type { Answer as ApiAnswer } from '../../lib/api/operations.ts';
import { ask } from '../../lib/client/api.ts';
import { formatDuration, formatPrice, formatWhole } from '../../lib/heatmap/format.ts';
import { gapWords } from '../../lib/heatmap/gap-words.ts';
import type { Difference, Explanation } from '../../lib/orderflow/reconcile.ts';
import { Answer } from '../shell/answer.tsx';
import { Panel } from '../shell/form-parts.tsx';
import { GradeMark } from '../shell/grade-mark.tsx';
import { OUTCOME_GRADE, OUTCOME_MEANING, OUTCOME_WORDS, shareWords } from './outcomes.ts';

type DayAnswer = ApiAnswer<'/api/orderflow/reconciliation'>;
type InstrumentDay = DayAnswer['instruments'][number];

const LOOK_MS = 15_000;
const EXPLANATIONS: Readonly<Record<Explanation, string>> = {
  gap: 'made in a gap',
  between_ticks: 'made between two ticks, as the exchange’s own counter says',
  minute_edges: 'trades at the edge of a minute',
};
const NAMES: Readonly<Record<Difference['what'], string>> = {
  open: 'Open',
  high: 'High',
  low: 'Low',
  close: 'Close',
  volume: 'Volume',
  oi: 'Open interest',
};
const titleFormat = new Intl.DateTimeFormat('en-IN', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  timeZone: 'UTC',
});

/** Every instrument that was recorded on a day, the worst first. */
export function DayCoverage({ day }: { readonly day: string }) {
  const query = useQuery({
    queryKey: ['coverage', 'day', day],
    queryFn: () => ask<DayAnswer>(`/api/orderflow/reconciliation?day=${day}`),
    refetchInterval: LOOK_MS,
  });
  return (
    <Panel title={titleFormat.format(Date.parse(day))}>
      <Answer query={query} what="the day">
        {({ instruments, count }) =>
          count === 0 ? (
            <p className="text-muted">Nothing was recorded on this day.</p>
          ) : (
            <>
              <ul aria-label="Instruments" className="divide-y divide-line">
                {instruments.map((one) => (
                  <InstrumentLine key={`${one.instrument} ${one.feed}`} line={one} />
                ))}
              </ul>
              {instruments.length < count ? (
                <p className="mt-2 text-muted">{`The worst ${instruments.length} of ${count}.`}</p>
              ) : null}
            </>
          )
        }
      </Answer>
    </Panel>
  );
}

function InstrumentLine({ line }: { readonly line: InstrumentDay }) {
  const { instrument, feed, priceScale, coverage, outcome, until, final, differences, gaps, gapCount, missingMinutes } =
    line;
  const grade = OUTCOME_GRADE[outcome];
  return (
    <li className="py-2">
      <div className="grid gap-x-4 gap-y-0.5 sm:grid-cols-[minmax(0,14rem)_6rem_9rem_minmax(0,1fr)]">
        <span className="font-medium break-words">{instrument}</span>
        <span className="font-mono tabular-nums">{shareWords(coverage)}</span>
        <span>
          {grade ? <GradeMark grade={grade} /> : null} <span>{OUTCOME_WORDS[outcome]}</span>
        </span>
        <span className="text-muted">
          {`${OUTCOME_MEANING[outcome]}${until && !final ? `, until ${until.slice(11, 16)}` : ''}; ${feed}`}
        </span>
      </div>
      {differences.length > 0 ? <Differences differences={differences} priceScale={priceScale} /> : null}
      {missingMinutes.count > 0 ? (
        <p className="mt-1 text-fault">
          {`${missingMinutes.count} minutes without a trade here, outside of gaps: ${missingMinutes.first
            .slice(0, 10)
            .map((time) => time.slice(11, 16))
            .join(', ')}${missingMinutes.count > 10 ? ' …' : ''}`}
        </p>
      ) : null}
      {gapCount > 0 ? (
        <details className="mt-1">
          <summary>
            {gapCount === 1 ? '1 gap' : `${gapCount} gaps`}
            <span className="sr-only">{` of ${instrument}`}</span>
          </summary>
          <ul className="mt-1">
            {gaps.map(({ from, to, seconds, cause, brokerVolume }) => (
              <li key={from} className="py-0.5 text-muted">
                <span className="font-mono tabular-nums">{`${from.slice(11, 19)} – ${to.slice(11, 19)}`}</span>
                {`, ${formatDuration(seconds * 1000)}: ${gapWords(cause)}`}
                {brokerVolume === null ? '' : `; ${formatWhole(brokerVolume)} traded in its minutes`}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </li>
  );
}

interface DifferencesProps {
  readonly differences: readonly Difference[];
  readonly priceScale: number;
}

/** Prices in rupees; volume and open interest in units. */
function Differences({ differences, priceScale }: DifferencesProps) {
  const words = (what: Difference['what'], value: number | null): string => {
    if (value === null) return 'nothing';
    return what === 'volume' || what === 'oi' ? formatWhole(value) : formatPrice(value, { priceScale, tickSize: 1 });
  };
  return (
    <ul aria-label="Differences" className="mt-1">
      {differences.map(({ what, ours, broker, because }) => (
        <li key={what} className={because ? 'text-muted' : 'text-fault'}>
          {`${NAMES[what]}: ${words(what, ours)} here, ${words(what, broker)} at the broker; ${because ? EXPLANATIONS[because] : 'nothing explains it'}`}
        </li>
      ))}
    </ul>
  );
}
