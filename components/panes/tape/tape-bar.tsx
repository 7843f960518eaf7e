'use client';

import { type ReactNode, useEffect, useState } from 'react';
import { SPLIT_MS, type TapeSettings } from '../../../lib/client/tape-filter.ts';
import type { TapeSpan } from '../../../lib/client/tape-session.ts';
import { Choice, PaneBar } from '../choice.tsx';

interface Props {
  readonly settings: TapeSettings;
  readonly span: TapeSpan;
  /** What quantities are counted in. */
  readonly unit: string;
  readonly children: ReactNode;
  onChange(change: Partial<TapeSettings>): void;
  onSpan(span: TapeSpan): void;
}

const INPUT = 'w-full rounded border border-line bg-ground px-1.5 py-0.5 font-mono text-ink';
const US_PER_MINUTE = 60_000_000;

export function TapeBar({ settings, span, unit, children, onChange, onSpan }: Props) {
  const { side, minLots, maxLots, minPrice, maxPrice, observedOnly, splitMs } = settings;
  return (
    <PaneBar label="Tape">
      {children}
      <Choice
        label="Side"
        value={side}
        options={[
          ['all', 'all'],
          ['buy', 'buys'],
          ['sell', 'sells'],
          ['unknown', 'unknown'],
        ]}
        onChoose={(value) => onChange({ side: value })}
      />
      <NumberField label={`From ${unit}`} value={minLots} onValue={(value) => onChange({ minLots: value })} inline />
      <details className="relative">
        <summary className="rounded border border-line bg-raised px-1.5 py-0.5 text-[12px] text-muted">
          More filters
        </summary>
        <div className="absolute right-0 z-10 mt-1 grid w-60 gap-2 rounded border border-edge bg-raised p-3 shadow-lg max-sm:right-auto max-sm:-left-24">
          <NumberField label={`To ${unit}`} value={maxLots} onValue={(value) => onChange({ maxLots: value })} />
          <NumberField label="From price, ₹" value={minPrice} onValue={(value) => onChange({ minPrice: value })} />
          <NumberField label="To price, ₹" value={maxPrice} onValue={(value) => onChange({ maxPrice: value })} />
          <label className="flex items-center gap-1.5 text-[12px]">
            <input
              type="checkbox"
              className="size-3.5 accent-bid"
              checked={observedOnly}
              onChange={({ target }) => onChange({ observedOnly: target.checked })}
            />
            Only where the side was seen
          </label>
          <Choice
            label="Split prints as one within"
            value={splitMs}
            options={SPLIT_MS.map((ms) => [ms, ms === 0 ? 'never' : `${ms} ms`] as const)}
            onChoose={(value) => onChange({ splitMs: value })}
          />
          <p className="text-[11.5px] text-muted">Sizes are of single prints, before they are taken as one.</p>
          <label className="grid gap-0.5 text-[12px] text-muted">
            Day
            <input
              type="date"
              className={INPUT}
              value={span.date ?? ''}
              onChange={({ target }) => onSpan({ ...span, date: target.value === '' ? null : target.value })}
            />
          </label>
          <label className="grid gap-0.5 text-[12px] text-muted">
            Until, IST
            <input
              type="time"
              className={INPUT}
              onChange={({ target }) => onSpan({ ...span, untilUs: timeOf(target.value) })}
            />
          </label>
        </div>
      </details>
    </PaneBar>
  );
}

/** µs after midnight of `14:05`; null where nothing stands there. */
function timeOf(text: string): number | null {
  const [hours, minutes] = text.split(':').map(Number);
  return hours === undefined || minutes === undefined ? null : (hours * 60 + minutes) * US_PER_MINUTE;
}

interface NumberProps {
  readonly label: string;
  readonly value: number | null;
  readonly inline?: boolean;
  onValue(value: number | null): void;
}

/** A number that is taken when the field is left or Enter is pressed: each change is a question to the server. */
function NumberField({ label, value, inline = false, onValue }: NumberProps) {
  const told = value === null ? '' : String(value);
  const [text, setText] = useState(told);
  useEffect(() => setText(told), [told]);
  const take = (): void => {
    const number = Number(text);
    const next = text.trim() === '' || !Number.isFinite(number) || number < 0 ? null : number;
    setText(next === null ? '' : String(next));
    if (next !== value) onValue(next);
  };
  return (
    <label
      className={inline ? 'flex items-center gap-1 text-[12px] text-muted' : 'grid gap-0.5 text-[12px] text-muted'}
    >
      {label}
      <input
        inputMode="decimal"
        className={inline ? `${INPUT} max-w-16` : INPUT}
        value={text}
        onChange={({ target }) => setText(target.value)}
        onBlur={take}
        onKeyDown={({ key }) => {
          if (key === 'Enter') take();
        }}
      />
    </label>
  );
}
