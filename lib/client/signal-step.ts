/** From one signal of an instrument to the next one or the one before, in time. */
import type { ToldSignal } from '../api/signals.ts';
import type { AskMarket } from './market-data.ts';

/** How far is looked for the next one, in growing steps, and for the one before at once, ms. */
const WINDOWS_MS = [600_000, 7_200_000, 86_400_000, 7 * 86_400_000] as const;
/** As many as one answer has: of more, the earliest is found in a shorter time. */
const PAGE = 500;

/**
 * The first signal after a time, or the last one before it; null where there is none within a week.
 *
 * @param slug of the instrument. @param atMs, nowMs since the epoch
 */
export async function signalBeside(
  ask: AskMarket,
  slug: string,
  atMs: number,
  step: 1 | -1,
  nowMs: number,
): Promise<ToldSignal | null> {
  const between = (from: number, to: number, limit: number) =>
    ask('/api/signals', {
      instruments: slug,
      from: String(Math.floor(from)),
      to: String(Math.ceil(to)),
      limit: String(limit),
    });
  // Answers have the latest first.
  if (step === -1) return (await between(atMs - WINDOWS_MS[3], atMs, 1)).signals[0] ?? null;
  let from = atMs + 1;
  for (const windowMs of WINDOWS_MS) {
    let to = Math.min(from + windowMs, nowMs);
    while (to > from) {
      const { signals, next } = await between(from, to, PAGE);
      if (signals.length === 0) break;
      if (next === null) return signals[signals.length - 1] ?? null;
      const half = from + (to - from) / 2;
      // All within a few ms: any of them is the next.
      if (half - from < 1) return signals[signals.length - 1] ?? null;
      to = half;
    }
    from = Math.max(from, to);
    if (to >= nowMs) return null;
  }
  return null;
}
