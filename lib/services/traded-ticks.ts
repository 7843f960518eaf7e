/** The trades of an interval one by one, for what cannot be made of stored bars. */
import { type TradedTick, tradedTicks } from '../../db/ticks.ts';
import type { Caller } from './access.ts';
import { type AskedFlow, askedFlow, mustBeWithin } from './asked-flow.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';

const HOURS_MAX = 24;
const HOUR_US = 3_600_000_000;
const TICKS_MAX = 200_000;

/** @throws RequestError 404, 413, 422 */
export async function tradedTicksOf(
  caller: Caller,
  query: { readonly instrument: string; readonly from: number; readonly to: number },
): Promise<{ readonly flow: AskedFlow; readonly ticks: readonly TradedTick[] }> {
  mustBeWithin(query, HOURS_MAX * HOUR_US, `At most ${HOURS_MAX} hours a request.`);
  const flow = await askedFlow(caller, query, { barUs: 1, barsMax: Number.POSITIVE_INFINITY });
  const ticks = flow.query ? await tradedTicks(services().db, flow.query, TICKS_MAX + 1) : [];
  if (ticks.length > TICKS_MAX) {
    throw new RequestError(
      413,
      'Too many ticks',
      `The interval holds more than ${TICKS_MAX} ticks on which something traded: ask for a shorter one.`,
    );
  }
  return { flow, ticks };
}
