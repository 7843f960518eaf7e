import clsx from 'clsx';
import { ArrowDown, ArrowRight } from 'lucide-react';
import { type Rates, rateKey } from '../../lib/client/health-rates.ts';
import type { Figure, Stage, StageId, StageLine } from '../../lib/core/health.ts';
import { figureName, figureWords } from './figure-words.ts';
import { StateMark } from './state-mark.tsx';

/** Where each stands where there is room for a picture: three go through all rows, three ways lead on from Redis. */
const PLACES: Readonly<Record<StageId, string>> = {
  feeds: 'lg:col-start-1 lg:row-span-3 lg:row-start-1',
  collectors: 'lg:col-start-2 lg:row-span-3 lg:row-start-1',
  redis: 'lg:col-start-3 lg:row-span-3 lg:row-start-1',
  writers: 'lg:col-start-4 lg:row-start-1',
  database: 'lg:col-start-5 lg:row-start-1',
  signals: 'lg:col-start-4 lg:row-start-2',
  jobs: 'lg:col-start-5 lg:row-start-2',
  web: 'lg:col-start-4 lg:row-start-3',
  browsers: 'lg:col-start-5 lg:row-start-3',
};

const EDGES = {
  ok: 'border-line',
  off: 'border-line border-dashed',
  late: 'border-warn',
  down: 'border-fault',
} as const;

/** The way of market data, from the brokers to the browsers. */
export function PipelineDiagram({ stages, rates }: { stages: readonly Stage[]; rates: Rates }) {
  return (
    <ol
      aria-label="Pipeline"
      className="mt-4 grid grid-cols-[minmax(0,1fr)] gap-6 lg:grid-cols-[1.5fr_repeat(4,minmax(0,1fr))] lg:gap-x-8 lg:gap-y-3"
    >
      {stages.map((stage, i) => (
        <li key={stage.id} className={clsx('relative flex', PLACES[stage.id])}>
          {i === 0 ? null : <Arrow fromRedis={FROM_REDIS.has(stage.id)} />}
          <StageCard stage={stage} rates={rates} />
        </li>
      ))}
    </ol>
  );
}

/** They do not come after the stage that stands before them where there is one column only. */
const FROM_REDIS: ReadonlySet<StageId> = new Set<StageId>(['signals', 'web']);

/** From the stage before: from the left, or on a phone from above. */
function Arrow({ fromRedis }: { fromRedis: boolean }) {
  return (
    <>
      <ArrowRight
        aria-hidden="true"
        className="absolute top-1/2 -left-7 hidden size-5 -translate-y-1/2 text-muted lg:block"
      />
      {fromRedis ? (
        <span aria-hidden="true" className="absolute -top-5.5 inset-x-0 text-center text-muted lg:hidden">
          from Redis
        </span>
      ) : (
        <ArrowDown
          aria-hidden="true"
          className="absolute -top-5.5 left-1/2 size-5 -translate-x-1/2 text-muted lg:hidden"
        />
      )}
    </>
  );
}

function StageCard({ stage: { id, title, state, words, figures, lines }, rates }: { stage: Stage; rates: Rates }) {
  return (
    <section aria-label={title} className={clsx('min-w-0 grow rounded-lg border bg-panel px-3 py-2.5', EDGES[state])}>
      <div className="flex flex-wrap items-center justify-between gap-x-2">
        <h2 className="font-semibold">{title}</h2>
        <StateMark state={state} />
      </div>
      <p className="break-words text-muted">{words}</p>
      <Figures of={id} line="" figures={figures} rates={rates} />
      {lines.length > 0 ? (
        <ul className="mt-2 divide-y divide-line border-t border-line">
          {lines.map((line) => (
            <Line key={line.name} stage={id} line={line} rates={rates} />
          ))}
        </ul>
      ) : null}
    </section>
  );
}

function Line({
  stage,
  line: { name, state, words, figures },
  rates,
}: {
  stage: StageId;
  line: StageLine;
  rates: Rates;
}) {
  const known = figures.filter(({ value }) => value !== null);
  return (
    <li className="py-1.5">
      <span className="flex items-start gap-1.5">
        <StateMark state={state} brief />
        <span className="min-w-0 grow break-words">{name}</span>
        <span className="shrink-0 tabular-nums">
          {known[0] ? figureWords(known[0], rates.get(rateKey(stage, name, known[0].name))) : null}
          {known[0]?.as === 'count' ? ` ${known[0].name}` : null}
        </span>
      </span>
      {/* Of what works the name is enough. */}
      <span className={clsx('block pl-5.5 break-words text-muted', state === 'ok' && 'sr-only')}>{words}</span>
    </li>
  );
}

interface FiguresProps {
  readonly of: string;
  readonly line: string;
  readonly figures: readonly Figure[];
  readonly rates: Rates;
}

function Figures({ of, line, figures, rates }: FiguresProps) {
  if (figures.length === 0) return null;
  return (
    <dl className="mt-1.5 grid grid-cols-[auto_minmax(0,1fr)] gap-x-3">
      {figures.map((figure) => (
        <div key={figure.name} className="col-span-2 grid grid-cols-subgrid">
          <dt className="text-muted">{figureName(figure.name)}</dt>
          <dd className="text-right tabular-nums">{figureWords(figure, rates.get(rateKey(of, line, figure.name)))}</dd>
        </div>
      ))}
    </dl>
  );
}
