'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ask, send } from '../../lib/client/api.ts';
import { asProblem } from '../../lib/client/problem.ts';
import {
  EXPORT_KIND_NAMES,
  EXPORT_KIND_WORDS,
  EXPORT_KINDS,
  type ExportEstimate,
  type ExportFormat,
  type ExportKind,
} from '../../lib/core/exports.ts';
import type { InstrumentSummary } from '../../lib/core/instrument.ts';
import { formatIstDate } from '../../lib/core/ist.ts';
import { formatWhole } from '../../lib/heatmap/format.ts';
import { BAR_INTERVALS, type BarInterval } from '../../lib/orderflow/bar-intervals.ts';
import { fieldClass } from '../instruments/form-parts.tsx';
import { InstrumentFinder } from '../instruments/instrument-finder.tsx';
import { bytesWords } from '../shell/bytes-words.ts';
import { Dialog } from '../shell/dialog.tsx';
import { SubmitButton } from '../shell/field.tsx';
import { Outcome } from '../shell/form-parts.tsx';

const FORMAT_WORDS: Readonly<Record<ExportFormat, string>> = {
  csv: 'CSV',
  ndjson: 'NDJSON',
  parquet: 'Parquet',
  npy: 'NumPy array',
};
/** The session of cash and its derivatives, until another is typed. */
const SESSION = { from: '09:00:00', to: '15:40:00' };

/** Asks for an export, and says before how large it would be. */
export function ExportForm({ onBegun }: { onBegun(): void }) {
  const [instrument, setInstrument] = useState<InstrumentSummary | null>(null);
  const [choosing, setChoosing] = useState(false);
  const [kind, setKind] = useState<ExportKind>('ticks');
  const [format, setFormat] = useState<ExportFormat>('csv');
  const [interval, setInterval] = useState<BarInterval>('1m');
  const [day, setDay] = useState({ from: '', to: '' });
  const [time, setTime] = useState(SESSION);
  const [said, setSaid] = useState<{ fault: string | null; done: string | null }>({ fault: null, done: null });
  const formats: readonly ExportFormat[] = EXPORT_KINDS[kind];
  const asked =
    instrument && day.from && day.to && time.from && time.to
      ? {
          instrument: instrument.slug,
          kind,
          format,
          ...(kind === 'bars' ? { interval } : {}),
          from: inIst(day.from, time.from),
          to: inIst(day.to, time.to),
        }
      : null;
  const begin = useMutation({
    mutationFn: () => send<{ id: number }>('POST', '/api/exports', asked ?? {}),
    onSuccess: () => {
      setSaid({ fault: null, done: 'The export has been put in the list below.' });
      onBegun();
    },
    onError: (error) => setSaid({ fault: asProblem(error).detail, done: null }),
  });

  const chooseKind = (next: ExportKind): void => {
    setKind(next);
    const possible: readonly ExportFormat[] = EXPORT_KINDS[next];
    if (!possible.includes(format)) setFormat(possible[0] as ExportFormat);
  };
  const choose = (chosen: InstrumentSummary): void => {
    setInstrument(chosen);
    setChoosing(false);
    // Not before somebody is here: what the server draws must not depend on the day.
    if (!day.from) {
      const today = formatIstDate(Date.now() * 1000);
      setDay({ from: today, to: today });
    }
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
        <div className="flex flex-col gap-1 sm:col-span-2">
          <span id="export-instrument">Instrument</span>
          <button
            type="button"
            aria-describedby="export-instrument"
            onClick={() => setChoosing(true)}
            className={`${fieldClass} text-left hover:bg-hover`}
          >
            {instrument ? instrument.slug : 'Choose an instrument…'}
          </button>
        </div>
        <label className="flex flex-col gap-1">
          What
          <select value={kind} onChange={({ target }) => chooseKind(target.value as ExportKind)} className={fieldClass}>
            {EXPORT_KIND_NAMES.map((name) => (
              <option key={name} value={name}>
                {EXPORT_KIND_WORDS[name]}
              </option>
            ))}
          </select>
        </label>
        <label className="flex flex-col gap-1">
          Format
          <select
            value={format}
            onChange={({ target }) => setFormat(target.value as ExportFormat)}
            className={fieldClass}
          >
            {formats.map((name) => (
              <option key={name} value={name}>
                {FORMAT_WORDS[name]}
              </option>
            ))}
          </select>
        </label>
        {kind === 'bars' ? (
          <label className="flex flex-col gap-1">
            Length of a bar
            <select
              value={interval}
              onChange={({ target }) => setInterval(target.value as BarInterval)}
              className={fieldClass}
            >
              {Object.keys(BAR_INTERVALS).map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        ) : null}
        {kind === 'hftbacktest' ? (
          <p className="text-muted sm:col-span-2">
            Differences between snapshots, several times a second at most: orders and queues cannot be seen, a level
            that leaves the window looks cancelled, and the exchange’s own time is not known. The file beside it says
            more.
          </p>
        ) : null}
        {(['from', 'to'] as const).map((end) => (
          <fieldset key={end} className="flex min-w-0 gap-2 sm:col-start-auto">
            <legend className="mb-1">{end === 'from' ? 'From, IST' : 'To (not included), IST'}</legend>
            <input
              type="date"
              required
              aria-label={end === 'from' ? 'First day' : 'Last day'}
              value={day[end]}
              onChange={({ target }) => setDay({ ...day, [end]: target.value })}
              className={`${fieldClass} flex-1`}
            />
            <input
              type="time"
              required
              step={1}
              aria-label={end === 'from' ? 'Time it begins' : 'Time it ends'}
              value={time[end]}
              onChange={({ target }) => setTime({ ...time, [end]: target.value })}
              className={`${fieldClass} flex-1`}
            />
          </fieldset>
        ))}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2 sm:col-span-2">
          <SubmitButton busy={begin.isPending || asked === null}>Export</SubmitButton>
          <Size asked={asked} />
        </div>
      </form>
      <Outcome {...said} />
      <Dialog open={choosing} title="Choose an instrument" onClose={() => setChoosing(false)}>
        <InstrumentFinder initialSearch="" onPick={choose} />
      </Dialog>
    </>
  );
}

/** How large it would be, or why it cannot be. */
function Size({ asked }: { asked: Readonly<Record<string, string>> | null }) {
  const query = useQuery({
    queryKey: ['export size', asked],
    queryFn: () => ask<ExportEstimate>(`/api/exports/estimate?${new URLSearchParams(asked ?? {})}`),
    enabled: asked !== null,
    retry: false,
  });
  if (asked === null) return <p className="text-muted">Choose an instrument and an interval.</p>;
  if (query.error) return <p className="text-fault">{asProblem(query.error).detail}</p>;
  if (!query.data) return <p className="text-muted">Looking how much it is…</p>;
  const { rows, bytes, bytesFree, refusal } = query.data;
  if (refusal !== null) return <p className="text-fault">{refusal}</p>;
  return (
    <p className="text-muted">{`About ${formatWhole(rows)} rows, ${bytesWords(bytes)}; ${bytesWords(bytesFree)} are free for exports.`}</p>
  );
}

/** @param time as a field of that type gives it, with or without seconds */
const inIst = (date: string, time: string): string => `${date}T${time}+05:30`;
