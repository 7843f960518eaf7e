/** Which market an instance records: the real one of the brokers that are configured, or the simulated exchange. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { Config } from '../../lib/config/config.ts';
import { IST_OFFSET_US } from '../../lib/core/ist.ts';
import { UserError } from '../user-error.ts';
import { FILES, readSettings, type Settings, writePrivateFile, writeSettings } from './folder.ts';
import { LOOPBACK } from './ports.ts';

export type Broker = 'kite' | 'dhan';
export type Market = NonNullable<Settings['market']>;

/** What the simulated exchange is told; the names are those of its own options, the values go on as they are. */
export interface SimulatorOptions {
  readonly market?: string | undefined;
  readonly speed?: string | undefined;
  readonly seed?: number | undefined;
  readonly frames?: string | undefined;
  readonly session?: string | undefined;
  readonly date?: string | undefined;
  readonly clock?: string | undefined;
}

/** The brokers with credentials in the configuration. A missing token is no reason to leave one out: it waits for it. */
export function configuredBrokers(config: Config): Broker[] {
  const brokers: Broker[] = [];
  if (config.kite.apiKey) brokers.push('kite');
  if (config.dhan.clientId) brokers.push('dhan');
  return brokers;
}

/**
 * Holds a data folder to one kind of market: simulated rows and real ones would be told apart by nothing.
 *
 * @throws UserError where the folder holds the other kind, or the simulator is asked for beside real credentials
 */
export function settleMarket(dataDir: string, config: Config, asked: SimulatorOptions): Market {
  const brokers = configuredBrokers(config);
  const market = brokers.length > 0 ? 'real' : 'simulated';
  if (market === 'real' && Object.values(asked).some((value) => value !== undefined)) {
    throw new UserError(
      `Credentials of ${brokers.join(' and ')} are configured, and the simulated exchange never runs beside them. Leave --market and the other options of the simulated exchange out, or unset KITE_API_KEY and DHAN_CLIENT_ID.`,
    );
  }
  const settings = readSettings(dataDir);
  if (settings.market !== undefined && settings.market !== market) {
    throw new UserError(
      settings.market === 'simulated'
        ? `${dataDir} holds the simulated market, and credentials of ${brokers.join(' and ')} are configured: choose another folder for the real one with --data DIR.`
        : `${dataDir} holds a real market, and no broker is configured: set KITE_API_KEY or DHAN_CLIENT_ID again, or choose another folder for the simulated market with --data DIR.`,
    );
  }
  writeSettings(dataDir, { ...settings, market });
  return market;
}

/** The simulated exchange's command line. */
export function simulatorArguments(port: number, options: SimulatorOptions): string[] {
  return Object.entries({ port, ...options }).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
}

/**
 * What tells our processes that the brokers are where the simulated exchange is, and when it trades: only one that keeps
 * NSE's sessions by today's clock is recorded by the calendar.
 */
export function simulatedVariables(
  dataDir: string,
  port: number,
  { market = 'synthetic', session, date, speed = '1', clock = 'real' }: SimulatorOptions = {},
): Record<string, string> {
  const keepsHours =
    market === 'synthetic' && session === 'nse' && date === undefined && speed === '1' && clock === 'real';
  const http = `http://${LOOPBACK}:${port}`;
  const ws = `ws://${LOOPBACK}:${port}`;
  return {
    GEHRA_SIMULATED: '1',
    MARKET_HOURS: keepsHours ? 'calendar' : 'always',
    GEHRA_TOKEN_DIR: path.join(dataDir, FILES.simulatedTokens),
    KITE_API_KEY: 'demo',
    KITE_API_URL: http,
    KITE_WS_URL: `${ws}/kite`,
    DHAN_CLIENT_ID: '1000000001',
    DHAN_LIVE_URL: `${ws}/dhan/live`,
    DHAN_DEPTH20_URL: `${ws}/dhan/twentydepth`,
    DHAN_DEPTH200_URL: `${ws}/dhan/depth200/`,
    DHAN_MASTER_URL: `${http}/dhan/api-data/api-scrip-master.csv`,
  };
}

const simulatorSchema = z.object({
  credentials: z.object({
    kite: z.object({ access_token: z.string() }),
    dhan: z.object({ client_id: z.string(), access_token: z.string() }),
  }),
});

/** Asks the simulated exchange for its tokens and puts them where collectors look for them. */
export async function writeDemoTokens(dataDir: string, simulatorUrl: string): Promise<void> {
  const answer = await fetch(simulatorUrl);
  if (!answer.ok) throw new Error(`the simulated exchange answered ${answer.status}`);
  const { kite, dhan } = simulatorSchema.parse(await answer.json()).credentials;
  const dir = path.join(dataDir, FILES.simulatedTokens);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  writePrivateFile(path.join(dir, 'access_token.txt'), kite.access_token);
  writePrivateFile(
    path.join(dir, 'dhan_token.json'),
    `${JSON.stringify(
      { ...dhan, expiry: istWithoutOffset(expiryOf(dhan.access_token)), generated_at: istWithoutOffset(new Date()) },
      null,
      2,
    )}\n`,
  );
}

/** When a token ends, by its own claim. */
function expiryOf(jwt: string): Date {
  const claims = z.object({ exp: z.number() });
  const payload = Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8');
  return new Date(claims.parse(JSON.parse(payload)).exp * 1000);
}

/** As the file's other times are: IST, and no offset behind it. */
function istWithoutOffset(time: Date): string {
  return new Date(time.getTime() + IST_OFFSET_US / 1000).toISOString().slice(0, -1);
}
