'use client';

import type { ReactNode } from 'react';

interface Props<T extends string | number> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, words: string])[];
  onChoose(value: T): void;
}

/** A choice in a pane's bar. */
export function Choice<T extends string | number>({ label, value, options, onChoose }: Props<T>) {
  return (
    <label className="flex items-center gap-1 text-[12px] text-muted">
      {label}
      <select
        value={value}
        onChange={({ target }) => {
          const chosen = options.find(([option]) => String(option) === target.value);
          if (chosen) onChoose(chosen[0]);
        }}
        className="rounded border border-line bg-raised px-1 py-0.5 text-ink"
      >
        {options.map(([option, words]) => (
          <option key={option} value={option}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The bar over a pane. */
export function PaneBar({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div
      role="toolbar"
      aria-label={label}
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-panel px-2 py-1"
    >
      {children}
    </div>
  );
}
