/** Ticks as a connection's message brings them: what the queue carries. */
import { BID, type SideLevels } from '../../lib/core/side.ts';
import { TICK_INTEGERS, TICK_LEVELS, TICK_MODE, TICK_REALS, Tick } from '../../lib/orderflow/tick.ts';
import type { EntryWriter } from '../../lib/queue/entry.ts';
import { Random } from '../../simulator/market/random.ts';

export const TICKS_PER_FRAME = 100;
/** Bytes of a full packet, which is what a job carries. */
export const TICK_BYTES = 184;

/** The ticks of one message, every field set. */
export function frameOfTicks(): Tick[] {
  const random = new Random(20_251_229, 0);
  return Array.from({ length: TICKS_PER_FRAME }, (_, n) => {
    const tick = new Tick();
    tick.instrumentId = n + 1;
    tick.n = n;
    tick.mode = TICK_MODE.full;
    for (const field of TICK_INTEGERS) tick[field] = 1 + random.below(1_000_000);
    for (const field of TICK_REALS) tick[field] = random.uniform();
    for (const [side, levels] of [tick.bids, tick.asks].entries()) {
      for (let i = 0; i < TICK_LEVELS; i += 1) {
        levels.prices[i] = 2_594_000 + (side === BID ? -5 : 5) * (i + 1);
        levels.quantities[i] = 75 * (1 + random.below(40));
        levels.orders[i] = 1 + random.below(12);
      }
      levels.count = TICK_LEVELS;
    }
    return tick;
  });
}

export function encodeTicks(writer: EntryWriter, ticks: readonly Tick[]): Buffer {
  writer.begin();
  for (const tick of ticks) writer.tick(tick);
  return writer.finish() as Buffer;
}

/** A tick as the predecessor's message had it: the names of the broker's client, prices in rupees, times as text. */
export function messageOfTick(tick: Tick): object {
  const levelsOf = ({ count, prices, quantities, orders }: SideLevels): object[] =>
    Array.from({ length: count }, (_, i) => ({
      quantity: quantities[i],
      price: rupees(prices[i] as number),
      orders: orders[i],
    }));
  const timeOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 19);
  return {
    tradable: true,
    mode: 'full',
    instrument_token: tick.instrumentId,
    last_price: rupees(tick.lastPrice),
    last_traded_quantity: tick.lastQuantity,
    average_traded_price: rupees(tick.averagePrice),
    volume_traded: tick.volume,
    total_buy_quantity: tick.buyQuantity,
    total_sell_quantity: tick.sellQuantity,
    ohlc: { open: rupees(tick.open), high: rupees(tick.high), low: rupees(tick.low), close: rupees(tick.close) },
    change: ((tick.lastPrice - tick.close) * 100) / tick.close,
    last_trade_time: timeOf(tick.lastTradeTime),
    exchange_timestamp: timeOf(tick.exchangeTime),
    oi: tick.oi,
    oi_day_high: tick.oiDayHigh,
    oi_day_low: tick.oiDayLow,
    depth: { buy: levelsOf(tick.bids), sell: levelsOf(tick.asks) },
  };
}

const rupees = (price: number): number => price / 100;
