import clsx from 'clsx';
import { type InputHTMLAttributes, useId } from 'react';

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  readonly label: string;
  /** What is good to know before typing. */
  readonly hint?: string;
}

/** A labelled text field. */
export function Field({ label, hint, className, ...input }: Props) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block font-medium">
        {label}
      </label>
      <input
        id={id}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="w-full rounded border border-edge bg-raised px-2.5 py-1.5 text-ink"
        {...input}
      />
      {hint ? (
        <p id={`${id}-hint`} className="mt-1 text-muted">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

/** The button that does what a form is for. */
export function SubmitButton({ busy, children, wide = false }: { busy: boolean; children: string; wide?: boolean }) {
  return (
    <button
      type="submit"
      disabled={busy}
      className={clsx(
        'rounded border border-bid bg-bid/20 px-3 py-1.5 font-medium hover:bg-bid/30 disabled:opacity-60',
        wide && 'w-full',
      )}
    >
      {children}
    </button>
  );
}

/** What went wrong with a form, said aloud too. */
export function Fault({ children }: { children: string | null }) {
  return (
    <p role="alert" className={children ? 'rounded border border-down px-3 py-2' : 'sr-only'}>
      {children}
    </p>
  );
}
