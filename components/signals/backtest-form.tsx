'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { send } from '../../lib/client/api.ts';
import { askMarket } from '../../lib/client/market-data.ts';
import { asProblem } from '../../lib/client/problem.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { addDays, formatIstDate } from '../../lib/core/ist.ts';
import type { OptionRange } from '../../lib/signals/detector-options.ts';
import { fieldClass, SmallButton } from '../instruments/form-parts.tsx';
import { InstrumentFinder } from '../instruments/instrument-finder.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { Field, SubmitButton } from '../shell/field.tsx';
import { Outcome } from '../shell/form-parts.tsx';
import { detectorWords } from './backtest-words.ts';

/** Every detector with its parameters: what they are, and between what they may lie. */
export type DetectorParameters = Readonly<
  Record<
    string,
    { readonly defaults: Readonly<Record<string, number>>; readonly ranges: Readonly<Record<string, OptionRange>> }
  >
>;
/** As typed, by detector and parameter; what is empty stays as it is. */
type Typed = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** So far back recorded days are looked for: what one request may ask. */
const DAYS_BACK = 30;

/** Asks for a backtest. */
export function BacktestForm({ detectors, onBegun }: { readonly detectors: DetectorParameters; onBegun(): void }) {
  const names = Object.keys(detectors);
  const [name, setName] = useState('');
  const [instruments, setInstruments] = useState<readonly InstrumentSummary[]>([]);
  const [choosing, setChoosing] = useState(false);
  const [days, setDays] = useState({ from: '', to: '' });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(names));
  const [typed, setTyped] = useState<Typed>({});
  const [said, setSaid] = useState<{ fault: string | null; done: string | null }>({ fault: null, done: null });
  const begin = useMutation({
    mutationFn: () =>
      send<{ id: number }>('POST', '/api/signals/backtests', {
        name,
        ...days,
        ...(instruments.length > 0 ? { instruments: instruments.map(({ slug }) => slug) } : {}),
        ...(chosen.size < names.length ? { detectors: [...chosen] } : {}),
        options: optionsOf(typed, chosen),
      }),
    onSuccess: ({ id }) => {
      setSaid({ fault: null, done: `Backtest ${id} has been put in the list below.` });
      onBegun();
    },
    onError: (error) => setSaid({ fault: asProblem(error).detail, done: null }),
  });
  const toggle = (detector: string): void => {
    const next = new Set(chosen);
    if (!next.delete(detector)) next.add(detector);
    setChosen(next);
  };

  return (
    <>
      <form
        method="post"
        onSubmit={(event) => {
          event.preventDefault();
          begin.mutate();
        }}
        className="grid gap-x-4 gap-y-3 sm:grid-cols-2"
      >
        <Field
          label="Name"
          value={name}
          maxLength={80}
          placeholder="What is tried out"
          onChange={({ target }) => setName(target.value)}
          className="sm:col-span-2"
        />
        <fieldset className="min-w-0 sm:col-span-2">
          <legend className="mb-1">Instruments</legend>
          <div className="flex flex-wrap items-center gap-2">
            {instruments.length === 0 ? <span className="text-muted">All that was recorded</span> : null}
            {instruments.map((one) => (
              <SmallButton
                key={one.id}
                aria-label={`Leave out ${one.slug}`}
                onClick={() => setInstruments(instruments.filter(({ id }) => id !== one.id))}
              >
                {`${one.slug} ×`}
              </SmallButton>
            ))}
            <SmallButton onClick={() => setChoosing(true)}>Choose an instrument…</SmallButton>
          </div>
        </fieldset>
        {(['from', 'to'] as const).map((end) => (
          <label key={end} className="flex flex-col gap-1">
            {end === 'from' ? 'First day' : 'Last day'}
            <input
              type="date"
              required
              value={days[end]}
              onChange={({ target }) => setDays({ ...days, [end]: target.value })}
              className={fieldClass}
            />
          </label>
        ))}
        <RecordedDays
          instruments={instruments}
          onChoose={(day) =>
            setDays({
              from: days.from && days.from < day ? days.from : day,
              to: days.to && days.to > day ? days.to : day,
            })
          }
        />
        <fieldset className="min-w-0 sm:col-span-2">
          <legend className="mb-1">Detectors and their parameters</legend>
          <ul className="grid gap-x-4 gap-y-1 sm:grid-cols-2">
            {names.map((detector) => (
              <li key={detector} className="min-w-0 rounded border border-line px-2 py-1">
                <label className="flex items-center gap-2">
                  <input type="checkbox" checked={chosen.has(detector)} onChange={() => toggle(detector)} />
                  {detectorWords(detector)}
                </label>
                <details>
                  <summary className="cursor-pointer text-muted">{summaryWords(typed[detector])}</summary>
                  <Parameters
                    parameters={detectors[detector] as DetectorParameters[string]}
                    typed={typed[detector] ?? {}}
                    onType={(option, text) =>
                      setTyped({ ...typed, [detector]: { ...typed[detector], [option]: text } })
                    }
                  />
                </details>
              </li>
            ))}
          </ul>
        </fieldset>
        <div className="sm:col-span-2">
          <SubmitButton busy={begin.isPending || chosen.size === 0 || !days.from || !days.to}>Backtest</SubmitButton>
        </div>
      </form>
      <Outcome {...said} />
      <Dialog open={choosing} title="Choose an instrument" onClose={() => setChoosing(false)}>
        <InstrumentFinder
          initialSearch=""
          onPick={(one) => {
            setInstruments([...instruments.filter(({ id }) => id !== one.id), one]);
            setChoosing(false);
          }}
        />
      </Dialog>
    </>
  );
}

