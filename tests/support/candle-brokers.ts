/** Both brokers for a test: the simulated exchange, its instruments in a database, and a configuration with working tokens. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type pg from 'pg';
import pino from 'pino';
import { type Config, loadConfig } from '../../lib/config/config.ts';
import { type RunningExchange, startExchange } from '../../simulator/exchange.ts';
import { DEMO, DEMO_DHAN_TOKEN } from '../../simulator/tokens.ts';

export const TOKEN_FILES = {
  kite: { name: 'access_token.txt', text: DEMO.kite.accessToken as string },
  dhan: {
    name: 'dhan_token.json',
    text: JSON.stringify({ access_token: DEMO_DHAN_TOKEN, client_id: DEMO.dhan.clientId }),
  },
};

/** An exchange whose day is 2026-11-24 and whose time stands still. */
export const startBroker = (): Promise<RunningExchange> =>
  startExchange(
    {
      port: 0,
      market: { kind: 'synthetic' },
      speed: 1,
      seed: 1,
      framesPerSecond: null,
      ticksPerSecond: null,
      events: 0,
      more: 0,
      labels: null,
      session: 'always',
      date: '2026-11-24',
      clock: 'manual',
      kiteRedirect: 'http://127.0.0.1:9/',
      dhanRedirect: 'http://127.0.0.1:9/',
    },
    pino({ level: 'silent' }),
  );

/** Puts the exchange's instruments into the database, in its order: the first has the id 1. */
export async function fillInstruments(client: pg.Client, { market }: RunningExchange): Promise<void> {
  for (const one of market.instruments) {
    await client.query(
      `INSERT INTO gehra.instruments (exchange, symbol, name, type, expiry, price_scale, tick_size, lot_size, kite_token,
         dhan_segment, dhan_security_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
      [
        ...[one.exchange, one.symbol, one.name, one.type, one.expiry, one.priceScale, one.tickSize, one.lotSize],
        ...[one.kiteToken, one.dhanSegment, one.dhanSecurityId],
      ],
    );
  }
}

/** Writes tokens that the exchange accepts. */
export function writeTokens(dir: string): void {
  for (const { name, text } of Object.values(TOKEN_FILES)) writeFileSync(path.join(dir, name), text);
}

export const configOf = ({ address }: RunningExchange, dataDir: string, more: Record<string, string> = {}): Config =>
  loadConfig({
    GEHRA_SIMULATED: '1',
    GEHRA_DATA_DIR: dataDir,
    KITE_API_KEY: DEMO.kite.apiKey,
    KITE_API_URL: `${address}/kite`,
    DHAN_CLIENT_ID: DEMO.dhan.clientId,
    DHAN_API_URL: `${address}/dhan/v2`,
    ...more,
  });

/** An order to the exchange (simulator/control.ts). */
export async function control({ address }: RunningExchange, verb: string, body: object): Promise<void> {
  const response = await fetch(`${address}/control/${verb}`, { method: 'POST', body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`control/${verb}: ${response.status} ${await response.text()}`);
}
