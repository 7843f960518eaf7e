/** How flow moves the price of an instrument: Kyle's lambda, VPIN, and the predecessor's consumption of depth. */
import { flowBars } from '../../db/flow.ts';
import type { TradedTick } from '../../db/ticks.ts';
import { INTERVALS } from '../api/intervals.ts';
import type { Answer, Query } from '../api/operations.ts';
import { signed } from '../orderflow/aggressor-rules.ts';
import { type Bar, barStart, deltaOf } from '../orderflow/bars.ts';
import { regress } from '../orderflow/kyle-lambda.ts';
import { meanToxicity } from '../orderflow/tick-toxicity.ts';
import { Vpin } from '../orderflow/vpin.ts';
import type { Caller } from './access.ts';
import { type AskedFlow, askedFlow, isBroken, orNull, shareHeard } from './asked-flow.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { inIst } from './times.ts';
import { tradedTicksOf } from './traded-ticks.ts';

const STEPS_MAX = 50_000;
/** A bucket of VPIN is this part of a usual day. */
const DAY_BUCKETS = 50;
const USUAL_DAYS = 7;

/** @throws RequestError 404, 422 */
export async function kyleLambdas(
  caller: Caller,
  query: Query<'/api/orderflow/toxicity/kyle-lambda'>,
): Promise<Answer<'/api/orderflow/toxicity/kyle-lambda'>> {
  const [stepUs, barUs] = [INTERVALS[query.step], INTERVALS[query.interval]];
  const flow = await askedFlow(caller, query, { barUs: stepUs, barsMax: STEPS_MAX, alignUs: barUs });
  const steps = flow.query ? await flowBars(services().db, flow.query) : [];
  return {
    ...flow.answer,
    interval: query.interval,
    step: query.step,
    buckets: [...grouped(steps, ({ fromUs }) => barStart(fromUs, barUs))].map(([fromUs, of]) => {
      const points = pointsOf(of, flow);
      const { slope, r2 } = regress(
        points.map(([x]) => x),
        points.map(([, y]) => y),
      );
      return {
        time: inIst(fromUs),
        lambda: orNull(slope),
        r2: orNull(r2),
        points: points.length,
        coverage: shareHeard(fromUs, fromUs + barUs, flow),
      };
    }),
  };
}

/** Signed volume and price change of each step against the traded one before it in the bucket; none over a gap. */
function pointsOf(steps: readonly Bar[], { gaps }: AskedFlow): [number, number][] {
  const traded = steps.filter(({ trades }) => trades > 0);
  return traded.flatMap((step, i): [number, number][] => {
    const before = traded[i - 1];
    if (!before || isBroken(before.lastUs, step.lastUs, gaps)) return [];
    return [[deltaOf(step), step.close - before.close]];
  });
}

/** @throws RequestError 404, 413, 422 */
export async function vpin(
  caller: Caller,
  query: Query<'/api/orderflow/toxicity/vpin'>,
): Promise<Answer<'/api/orderflow/toxicity/vpin'>> {
  const { buckets, sides } = query;
  const barUs = INTERVALS[query.interval];
  const { flow, ticks } = await tradedTicksOf(caller, query);
  const bucketVolume = query.bucket_volume ?? (await usualBucket(flow));
  const measure = new Vpin({ bucketVolume, buckets, sides });
  let lastUs = query.from;
  return {
    ...flow.answer,
    interval: query.interval,
    experimental: true,
    bucketVolume,
    buckets,
    sides,
    points: [...grouped(ticks, ({ stampUs }) => barStart(stampUs, barUs))].map(([fromUs, of]) => {
      let volume = 0;
      for (const { stampUs, price, quantity, unattributed, aggressor } of of) {
        if (unattributed > 0 || isBroken(lastUs, stampUs, flow.gaps)) measure.noteGap();
        lastUs = stampUs;
        if (quantity === 0) continue;
        measure.add(price, quantity, signed(quantity, aggressor));
        volume += quantity;
      }
      return {
        time: inIst(fromUs),
        vpin: orNull(measure.value),
        volume,
        coverage: shareHeard(fromUs, fromUs + barUs, flow),
      };
    }),
  };
}

/** A 50th of the mean day of the week before. @throws RequestError 422 where nothing was recorded then */
async function usualBucket({ query, instrument }: AskedFlow): Promise<number> {
  const dayUs = INTERVALS['1d'];
  const toUs = query ? barStart(query.fromUs, dayUs) : 0;
  const days = query
    ? await flowBars(services().db, { ...query, fromUs: toUs - USUAL_DAYS * dayUs, toUs, barUs: dayUs })
    : [];
  const volume = days.reduce((sum, day) => sum + day.volume, 0);
  if (volume === 0) {
    throw new RequestError(
      422,
      'No usual volume',
      `Nothing of ${instrument.slug} was recorded in the ${USUAL_DAYS} days before: give \`bucket_volume\`, the units in a bucket.`,
    );
  }
  return Math.max(1, Math.round(volume / days.length / DAY_BUCKETS));
}

/** @throws RequestError 404, 413, 422 */
export async function consumption(
  caller: Caller,
  query: Query<'/api/orderflow/toxicity/consumption'>,
): Promise<Answer<'/api/orderflow/toxicity/consumption'>> {
  const barUs = INTERVALS[query.interval];
  const { flow, ticks } = await tradedTicksOf(caller, query);
  const traded = ticks.filter(({ quantity }) => quantity > 0);
  return {
    ...flow.answer,
    interval: query.interval,
    buckets: [...grouped(traded, ({ stampUs }) => barStart(stampUs, barUs))].map(([fromUs, of]) => {
      const mean = meanToxicity(of.map(movesOf), flow.instrument.priceScale);
      return {
        time: inIst(fromUs),
        consumptionRate: orNull(mean.consumptionRate),
        flowIntensity: orNull(mean.flowIntensity),
        depthToxicity: orNull(mean.depthToxicity),
        kyleLambda: orNull(mean.kyleLambda),
        ticks: of.length,
        coverage: shareHeard(fromUs, fromUs + barUs, flow),
      };
    }),
  };
}

const movesOf = ({ quantity, priceDelta, bidDepth, askDepth }: TradedTick) => ({
  volumeDelta: quantity,
  priceDelta,
  bidDepth,
  askDepth,
});

/** In the order in which the groups begin. */
function grouped<T>(items: readonly T[], keyOf: (item: T) => number): Map<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
