/** What the overview's cards say of an instrument, from its bars of a minute and its newest tick. */
import type { Answer } from '../api/operations.ts';
import { askMarket } from './market-data.ts';

type Bar = Answer<'/api/orderflow/bars'>['bars'][number];
export type BuildUp = NonNullable<Bar['buildUp']>;

const HOUR_MS = 3_600_000;
const RECENT_BARS = 5;
/** The volume of the last five minutes is a spike from so many times the mean on. */
export const SPIKE_TIMES = 1.5;

/** Bars of a minute of the last hour. @throws ServerProblem */
export async function fetchMinutes(slug: string, nowMs: number, signal: AbortSignal): Promise<readonly Bar[]> {
  const query = { instrument: slug, from: String(nowMs - HOUR_MS), to: String(nowMs), interval: '1m' as const };
  return (await askMarket('/api/orderflow/bars', query, { signal })).bars;
}

export interface RecentVolume {
  /** Units of the last five bars. */
  readonly recent: number;
  /** Times the mean of five bars before them; null where there are none. */
  readonly times: number | null;
}

export function recentVolume(bars: readonly Pick<Bar, 'volume'>[]): RecentVolume {
  const sum = (part: readonly Pick<Bar, 'volume'>[]) => part.reduce((total, { volume }) => total + volume, 0);
  const recent = sum(bars.slice(-RECENT_BARS));
  const before = bars.slice(0, -RECENT_BARS);
  const mean = before.length === 0 ? 0 : (sum(before) / before.length) * RECENT_BARS;
  return { recent, times: mean > 0 ? recent / mean : null };
}

/** What price and open interest said together in the last minute that was told; null where none was. */
export const lastBuildUp = (bars: readonly Pick<Bar, 'buildUp'>[]): BuildUp | null =>
  bars.findLast(({ buildUp }) => buildUp !== null)?.buildUp ?? null;

/** Points of a line through closes, `x,y` of a box of the given size; empty where there are not two. */
export function sparkline(closes: readonly number[], width: number, height: number): string {
  if (closes.length < 2) return '';
  const low = Math.min(...closes);
  const range = Math.max(...closes) - low || 1;
  const step = width / (closes.length - 1);
  return closes
    .map((close, i) => `${(i * step).toFixed(1)},${(height - ((close - low) / range) * height).toFixed(1)}`)
    .join(' ');
}
