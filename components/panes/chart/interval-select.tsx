import { intervalWords } from '../../../lib/client/chart-settings.ts';

interface Props {
  readonly intervals: readonly string[];
  readonly value: string;
  onChange(interval: string): void;
}

export function IntervalSelect({ intervals, value, onChange }: Props) {
  return (
    <label className="flex items-center gap-1.5">
      <span className="text-muted">Bars</span>
      <select
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="rounded border border-edge bg-raised px-1.5 py-0.5"
      >
        {intervals.map((interval) => (
          <option key={interval} value={interval}>
            {intervalWords(interval)}
          </option>
        ))}
      </select>
    </label>
  );
}
