/** Dhan's historical candles (dhanhq.co/docs/v2/historical-data). */
import { z } from 'zod';
import { callBroker } from '../../../lib/auth/broker-call.ts';
import type { Config } from '../../../lib/config/config.ts';
import type { BrokerProblem } from '../../../lib/core/broker-problems.ts';
import type { Timeframe } from '../../../lib/core/candles.ts';
import { isIndexUnderlying } from '../../../lib/core/indices.ts';
import type { Instrument } from '../../../lib/core/instrument.ts';
import { addDays, formatIstDate } from '../../../lib/core/ist.ts';
import type { RawCandle } from './believed.ts';
import { CANDLE_CALL, type CandleRequest, istSecond } from './request.ts';

/** Columns, all of one length; without open interest the last is absent or empty. */
const column = z.array(z.number());
const answerSchema = z
  .object({
    open: column,
    high: column,
    low: column,
    close: column,
    volume: column,
    timestamp: column,
    open_interest: column.default([]),
  })
  .refine(
    ({ open, high, low, close, volume, timestamp, open_interest: oi }) =>
      [high, low, close, volume, timestamp].every(({ length }) => length === open.length) &&
      (oi.length === 0 || oi.length === open.length),
    'columns of different lengths',
  );

const MINUTES: Partial<Readonly<Record<Timeframe, string>>> = {
  minute: '1',
  '5minute': '5',
  '15minute': '15',
  '60minute': '60',
};
const US_PER_S = 1_000_000;

/** @throws BrokerError */
export async function dhanCandles(
  { dhan }: Pick<Config, 'dhan'>,
  accessToken: string,
  { instrument, timeframe, fromUs, toUs }: CandleRequest,
): Promise<RawCandle[]> {
  const what = {
    securityId: String(instrument.dhanSecurityId),
    exchangeSegment: instrument.dhanSegment,
    instrument: dhanKind(instrument),
    oi: true,
  };
  const daily = timeframe === 'day';
  const answer = await callBroker(
    {
      broker: 'dhan',
      name: 'historical candles',
      url: new URL(`${dhan.apiUrl.replace(/\/+$/, '')}/charts/${daily ? 'historical' : 'intraday'}`),
      method: 'POST',
      headers: { 'access-token': accessToken, 'client-id': dhan.clientId },
      json: daily
        ? // The last date does not belong to it.
          { ...what, expiryCode: 0, fromDate: formatIstDate(fromUs), toDate: addDays(formatIstDate(toUs - 1), 1) }
        : { ...what, interval: MINUTES[timeframe], fromDate: istSecond(fromUs), toDate: istSecond(toUs) },
      ...CANDLE_CALL,
    },
    answerSchema,
    refusal,
  );
  const { open, high, low, close, volume, timestamp, open_interest: oi } = answer;
  return timestamp.map((s, i) => ({
    // True UTC, unlike the times in the live feed.
    us: s * US_PER_S,
    open: open[i] as number,
    high: high[i] as number,
    low: low[i] as number,
    close: close[i] as number,
    volume: volume[i] as number,
    oi: oi[i] ?? null,
  }));
}

/** What Dhan calls the sort of an instrument in requests. */
function dhanKind({ exchange, type, name }: Instrument): string {
  if (type === 'INDEX') return 'INDEX';
  if (type === 'EQ') return 'EQUITY';
  const isFuture = type === 'FUT';
  if (exchange === 'MCX') return isFuture ? 'FUTCOM' : 'OPTFUT';
  const of = exchange === 'CDS' || exchange === 'BCD' ? 'CUR' : isIndexUnderlying(name) ? 'IDX' : 'STK';
  return `${isFuture ? 'FUT' : 'OPT'}${of}`;
}

/** 904 too many requests (else told by HTTP 429), 901 authentication, 902 no access to data, 905 input, 907 no data; the invalid token is also told as 906 or 808 to 810. */
function refusal(status: number, body: unknown): BrokerProblem {
  const { errorCode, errorMessage } = (body ?? {}) as { errorCode?: unknown; errorMessage?: unknown };
  if (errorCode === 'DH-904') return 'limit';
  if (errorCode === 'DH-907' || /no data/i.test(String(errorMessage ?? ''))) return 'no_data';
  if (errorCode === 'DH-901' || status === 401 || /invalid token/i.test(String(errorMessage ?? '')))
    return 'token_refused';
  return 'request_refused';
}
