'use client';

import clsx from 'clsx';
import { type ButtonHTMLAttributes, type ReactNode, useId } from 'react';

interface ActionProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** The one that the form is for. */
  readonly main?: boolean;
}

export function Action({ main = false, className, ...button }: ActionProps) {
  return (
    <button
      type="button"
      className={clsx(
        'rounded border px-3 py-1.5 font-medium disabled:opacity-60',
        main ? 'border-bid bg-bid/20 hover:bg-bid/30' : 'border-edge bg-raised hover:bg-hover',
        className,
      )}
      {...button}
    />
  );
}

/** A part of a page under its own heading. */
export function Panel({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mt-6 rounded-lg border border-line bg-panel px-4 py-4">
      <h2 id={id} className="mb-2 font-semibold">
        {title}
      </h2>
      {children}
    </section>
  );
}

/** What came of the last action, said aloud too; the same place for good and bad. */
export function Outcome({ fault, done }: { fault: string | null; done: string | null }) {
  return (
    <p role="status" className={clsx('mt-3', fault ? 'rounded border border-down px-3 py-2' : !done && 'sr-only')}>
      {fault ?? done}
    </p>
  );
}
