import clsx from 'clsx';

interface Props {
  readonly on: boolean;
  /** What it switches. */
  readonly label: string;
  readonly disabled?: boolean;
  onChange(on: boolean): void;
}

/** A switch that says on or off in words too. */
export function Switch({ on, label, disabled = false, onChange }: Props) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={on}
      aria-label={label}
      disabled={disabled}
      onClick={() => onChange(!on)}
      className="flex shrink-0 items-center gap-1.5 disabled:opacity-60"
    >
      <span
        aria-hidden="true"
        className={clsx('relative h-5 w-9 rounded-full border', on ? 'border-bid bg-bid/40' : 'border-edge bg-raised')}
      >
        <span
          className={clsx('absolute top-0.5 size-3.5 rounded-full', on ? 'right-0.5 bg-ink' : 'left-0.5 bg-muted')}
        />
      </span>
      <span aria-hidden="true" className="w-6 text-left text-muted">
        {on ? 'On' : 'Off'}
      </span>
    </button>
  );
}