function summaryWords(typed: Readonly<Record<string, string>> | undefined): string {
  const count = Object.values(typed ?? {}).filter((text) => text !== '').length;
  return count === 0 ? 'as live' : count === 1 ? '1 changed' : `${count} changed`;
}

/** What was typed, as numbers; of detectors that are not asked for nothing. */
function optionsOf(typed: Typed, chosen: ReadonlySet<string>): Record<string, Record<string, number>> {
  const all = Object.entries(typed).flatMap(([detector, options]) => {
    const filled = Object.entries(options).filter(([, text]) => text !== '');
    if (filled.length === 0 || !chosen.has(detector)) return [];
    return [[detector, Object.fromEntries(filled.map(([option, text]) => [option, Number(text)]))] as const];
  });
  return Object.fromEntries(all);
}

interface ParametersProps {
  readonly parameters: DetectorParameters[string];
  readonly typed: Readonly<Record<string, string>>;
  onType(option: string, text: string): void;
}

function Parameters({ parameters: { defaults, ranges }, typed, onType }: ParametersProps) {
  return (
    <div className="grid gap-1 py-1">
      {Object.entries(ranges).map(([option, { unit, least, most, whole }]) => (
        <label key={option} className="flex items-center justify-between gap-2">
          <span className="min-w-0 break-words">
            {option} <span className="text-muted">{unit}</span>
          </span>
          <input
            type="number"
            min={least}
            max={most}
            step={whole ? 1 : 'any'}
            placeholder={String(defaults[option])}
            value={typed[option] ?? ''}
            onChange={({ target }) => onType(option, target.value)}
            className={`${fieldClass} w-28 shrink-0 text-right font-mono`}
          />
        </label>
      ))}
    </div>
  );
}

interface RecordedDaysProps {
  readonly instruments: readonly InstrumentSummary[];
  onChoose(day: string): void;
}

/** The days of which there are books of the chosen instruments. */
function RecordedDays({ instruments, onChoose }: RecordedDaysProps) {
  const slugs = instruments.map(({ slug }) => slug).join(',');
  const query = useQuery({
    queryKey: ['recorded days', slugs],
    queryFn: async () => {
      const today = formatIstDate(Date.now() * 1000);
      const asked = { instruments: slugs, from: addDays(today, -DAYS_BACK), to: today, of: 'depth' } as const;
      const { days } = await askMarket('/api/orderflow/coverage', asked);
      return days.filter((day) => day.instruments.some(({ coverage }) => (coverage ?? 0) > 0)).map(({ date }) => date);
    },
    enabled: slugs !== '',
  });
  if (slugs === '') {
    return <p className="text-muted sm:col-span-2">Choose an instrument to see the days that were recorded of it.</p>;
  }
  if (query.error) return <p className="text-fault sm:col-span-2">{asProblem(query.error).detail}</p>;
  if (!query.data) return <p className="text-muted sm:col-span-2">Looking which days were recorded…</p>;
  if (query.data.length === 0) {
    return <p className="text-muted sm:col-span-2">{`No book was recorded of it in the last ${DAYS_BACK} days.`}</p>;
  }
  return (
    <div className="flex flex-wrap items-center gap-1 sm:col-span-2">
      <span className="text-muted">Recorded:</span>
      {query.data.map((day) => (
        <SmallButton key={day} onClick={() => onChoose(day)} className="font-mono">
          {day}
        </SmallButton>
      ))}
    </div>
  );
}
