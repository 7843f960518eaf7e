/** Ticks as a connection's message brings them: what the queue carries. */
import { BID } from '../../lib/core/side.ts';
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
