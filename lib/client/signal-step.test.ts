import { describe, expect, it } from 'vitest';
import type { AskMarket } from './market-data.ts';
import { signalBeside } from './signal-step.ts';

const NOW = 1_800_000_000_000;

/** A server of signals at these times, ms; it answers the latest first, as many as were asked for. */
const serverOf = (times: readonly number[]): AskMarket =>
  (async (_path: string, query: { from: string; to: string; limit: string }) => {
    const within = times
      .filter((time) => time >= Number(query.from) && time < Number(query.to))
      .toSorted((a, b) => b - a);
    const limit = Number(query.limit);
    return {
      signals: within.slice(0, limit).map((time) => ({ id: String(time) })),
      next: within.length > limit ? 'more' : null,
    };
  }) as unknown as AskMarket;

const beside = async (times: readonly number[], at: number, step: 1 | -1) =>
  (await signalBeside(serverOf(times), 'NFO:NIFTY', at, step, NOW))?.id ?? null;

describe('the signal beside a time', () => {
  const times = [NOW - 86_400_000, NOW - 3_600_000, NOW - 3_000_000, NOW - 1000];

  it('is the first one after it, however far', async () => {
    expect(await beside(times, NOW - 2 * 86_400_000, 1)).toBe(String(times[0]));
    expect(await beside(times, times[0] as number, 1)).toBe(String(times[1]));
    expect(await beside(times, times[1] as number, 1)).toBe(String(times[2]));
    expect(await beside(times, times[3] as number, 1)).toBeNull();
  });

  it('is the last one before it', async () => {
    expect(await beside(times, NOW, -1)).toBe(String(times[3]));
    expect(await beside(times, times[1] as number, -1)).toBe(String(times[0]));
    expect(await beside(times, times[0] as number, -1)).toBeNull();
  });

  it('is found among more than an answer has', async () => {
    const many = Array.from({ length: 3000 }, (_, i) => NOW - 500_000 + i * 100);
    expect(await beside(many, NOW - 500_100, 1)).toBe(String(many[0]));
    expect(await beside(many, many[700] as number, 1)).toBe(String(many[701]));
  });
});
