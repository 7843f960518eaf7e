/** The simulated exchange, put together. */

import { appendFileSync } from 'node:fs';
import { istMidnightUs } from '../lib/core/ist.ts';
import { wallClockUs } from '../lib/obs/clock.ts';
import type { Log } from '../lib/obs/log.ts';
import { Accounting } from './accounting.ts';
import { CallFailures } from './call-failures.ts';
import { Candles } from './candles.ts';
import type { Connection } from './connection.ts';
import { controlRoutes } from './control.ts';
import { DhanFace } from './dhan-face.ts';
import type { FaceContext } from './face.ts';
import { Faults } from './faults.ts';
import { OrderedRefusals } from './handshakes.ts';
import { historicalRoutes } from './historical-rest.ts';
import { KiteFace } from './kite-face.ts';
import { loginRoutes } from './login-routes.ts';
import { Logins } from './logins.ts';
import type { EventLabel } from './market/events.ts';
import type { Market } from './market/market.ts';
import { SyntheticMarket } from './market/synthetic.ts';
import type { ExchangeOptions } from './options.ts';
import { type Audience, Pump } from './pump.ts';
import { openReplay } from './replay/open.ts';
import { brokerRoutes, ownRoutes } from './rest.ts';
import { ExchangeServer } from './server.ts';
import { DEFAULT_SETTINGS } from './settings.ts';
import { DEMO, DEMO_DHAN_TOKEN, TokenStore } from './tokens.ts';

export interface RunningExchange {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  readonly market: Market;
  stop(): Promise<void>;
}

const US_PER_MINUTE = 60_000_000;

/** Starts an exchange. Rejects where the recording cannot be read or the port is taken. */
export async function startExchange(options: ExchangeOptions, log: Log): Promise<RunningExchange> {
  const market = await openMarket(options);
  const accounting = new Accounting(market.instruments, market.recording, wallClockUs);
  const connections = function* (): Generator<Connection> {
    for (const { connection } of kite.clients) yield connection;
    for (const { connection } of dhan.clients) yield connection;
  };
  const faults = new Faults(connections);
  // A recording is of another time: its logins are of today.
  const tokens = new TokenStore(() => (market.recording ? Date.now() : market.nowUs / 1000));
  const settings = { ...DEFAULT_SETTINGS };
  const logins = new Logins({
    tokens,
    settings,
    redirects: { kite: options.kiteRedirect, dhan: options.dhanRedirect },
    cutDhan: (ended) => {
      for (const token of ended) dhan.expire(token);
    },
  });
  const callFailures = new CallFailures();
  const candles = new Candles(market, options.seed);
  const context: FaceContext = {
    market,
    accounting,
    faults,
    tokens,
    settings,
    logins,
    log,
    audienceChanged: () => pump.poke(),
  };
  const kite = new KiteFace(context);
  const dhan = new DhanFace(context);
  const refusals = new OrderedRefusals();
  const pump = new Pump({
    market,
    listener: {
      book: (instrument) => dhan.publishBook(instrument),
      tick: (instrument) => {
        candles.note(instrument);
        kite.publishTick(instrument);
        dhan.publishTick(instrument);
      },
    },
    flush: () => kite.flush(),
    waitingBytes: () => {
      let most = 0;
      for (const { waitingBytes } of connections()) if (waitingBytes > most) most = waitingBytes;
      return most;
    },
    audience: () => audienceOf(kite, dhan),
    speed: options.speed,
    clock: options.clock,
  });

  let address = '';
  const describe = (): Record<string, unknown> => ({
    name: 'Gehra simulated exchange',
    address,
    market: market.name,
    market_us: market.nowUs,
    seed: options.seed,
    speed: pump.speed,
    session: options.session,
    faces: facesAt(address),
    credentials: {
      kite: { api_key: DEMO.kite.apiKey, access_token: DEMO.kite.accessToken },
      dhan: { client_id: DEMO.dhan.clientId, access_token: DEMO_DHAN_TOKEN },
    },
  });
  const server = new ExchangeServer({
    kite,
    dhan,
    refusals,
    log,
    routes: [
      ...ownRoutes(market, pump, accounting, describe),
      ...controlRoutes({ ...context, kite, dhan, pump, refusals, callFailures, connections }),
      ...loginRoutes(context, callFailures),
      ...historicalRoutes({ market, candles, tokens, failures: callFailures, settings, nowMs: Date.now }),
      ...brokerRoutes(market, tokens),
    ],
  });
  const stop = async (): Promise<void> => {
    pump.stop();
    kite.close();
    dhan.close();
    await server.close();
    await market.close();
  };
  try {
    address = await server.listen(options.port);
  } catch (error) {
    kite.close();
    dhan.close();
    await market.close();
    throw error;
  }
  pump.start();
  return { address, market, stop };
}

async function openMarket(options: ExchangeOptions): Promise<Market> {
  const { market, seed, session, date, framesPerSecond, ticksPerSecond, events, more, labels } = options;
  if (market.kind === 'replay') return openReplay(market.path);
  const startUs = startOf(date, session);
  const onEvent = (label: EventLabel): void => {
    if (labels !== null) appendFileSync(labels, `${JSON.stringify(label)}\n`);
  };
  const plan = events > 0 ? { perMinute: events, fromUs: startUs, onEvent } : null;
  return new SyntheticMarket({ seed, session, startUs, framesPerSecond, ticksPerSecond, events: plan, more });
}

/**
 * Market time at the start. Without a date it is now. With one, the day begins at its open, 09:15 IST; where sessions
 * count it begins at 09:00, so that the open can be seen to happen.
 */
function startOf(date: string | null, session: ExchangeOptions['session']): number {
  if (date === null) return wallClockUs();
  const minutes = session === 'nse' ? 9 * 60 : 9 * 60 + 15;
  return istMidnightUs(date) + minutes * US_PER_MINUTE;
}

function audienceOf(kite: KiteFace, dhan: DhanFace): Audience {
  let onKite = false;
  let onDepth200 = false;
  let any = false;
  for (const { modes } of kite.clients) if (modes.size > 0) onKite = true;
  for (const { feed, subscriptions } of dhan.clients) {
    if (subscriptions.size === 0) continue;
    any = true;
    if (feed === 'dhan-depth200') onDepth200 = true;
  }
  return { kite: onKite, depth200: onDepth200, any: any || onKite };
}

/** Where each face is found. */
function facesAt(address: string): Record<string, string> {
  const sockets = address.replace('http', 'ws');
  return {
    kite_login: `${address}/kite/connect/login`,
    kite_ws: `${sockets}/kite`,
    kite_api: `${address}/kite`,
    dhan_live_ws: `${sockets}/dhan/live`,
    dhan_depth20_ws: `${sockets}/dhan/twentydepth`,
    dhan_depth200_ws: `${sockets}/dhan/depth200/`,
    dhan_auth: `${address}/dhan`,
    dhan_api: `${address}/dhan/v2`,
    dhan_master: `${address}/dhan/api-data/api-scrip-master.csv`,
  };
}
