/** What was traded most in money: from Kite's quotes of all shares and futures where Kite is there, else from our own ticks. */
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { connect } from '../../db/connect.ts';
import { turnoverCandidates } from '../../db/instruments.ts';
import { forgetTurnover, storeTurnover, turnoverFromTicks } from '../../db/market-now.ts';
import { readKiteToken } from '../../lib/auth/tokens.ts';
import type { Config } from '../../lib/config/config.ts';
import { slugOf } from '../../lib/core/instrument.ts';
import { addDays, formatIstDate } from '../../lib/core/ist.ts';

/** Instruments that one request may name, and the pace of requests (kite.trade/docs/connect/v3/exceptions). */
const QUOTES_MAX = 500;
const PACE_MS = 1100;
const TIMEOUT_MS = 20_000;
/** Longer than any pause of the exchange: of the days one is asked for, the last that was over. */
const KEEP_DAYS = 30;

const Quotes = z.object({
  data: z.record(z.string(), z.object({ volume: z.number().optional(), average_price: z.number().optional() })),
});

/** @throws where Kite does not answer as it should */
export async function measureTurnover(config: Config, nowUs: number): Promise<void> {
  const client = await connect(config.databaseUrl, 'turnover');
  try {
    const day = formatIstDate(nowUs);
    await forgetTurnover(client, addDays(day, -KEEP_DAYS));
    const answer = readKiteToken(config.tokenDir);
    if (config.kite.apiKey === '' || !('token' in answer)) {
      await turnoverFromTicks(client, day);
      return;
    }
    const candidates = await turnoverCandidates(client);
    for (let at = 0; at < candidates.length; at += QUOTES_MAX) {
      if (at > 0) await delay(PACE_MS);
      const part = new Map(candidates.slice(at, at + QUOTES_MAX).map((one) => [slugOf(one), one.id]));
      const quotes = await fetchQuotes(config, answer.token.accessToken, [...part.keys()]);
      const values = new Map<number, number>();
      for (const [slug, { volume = 0, average_price: price = 0 }] of Object.entries(quotes)) {
        const id = part.get(slug);
        if (id !== undefined && volume * price > 0) values.set(id, volume * price);
      }
      await storeTurnover(client, day, values);
    }
  } finally {
    await client.end();
  }
}

async function fetchQuotes(
  { kite }: Config,
  token: string,
  slugs: readonly string[],
): Promise<z.output<typeof Quotes>['data']> {
  const url = new URL(`${kite.apiUrl}/quote`);
  for (const slug of slugs) url.searchParams.append('i', slug);
  const response = await fetch(url, {
    headers: { 'X-Kite-Version': '3', Authorization: `token ${kite.apiKey}:${token}` },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`Kite's quotes: HTTP ${response.status}`);
  return Quotes.parse(await response.json()).data;
}
