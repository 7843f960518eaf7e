/** Which market an instance records: the real one of the brokers that are configured, or the simulated exchange. */
import path from 'node:path';
import { z } from 'zod';
import { BrokerError } from '../../lib/auth/broker-call.ts';
import { dhanClaims } from '../../lib/auth/dhan-claims.ts';
import { dhanProfile } from '../../lib/auth/dhan-login.ts';
import { kiteProfile } from '../../lib/auth/kite-login.ts';
import { removeToken, storeDhanToken, storeKiteToken } from '../../lib/auth/token-store.ts';
import { readDhanToken, readKiteToken } from '../../lib/auth/tokens.ts';
import { type Config, loadConfig } from '../../lib/config/config.ts';
import { UserError } from '../user-error.ts';
import { FILES, readSettings, type Settings, writeSettings } from './folder.ts';
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

/** URLs registered at the brokers. */
export interface Redirects {
  readonly kite: string;
  readonly dhan: string;
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

/** The simulated exchange's command line: beside what was asked of it, where the brokers' logins send people back to. */
export function simulatorArguments(port: number, options: SimulatorOptions, redirects: Redirects): string[] {
  const { kite, dhan } = redirects;
  return Object.entries({ port, ...options, 'kite-redirect': kite, 'dhan-redirect': dhan }).flatMap(([name, value]) =>
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
    KITE_API_SECRET: 'demo-kite-secret',
    // A real token never goes to the simulated exchange.
    KITE_ACCESS_TOKEN: '',
    DHAN_ACCESS_TOKEN: '',
    KITE_LOGIN_URL: `${http}/kite/connect/login`,
    KITE_API_URL: http,
    KITE_WS_URL: `${ws}/kite`,
    DHAN_CLIENT_ID: '1000000001',
    DHAN_API_KEY: 'demo-dhan-key',
    DHAN_API_SECRET: 'demo-dhan-secret',
    DHAN_AUTH_URL: `${http}/dhan`,
    DHAN_API_URL: `${http}/dhan/v2`,
    DHAN_LIVE_URL: `${ws}/dhan/live`,
    DHAN_DEPTH20_URL: `${ws}/dhan/twentydepth`,
    DHAN_DEPTH200_URL: `${ws}/dhan/depth200/`,
    DHAN_MASTER_URL: `${http}/dhan/api-data/api-scrip-master.csv`,
  };
}

const simulatorSchema = z.object({
  credentials: z.object({
    kite: z.object({ api_key: z.string(), access_token: z.string() }),
    dhan: z.object({ client_id: z.string(), access_token: z.string() }),
  }),
});

/**
 * Puts the simulated exchange's own tokens where collectors look for them, so that its market moves at once; where a token is
 * there that it accepts, which somebody got by logging in, that one stays.
 */
export async function writeDemoTokens(dataDir: string, simulatorUrl: string): Promise<void> {
  const answer = await fetch(simulatorUrl);
  if (!answer.ok) throw new Error(`the simulated exchange answered ${answer.status}`);
  const { kite, dhan } = simulatorSchema.parse(await answer.json()).credentials;
  const config = loadConfig({
    GEHRA_DATA_DIR: dataDir,
    GEHRA_TOKEN_DIR: path.join(dataDir, FILES.simulatedTokens),
    GEHRA_SIMULATED: '1',
    KITE_API_KEY: kite.api_key,
    KITE_API_URL: simulatorUrl,
    DHAN_API_URL: `${simulatorUrl}/dhan/v2`,
  });
  const kept = readKiteToken(config.tokenDir);
  if (!('token' in kept) || !(await isAlive(kiteProfile(config.kite, kept.token.accessToken)))) {
    await removeToken(config, 'kite');
    await storeKiteToken(config, { accessToken: kite.access_token, account: null, loginMs: Date.now() });
  }
  const keptDhan = readDhanToken(config.tokenDir);
  if (!('token' in keptDhan) || !(await isAlive(dhanProfile(config.dhan, keptDhan.token.accessToken)))) {
    const claims = dhanClaims(dhan.access_token);
    if (!claims) throw new Error('the simulated exchange has a Dhan token without claims');
    await removeToken(config, 'dhan');
    await storeDhanToken(config, {
      accessToken: dhan.access_token,
      clientId: dhan.client_id,
      clientName: null,
      expiresMs: claims.expiresMs,
      generatedMs: claims.issuedMs ?? Date.now(),
    });
  }
}

/** Whether the exchange accepts a token. Any other answer than a refusal is an error. */
async function isAlive(profile: Promise<unknown>): Promise<boolean> {
  try {
    await profile;
    return true;
  } catch (error) {
    if (error instanceof BrokerError && error.problem === 'token_refused') return false;
    throw error;
  }
}
