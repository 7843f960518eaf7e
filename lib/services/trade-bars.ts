/** Bars by number of trades and by volume, made of stored ticks. */
import type { Answer, Query } from '../api/operations.ts';
import { type Bar, BarBuilder } from '../orderflow/bars.ts';
import type { Caller } from './access.ts';
import { shareHeard } from './asked-flow.ts';
import { RequestError } from './errors.ts';
import { barAnswer } from './orderflow.ts';
import { inIst } from './times.ts';
import { tradedTicksOf } from './traded-ticks.ts';

const BARS_MAX = 5000;

/** @throws RequestError 404, 413, 422 */
export async function tradeBars(
  caller: Caller,
  query: Query<'/api/orderflow/bars/trades'>,
): Promise<Answer<'/api/orderflow/bars/trades'>> {
  const { by, size } = query;
  const { flow, ticks } = await tradedTicksOf(caller, query);
  const builder = new BarBuilder(by === 'trades' ? { by, trades: size } : { by, volume: size });
  const done: Bar[] = [];
  for (const tick of ticks) {
    if (tick.unattributed > 0) builder.addUnattributed(tick.stampUs, tick.unattributed);
    const bar = tick.quantity > 0 ? builder.add(tick) : null;
    if (bar) done.push(bar);
    if (done.length > BARS_MAX) {
      throw new RequestError(
        422,
        'Too many bars',
        `At most ${BARS_MAX} bars a request: ask for a shorter interval, or for larger bars.`,
      );
    }
  }
  const last = builder.current;
  return {
    ...flow.answer,
    by,
    size,
    bars: [...done, ...(last ? [last] : [])].map((bar) => ({
      ...barAnswer(bar, shareHeard(bar.fromUs, bar.lastUs + 1, flow)),
      lastTime: inIst(bar.lastUs),
      complete: bar !== last,
    })),
  };
}
