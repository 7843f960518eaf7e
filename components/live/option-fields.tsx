'use client';

import { useEffect, useState } from 'react';

const ROW = 'flex items-center justify-between gap-3';
const BOX = 'rounded border border-line bg-raised px-1.5 py-0.5 font-mono text-ink';

interface CheckProps {
  readonly label: string;
  readonly on: boolean;
  readonly disabled?: boolean;
  onChange(on: boolean): void;
}

export function Check({ label, on, disabled = false, onChange }: CheckProps) {
  return (
    <label className={ROW}>
      {label}
      <input
        type="checkbox"
        checked={on}
        disabled={disabled}
        onChange={({ target }) => onChange(target.checked)}
        className="size-3.5 accent-bid"
      />
    </label>
  );
}

interface ChoiceProps<T extends string | number> {
  readonly label: string;
  readonly value: T;
  readonly of: readonly T[];
  onChange(value: T): void;
}

export function Choice<T extends string | number>({ label, value, of, onChange }: ChoiceProps<T>) {
  return (
    <label className={ROW}>
      {label}
      <select value={value} onChange={({ target }) => onChange(of[target.selectedIndex] as T)} className={BOX}>
        {of.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
}

interface SlideProps {
  readonly label: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  onChange(value: number): void;
}

export function Slide({ label, value, min, max, step, onChange }: SlideProps) {
  return (
    <label className={ROW}>
      {label}
      <span className="flex items-center gap-2">
        <input
          type="range"
          min={min}
          max={max}
          step={step}
          value={value}
          onChange={({ target }) => onChange(Number(target.value))}
          className="w-28 accent-bid"
        />
        <span className="min-w-[4ch] text-right font-mono tabular-nums">{Number(value.toFixed(1))}</span>
      </span>
    </label>
  );
}

interface NumberProps {
  readonly label: string;
  readonly value: number;
  onChange(value: number): void;
}

/** A number from 0 up. What is being typed stands until the field is left; what is no number is not taken. */
export function NumberField({ label, value, onChange }: NumberProps) {
  const [typed, setTyped] = useState(String(value));
  useEffect(() => setTyped(String(value)), [value]);
  return (
    <label className={ROW}>
      {label}
      <input
        type="number"
        min={0}
        step="any"
        value={typed}
        onChange={({ target }) => {
          setTyped(target.value);
          const number = target.valueAsNumber;
          if (Number.isFinite(number) && number >= 0) onChange(number);
        }}
        onBlur={() => setTyped(String(value))}
        className={`${BOX} w-24 text-right`}
      />
    </label>
  );
}
