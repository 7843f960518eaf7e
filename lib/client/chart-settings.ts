/** What a chart keeps in a layout. */
import { CHART_ROWS, type ChartRow } from '../heatmap/chart-rows.ts';
import { BAR_INTERVALS, type BarInterval } from '../orderflow/bar-intervals.ts';

export interface ChartSettings {
  readonly interval: BarInterval;
  readonly rows: readonly ChartRow[];
  readonly vwap: boolean;
  /** Size whose cost is shown, lots. */
  readonly lots: number;
}

export const COST_LOTS = [1, 5, 10, 25, 50, 100] as const;

const DEFAULTS: ChartSettings = { interval: '1m', rows: ['volume', 'delta', 'cvd'], vwap: true, lots: 10 };

/** What a layout says, as far as it says something that there is. */
export function chartSettings({ interval, rows, vwap, lots }: Readonly<Record<string, unknown>>): ChartSettings {
  return {
    interval: isInterval(interval) ? interval : DEFAULTS.interval,
    rows: Array.isArray(rows) ? CHART_ROWS.filter((row) => rows.includes(row)) : DEFAULTS.rows,
    vwap: typeof vwap === 'boolean' ? vwap : DEFAULTS.vwap,
    lots: COST_LOTS.find((each) => each === lots) ?? DEFAULTS.lots,
  };
}

const isInterval = (value: unknown): value is BarInterval =>
  typeof value === 'string' && Object.hasOwn(BAR_INTERVALS, value);

/** `1 s`, `5 min`, `1 h`, `1 day` */
export const intervalWords = (interval: string): string => {
  const unit = { s: 's', m: 'min', h: 'h', d: 'day' }[interval.slice(-1)] ?? '';
  return `${interval.slice(0, -1)} ${unit}`;
};
