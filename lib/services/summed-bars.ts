/** Bars of several instruments summed, as the near future and the options at the money are. */
import { flowBars } from '../../db/flow.ts';
import { INTERVALS } from '../api/intervals.ts';
import type { Answer, Query } from '../api/operations.ts';
import { barStart, deltaOf } from '../orderflow/bars.ts';
import { type Summand, sumBars } from '../orderflow/summed-bars.ts';
import type { Caller } from './access.ts';
import { type AskedFlow, askedFlow, shareHeard } from './asked-flow.ts';
import { services } from './context.ts';
import { inIst } from './times.ts';

const BARS_MAX = 5000;

/** @throws RequestError 404, 422 */
export async function summedBars(
  caller: Caller,
  query: Query<'/api/orderflow/bars/summed'>,
): Promise<Answer<'/api/orderflow/bars/summed'>> {
  const { from, to } = query;
  const barUs = INTERVALS[query.interval];
  const { db } = services();
  // One after the other: fifty at once would leave no connection to anybody else.
  const summands: (Summand & { readonly flow: AskedFlow })[] = [];
  for (const instrument of query.instruments) {
    const flow = await askedFlow(caller, { instrument, from, to }, { barUs, barsMax: BARS_MAX });
    const bars = flow.query ? await flowBars(db, flow.query) : [];
    summands.push({ flow, bars, priceScale: flow.instrument.priceScale });
  }
  return {
    instruments: summands.map(({ flow: { answer } }) => ({
      instrument: answer.instrument,
      feed: answer.feed,
      completeTo: answer.completeTo,
      gaps: answer.gaps,
    })),
    from: inIst(barStart(from, barUs)),
    to: inIst(to),
    interval: query.interval,
    bars: sumBars(summands).map(({ fromUs, ...sum }) => ({
      time: inIst(fromUs),
      ...sum,
      delta: deltaOf(sum),
      coverage: Math.min(...summands.map(({ flow }) => shareHeard(fromUs, fromUs + barUs, flow))),
    })),
  };
}
