/** How many instruments stand now, in one answer: by their newest stored ticks. */
import { latestTicks } from '../../db/market-now.ts';
import type { Answer, Query } from '../api/operations.ts';
import { feedById } from '../core/feeds.ts';
import { FRESH_US } from '../signals/detector.ts';
import type { Caller } from './access.ts';
import { knownInstruments } from './asked-flow.ts';
import { services } from './context.ts';
import { inIst } from './times.ts';

/** @throws RequestError 404 naming those that there are not */
export async function latest(
  caller: Caller,
  query: Query<'/api/instruments/latest'>,
): Promise<Answer<'/api/instruments/latest'>> {
  const instruments = await knownInstruments(caller, query.instruments);
  const { db, nowMs } = services();
  const nowUs = nowMs() * 1000;
  const ticks = await latestTicks(
    db,
    instruments.map(({ id }) => id),
    nowUs,
  );
  return {
    at: inIst(nowUs),
    instruments: instruments.map(({ id, slug, priceScale, levels }) => {
      const tick = ticks.get(id);
      const ageUs = tick ? nowUs - tick.stampUs : null;
      const state = ageUs === null ? 'none' : tick?.gap ? 'gap' : ageUs <= FRESH_US ? 'live' : 'quiet';
      return {
        instrument: slug,
        priceScale,
        levels,
        state,
        cause: tick?.gap ?? null,
        feed: tick ? feedById(tick.feedId).name : null,
        received: tick ? inIst(tick.stampUs) : null,
        ageMs: ageUs === null ? null : Math.round(ageUs / 1000),
        lastPrice: tick?.lastPrice ?? null,
        previousClose: tick?.previousClose ?? null,
        change: tick && tick.previousClose !== null ? tick.lastPrice - tick.previousClose : null,
        volume: tick?.volume ?? null,
        averagePrice: tick?.averagePrice ?? null,
        oi: tick?.oi ?? null,
        bid: tick?.bid ?? null,
        bidQuantity: tick?.bidQuantity ?? null,
        ask: tick?.ask ?? null,
        askQuantity: tick?.askQuantity ?? null,
        imbalance: tick?.imbalance ?? null,
      };
    }),
  };
}
