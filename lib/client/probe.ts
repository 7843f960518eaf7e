/**
 * `window.gehra`: the picture's numbers, for tests and for the curious. It only answers; nothing can be changed by it.
 *
 *     await gehra.probe({ priceUnits: 2594000, timeUs: 1795475977152000 })
 *       -> { bidQuantity, askQuantity, bidOrders, askOrders, bestBid, bestAsk, columnStartUs, state, cause }
 *          the level at that price in the column that holds that time, in units; null where the side is not known;
 *          state 'data', 'stale', 'gap', 'none' or 'loading'. `rowTicks: n` sums up a price row of n ticks instead.
 *     await gehra.view()
 *       -> visible time and price, column width (`tier`, `columnUs`), ticks a row, following, paused, columns held, and
 *          the chart's place in its element:
 *            x(t) = chart.x + chart.width − (rightUs − t) / usPerPx
 *            y(p) = chart.y + chart.height / 2 + (centrePrice − p) / unitsPerPx
 *     await gehra.stats()
 *       -> frames drawn, ms of CPU a frame (p50, p95 of the last 240), events and bytes of the stream, pages of history,
 *          stamp of the newest frame that is painted
 *
 * Each answers null while nothing is shown.
 */
import type { ProbeAnswer, Question, StatsAnswer, ViewAnswer } from './session-messages.ts';

export interface Probe {
  probe(question: { priceUnits: number; timeUs: number; rowTicks?: number }): Promise<ProbeAnswer | null>;
  view(): Promise<ViewAnswer | null>;
  stats(): Promise<StatsAnswer | null>;
}

declare global {
  interface Window {
    gehra?: Probe;
  }
}

/** Returns what takes it away again. */
export function installProbe(ask: (question: Question) => Promise<unknown>): () => void {
  const probe: Probe = {
    probe: ({ priceUnits, timeUs, rowTicks }) =>
      ask({ about: 'probe', priceUnits, timeUs, rowTicks }) as Promise<ProbeAnswer | null>,
    view: () => ask({ about: 'view' }) as Promise<ViewAnswer | null>,
    stats: () => ask({ about: 'stats' }) as Promise<StatsAnswer | null>,
  };
  window.gehra = probe;
  return () => {
    if (window.gehra === probe) delete window.gehra;
  };
}
