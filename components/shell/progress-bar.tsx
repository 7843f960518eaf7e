interface Props {
  /** Of what. */
  readonly name: string;
  /** 0 to 1. */
  readonly share: number;
  /** It has not begun. */
  readonly waits: boolean;
}

/** How far something is that a job works on. */
export function ProgressBar({ name, share, waits }: Props) {
  const percent = Math.floor(share * 100);
  return (
    <div className="my-1.5 flex items-center gap-2">
      <div
        role="progressbar"
        aria-label={`Progress of ${name}`}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuetext={waits ? 'waiting' : `${percent} %`}
        className="h-2 flex-1 overflow-hidden rounded bg-raised outline outline-edge"
      >
        <div className="h-full bg-bid" style={{ width: `${percent}%` }} />
      </div>
      <span className="w-10 text-right font-mono tabular-nums">{`${percent} %`}</span>
    </div>
  );
}
