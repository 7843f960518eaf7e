/**
 * What has traded at each price today, for a ladder: whole minutes as sums, the minute under way as trades, up to an instant before which
 * the server has everything. The stream's ticks go on from there, and each round moves the instant on.
 */
import { AGGRESSOR } from '../core/aggressor.ts';
import { formatIstDate, istMidnightUs } from '../core/ist.ts';
import type { Trade, TradedPrice } from '../ladder/traded-at-price.ts';
import { askMarket } from './market-data.ts';

const MINUTE_US = 60_000_000;
const PAGE_TRADES = 5000;

export interface StoredTraded {
  readonly prices: readonly TradedPrice[];
  readonly trades: readonly Trade[];
  /** Nothing before it is missing, µs. */
  readonly completeToUs: number;
}

const usOf = (time: string): number => Date.parse(time) * 1000;
const msOf = (us: number): string => String(Math.floor(us / 1000));

/**
 * Null where the recorder is so late that whole minutes are missing, or where nothing gives the instrument's ticks.
 *
 * @param nowUs the server's time
 * @throws ServerProblem, TypeError, AbortError
 */
export async function fetchTraded(slug: string, nowUs: number, signal: AbortSignal): Promise<StoredTraded | null> {
  const dayUs = istMidnightUs(formatIstDate(nowUs));
  // The server keeps sums by the minute: one under way would hold more than its answer's `completeTo` says.
  const minuteUs = Math.max(dayUs, Math.floor(nowUs / MINUTE_US - 1) * MINUTE_US);
  const prices =
    minuteUs === dayUs
      ? []
      : (
          await askMarket(
            '/api/orderflow/profile',
            { instrument: slug, from: msOf(dayUs), to: msOf(minuteUs) },
            { signal },
          )
        ).rows;
  const trades: Trade[] = [];
  let completeToUs = 0;
  let cursor: string | undefined;
  do {
    const query = { instrument: slug, from: msOf(minuteUs), to: msOf(nowUs), limit: PAGE_TRADES };
    const page = await askMarket('/api/orderflow/tape', cursor === undefined ? query : { ...query, cursor }, {
      signal,
    });
    if (cursor === undefined) completeToUs = usOf(page.completeTo);
    for (const { stampUs, price, quantity, side } of page.trades) {
      trades.push({ stampUs, price, quantity, aggressor: AGGRESSOR[side] });
    }
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return completeToUs < minuteUs ? null : { prices, trades, completeToUs };
}
