/** Kite's historical candles (kite.trade/docs/connect/v3/historical). */
import { z } from 'zod';
import { callBroker } from '../../../lib/auth/broker-call.ts';
import type { Config } from '../../../lib/config/config.ts';
import type { BrokerProblem } from '../../../lib/core/broker-problems.ts';
import type { RawCandle } from './believed.ts';
import { CANDLE_CALL, type CandleRequest, istSecond } from './request.ts';

/** `[time, open, high, low, close, volume]`, and the open interest where it was asked for. */
const row = z
  .tuple([z.string(), z.number(), z.number(), z.number(), z.number(), z.number()])
  .rest(z.number().nullable());
const answerSchema = z.object({ status: z.literal('success'), data: z.object({ candles: z.array(row) }) });

/** @throws BrokerError */
export async function kiteCandles(
  { kite }: Pick<Config, 'kite'>,
  accessToken: string,
  { instrument, timeframe, fromUs, toUs }: CandleRequest,
): Promise<RawCandle[]> {
  const base = kite.apiUrl.replace(/\/+$/, '');
  const url = new URL(`${base}/instruments/historical/${instrument.kiteToken}/${timeframe}`);
  // Both ends belong to it.
  url.searchParams.set('from', istSecond(fromUs));
  url.searchParams.set('to', istSecond(toUs - 1));
  url.searchParams.set('oi', '1');
  const { data } = await callBroker(
    {
      broker: 'kite',
      name: 'historical candles',
      url,
      method: 'GET',
      headers: { 'X-Kite-Version': '3', authorization: `token ${kite.apiKey}:${accessToken}` },
      ...CANDLE_CALL,
    },
    answerSchema,
    refusal,
  );
  return data.candles.map(([time, open, high, low, close, volume, oi = null]) => ({
    us: parseTime(time),
    open,
    high,
    low,
    close,
    volume,
    oi,
  }));
}

/** A 403 without the word may be an account without historical data: it is no reason to log in again. */
function refusal(status: number, body: unknown): BrokerProblem {
  const { error_type: type } = (body ?? {}) as { error_type?: unknown };
  if (type === 'TokenException') return 'token_refused';
  return status === 401 ? 'token_refused' : 'request_refused';
}

/** `2017-12-15T09:15:00+0530`: no colon in the zone. */
function parseTime(text: string): number {
  return Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2')) * 1000;
}
