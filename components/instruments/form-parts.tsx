import clsx from 'clsx';
import type { ComponentProps } from 'react';

/** The small buttons, fields and words of the watchlists. */
export function SmallButton({ className, ...rest }: ComponentProps<'button'>) {
  return (
    <button
      type="button"
      {...rest}
      className={clsx(
        'min-h-6 rounded border border-edge px-2 py-0.5 hover:bg-hover disabled:opacity-50 disabled:hover:bg-transparent',
        className,
      )}
    />
  );
}

export function IconButton({ label, className, ...rest }: ComponentProps<'button'> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={clsx(
        'grid min-h-6 min-w-6 place-items-center rounded p-1 text-muted hover:bg-hover hover:text-ink disabled:opacity-40',
        className,
      )}
    />
  );
}

export const fieldClass = 'h-8 min-w-0 rounded border border-edge bg-raised px-2 text-ink placeholder:text-faint';

/** Why something came to nothing. */
export function Failure({ detail }: { detail: string | null }) {
  return detail === null ? null : (
    <p role="alert" className="rounded border border-down px-3 py-1.5">
      {detail}
    </p>
  );
}
