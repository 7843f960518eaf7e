import clsx from 'clsx';
import { Download } from 'lucide-react';
import { EXPORT_KIND_WORDS, type ExportState, type ExportSummary, isEnded } from '../../lib/core/exports.ts';
import { formatIstMinute } from '../../lib/core/ist.ts';
import { formatWhole } from '../../lib/heatmap/format.ts';
import { bytesWords } from '../shell/bytes-words.ts';
import { ProgressBar } from '../shell/progress-bar.tsx';

const STATES: Readonly<Record<ExportState, string>> = {
  queued: 'Waiting',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

interface Props {
  readonly item: ExportSummary;
  readonly mayChange: boolean;
  onCancel(): void;
  onDelete(): void;
}

export function ExportItem({ item, mayChange, onCancel, onDelete }: Props) {
  const { id, instrument, kind, interval, format, state, rows, bytes, error, who, fromUs, toUs } = item;
  const name = `${instrument}, ${EXPORT_KIND_WORDS[kind]}${interval ? ` of ${interval}` : ''}`;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="font-medium break-words">
          {name} <span className="text-muted">{format.toUpperCase()}</span>
        </p>
        <p className="text-muted">{`${formatIstMinute(fromUs / 1000)} – ${formatIstMinute(toUs / 1000)} IST · asked by ${who}`}</p>
        {isEnded(state) ? null : <ProgressBar name={name} share={item.progress} waits={state === 'queued'} />}
        <p className={clsx('break-words', state === 'failed' && 'text-fault')}>
          <span className="font-medium">{STATES[state]}</span>
          {error ? `: ${error}` : null}
          {state === 'done' || state === 'running' ? ` · ${formatWhole(rows)} rows · ${bytesWords(bytes)}` : null}
          {state === 'done' ? <Holes gaps={item.gaps ?? 0} /> : null}
          {state === 'done' && item.deletedAtMs !== null ? (
            <span className="text-muted">{` · kept until ${formatIstMinute(item.deletedAtMs)}`}</span>
          ) : null}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        {state === 'done' ? (
          <>
            <FileLink href={`/api/exports/file?id=${id}`} label="Download" name={name} />
            <FileLink href={`/api/exports/file?id=${id}&part=about`} label="About it" name={name} />
          </>
        ) : null}
        {mayChange ? (
          <button
            type="button"
            onClick={isEnded(state) ? onDelete : onCancel}
            className="rounded border border-edge bg-raised px-2.5 py-1 hover:bg-hover"
          >
            {isEnded(state) ? 'Delete' : 'Cancel'}
            <span className="sr-only">{` ${name}`}</span>
          </button>
        ) : null}
      </div>
    </li>
  );
}

/** How many holes the interval has is said where the file is, not only in the one beside it. */
function Holes({ gaps }: { gaps: number }) {
  if (gaps === 0) return ' · no gap';
  return <span className="text-warn">{` · ${gaps === 1 ? '1 gap' : `${gaps} gaps`}, listed in “About it”`}</span>;
}

function FileLink({ href, label, name }: { href: string; label: string; name: string }) {
  return (
    <a
      href={href}
      download
      className="flex items-center gap-1.5 rounded border border-edge bg-raised px-2.5 py-1 hover:bg-hover"
    >
      {label === 'Download' ? <Download aria-hidden="true" className="size-3.5" /> : null}
      {label}
      <span className="sr-only">{` ${name}`}</span>
    </a>
  );
}
