import clsx from 'clsx';
import type { BacktestTold } from '../../lib/api/backtests.ts';
import { type BacktestState, isEnded } from '../../lib/core/backtests.ts';
import { formatWhole } from '../../lib/heatmap/format.ts';
import { Action } from '../shell/form-parts.tsx';
import { ProgressBar } from '../shell/progress-bar.tsx';
import { choiceWords, daysWords, titleOf } from './backtest-words.ts';

const STATES: Readonly<Record<BacktestState, string>> = {
  queued: 'Waiting',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

interface Props {
  readonly item: BacktestTold;
  readonly mayChange: boolean;
  readonly isShown: boolean;
  onShow(is: boolean): void;
  onCancel(): void;
  onDelete(): void;
}

export function BacktestItem({ item, mayChange, isShown, onShow, onCancel, onDelete }: Props) {
  const { state, error, hash, signals, days, entries, who, progress } = item;
  const title = titleOf(item);
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="font-medium break-words">{title}</p>
        <p className="break-words text-muted">{`${daysWords(item)} · ${choiceWords(item)} · asked by ${who}`}</p>
        {isEnded(state) ? null : <ProgressBar name={title} share={progress} waits={state === 'queued'} />}
        <p className={clsx('break-words', state === 'failed' && 'text-fault')}>
          <span className="font-medium">{STATES[state]}</span>
          {error ? `: ${error}` : null}
          {state === 'done'
            ? ` · ${formatWhole(signals)} signals on ${days === 1 ? '1 day' : `${days} days`} · ${formatWhole(entries)} entries · ${(hash ?? '').slice(0, 12)}`
            : null}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Action aria-pressed={isShown} onClick={() => onShow(!isShown)}>
          {isShown ? 'Hide' : 'Show'}
          <span className="sr-only">{` ${title}`}</span>
        </Action>
        {mayChange ? (
          <Action onClick={isEnded(state) ? onDelete : onCancel}>
            {isEnded(state) ? 'Delete' : 'Cancel'}
            <span className="sr-only">{` ${title}`}</span>
          </Action>
        ) : null}
      </div>
    </li>
  );
}
