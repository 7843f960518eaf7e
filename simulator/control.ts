/**
 * Orders to the exchange itself, over `POST /control/<verb>` with a JSON body: faults, refusals, tokens, the clock, and
 * orders into the synthetic books. `GET /control/state` says how things stand.
 */
import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { ASK, BID, type Side } from '../lib/core/side.ts';
import { FEED_NAMES, type FeedName, PACKET_KINDS } from './accounting.ts';
import { CALL_FAILURES, type CallFailures, FAILING_CALLS, HISTORICAL_CALLS, LOGIN_CALLS } from './call-failures.ts';
import type { Connection } from './connection.ts';
import type { DhanFace } from './dhan-face.ts';
import type { FaceContext } from './face.ts';
import type { FaultAction, FaultTarget } from './faults.ts';
import { makeGarbage, shapesOf } from './garbage.ts';
import type { OrderedRefusals } from './handshakes.ts';
import { BadRequest, readJson, sendJson } from './http.ts';
import type { KiteFace } from './kite-face.ts';
import { isIndex, type MarketInstrument } from './market/market.ts';
import { SyntheticMarket } from './market/synthetic.ts';
import { rateSchema, speedSchema } from './options.ts';
import type { Pump } from './pump.ts';
import type { Route } from './server.ts';
import { settingsSchema } from './settings.ts';
import { DEMO } from './tokens.ts';

export interface ControlContext extends FaceContext {
  readonly kite: KiteFace;
  readonly dhan: DhanFace;
  readonly pump: Pump;
  readonly refusals: OrderedRefusals;
  readonly callFailures: CallFailures;
  readonly connections: () => Iterable<Connection>;
}

/** Longest fault, ms: a day. */
const MS_MAX = 24 * 3600 * 1000;
/** Largest step of a manual clock, ms: a session. */
const ADVANCE_MS_MAX = 8 * 3600 * 1000;
const COUNT_MAX = 1_000_000;
/** Copies of one message, and copies a second, of a flood. */
const FLOOD_MAX = 100_000;
const MS_PER_SECOND = 1000;
/** Floods are sent in portions, this often. */
const FLOOD_INTERVAL_MS = 10;

const feed = z.enum(FEED_NAMES);
const side = z.enum(['bid', 'ask']);
/** Price units, an int32 everywhere. */
const price = z
  .number()
  .int()
  .min(1)
  .max(2 ** 31 - 1);
/** Units; a hundred million is more than any level ever held. */
const quantity = z.number().int().min(1).max(100_000_000);
const count = z.number().int().min(1).max(COUNT_MAX);

/** Which connections and packets; left out means all. */
const target = {
  feed: feed.optional(),
  connection: z.number().int().optional(),
  instrument: z.string().optional(),
  kind: z.enum(PACKET_KINDS).optional(),
};
/** How long a fault lasts: so many messages, so many ms, or until it is cleared. */
const lasting = { count: count.optional(), ms: z.number().int().min(1).max(MS_MAX).optional() };

/** What a verb takes and does. The answer is what `run` returns. */
interface Verb<T extends z.ZodType = z.ZodType> {
  readonly schema: T;
  run(body: z.infer<T>, context: ControlContext): unknown;
}

const verb = <T extends z.ZodType>(schema: T, run: (body: z.infer<T>, context: ControlContext) => unknown): Verb =>
  ({ schema, run }) as Verb;

const VERBS: Readonly<Record<string, Verb>> = {
  // Faults on the way to clients.
  mute: verb(
    z.strictObject({ ...target, ms: lasting.ms, what: z.enum(['all', 'data', 'keepalives']).default('all') }),
    (body, context) => addFault(context, body, { type: 'mute', what: body.what }),
  ),
  slow: verb(
    z.strictObject({ feed: target.feed, connection: target.connection, ms: lasting.ms, bytes_per_second: count }),
    (body, context) => addFault(context, body, { type: 'slow', bytesPerSecond: body.bytes_per_second }),
  ),
  duplicate: verb(
    z.strictObject({ ...target, ...lasting, copies: z.number().int().min(1).max(100).default(1) }),
    (body, context) => addFault(context, body, { type: 'duplicate', copies: body.copies }),
  ),
  reorder: verb(z.strictObject({ ...target, ...lasting }), (body, context) =>
    addFault(context, body, { type: 'reorder' }),
  ),
  truncate: verb(
    z.strictObject({ ...target, ...lasting, bytes: z.number().int().min(0).optional() }),
    (body, context) => addFault(context, body, { type: 'truncate', bytes: body.bytes ?? null }),
  ),
  flood: verb(
    z.strictObject({ ...target, times: z.number().int().min(1).max(FLOOD_MAX), per_second: count.max(FLOOD_MAX) }),
    flood,
  ),
  garbage: verb(
    z.strictObject({ ...target, feed, shape: z.string(), times: z.number().int().min(1).max(1000).default(1) }),
    garbage,
  ),
  clear: verb(z.strictObject({ fault: z.number().int().optional() }), (body, { faults }) => {
    faults.clear(body.fault ?? null);
    return {};
  }),

  // Connections.
  cut: verb(
    z.strictObject({
      feed: target.feed,
      connection: target.connection,
      how: z.enum(['reset', 'close']).default('reset'),
      code: z.number().int().min(1000).max(4999).default(1001),
      reason: z.string().max(100).default(''),
    }),
    cut,
  ),
  disconnect: verb(
    z.strictObject({
      feed: z.enum(['dhan-live', 'dhan-depth20', 'dhan-depth200']).optional(),
      connection: target.connection,
      reason: z.number().int().min(800).max(814),
      form: z.enum(['documented', 'sdk']).optional(),
    }),
    disconnect,
  ),
  refuse: verb(
    z.strictObject({
      feed,
      status: z.union([z.number().int().min(400).max(599), z.literal('reset')]),
      times: z.number().int().min(0).max(COUNT_MAX).default(1),
    }),
    (body, { refusals }) => {
      refusals.order(body.feed, body.status, body.times);
      return { refusals: refusals.list() };
    },
  ),
  token: verb(
    z.discriminatedUnion('broker', [
      z.strictObject({
        broker: z.literal('kite'),
        action: z.enum(['accept', 'expire']),
        api_key: z.string().min(1).default(DEMO.kite.apiKey),
        access_token: z.string().min(1),
        disconnect: z.boolean().default(false),
      }),
      z.strictObject({
        broker: z.literal('dhan'),
        action: z.enum(['accept', 'expire']),
        client_id: z.string().min(1).default(DEMO.dhan.clientId),
        access_token: z.string().min(1),
        disconnect: z.boolean().default(false),
      }),
    ]),
    changeToken,
  ),
  // The brokers' logins and candles.
  fail: verb(
    z.strictObject({
      call: z.enum(FAILING_CALLS),
      as: z.enum(CALL_FAILURES),
      times: z.number().int().min(0).max(COUNT_MAX).default(1),
      to: z.url().default('http://127.0.0.1:9/'),
    }),
    ({ call, as, times, to }, { callFailures }) => {
      callFailures.order(call, as, times, to);
      return {};
    },
  ),
  elsewhere: verb(z.strictObject({ broker: z.enum(['kite', 'dhan']) }), loginElsewhere),
  revoke: verb(z.strictObject({ broker: z.enum(['kite', 'dhan']) }), revoke),
  settings: verb(settingsSchema.partial(), (body, { settings }) => Object.assign(settings, body)),

  // The clock.
  speed: verb(z.strictObject({ speed: speedSchema }), (body, { pump }) => {
    pump.setSpeed(body.speed);
    return { speed: pump.speed };
  }),
  pause: verb(z.strictObject({}), (_body, { pump }) => {
    pump.setPaused(true);
    return { paused: true };
  }),
  resume: verb(z.strictObject({}), (_body, { pump }) => {
    pump.setPaused(false);
    return { paused: false };
  }),
  clock: verb(z.strictObject({ mode: z.enum(['real', 'manual']) }), (body, { pump }) => {
    pump.setClock(body.mode);
    return { clock: pump.clock };
  }),
  advance: verb(z.strictObject({ ms: z.number().min(0).max(ADVANCE_MS_MAX) }), async (body, { pump, market }) => {
    if (pump.clock !== 'manual') throw new BadRequest(409, 'the clock is real; set it to manual first');
    await pump.advance(Math.round(body.ms * 1000));
    return { market_us: market.nowUs };
  }),

  // The synthetic market.
  rate: verb(
    z.strictObject({
      instrument: target.instrument,
      frames_per_second: rateSchema.nullable().optional(),
      ticks_per_second: rateSchema.nullable().optional(),
    }),
    (body, context) => {
      const only = body.instrument === undefined ? null : find(context, body.instrument);
      synthetic(context).setRate(only, body.frames_per_second ?? null, body.ticks_per_second ?? null);
      return {};
    },
  ),
  flow: verb(z.strictObject({ instrument: z.string(), flowing: z.boolean() }), (body, context) => {
    synthetic(context).setFlowing(find(context, body.instrument), body.flowing);
    return {};
  }),
  order: verb(z.strictObject({ instrument: z.string(), side, price, quantity }), (body, context) => {
    synthetic(context).submit(withBook(context, body.instrument), sideOf(body.side), body.price, body.quantity);
    return best(context, body.instrument);
  }),
  wall: verb(
    z.strictObject({
      instrument: z.string(),
      side,
      quantity,
      /** Ticks behind the best price of its side. */
      ticks: z.number().int().min(0).max(10_000).default(10),
    }),
    placeWall,
  ),
  pull: verb(z.strictObject({ instrument: z.string(), side, price }), (body, context) => ({
    pulled: synthetic(context).pull(withBook(context, body.instrument), sideOf(body.side), body.price),
  })),
  trade: verb(z.strictObject({ instrument: z.string(), side: z.enum(['buy', 'sell']), quantity }), (body, context) => {
    const aggressor = body.side === 'buy' ? BID : ASK;
    const traded = synthetic(context).execute(withBook(context, body.instrument), aggressor, body.quantity);
    return { traded, ...best(context, body.instrument) };
  }),
  empty: verb(z.strictObject({ instrument: z.string(), side }), (body, context) => {
    synthetic(context).clear(withBook(context, body.instrument), sideOf(body.side));
    return best(context, body.instrument);
  }),
};

export function controlRoutes(context: ControlContext): Route[] {
  const control: Route = async (request, response, path) => {
    if (!path.startsWith('/control/')) return false;
    const name = path.slice('/control/'.length);
    if (request.method === 'GET' && name === 'state') {
      sendJson(response, 200, state(context));
      return true;
    }
    const found = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
    if (!found) throw new BadRequest(404, `no such order; there are ${Object.keys(VERBS).join(', ')}`);
    if (request.method !== 'POST') throw new BadRequest(405, 'orders are POSTed');
    // A page in this machine's browser could otherwise give orders to it.
    if (request.headers.origin !== undefined) throw new BadRequest(403, 'orders do not come from web pages');
    await obey(found, await readJson(request), context, response, name);
    return true;
  };
  return [control];
}

async function obey(
  { schema, run }: Verb,
  body: unknown,
  context: ControlContext,
  response: ServerResponse,
  name: string,
): Promise<void> {
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
    throw new BadRequest(400, wrong.join('; '));
  }
  const answer = await run(parsed.data, context);
  context.log.info({ event: 'control_obeyed', order: name });
  sendJson(response, 200, answer ?? {});
}

function state({
  market,
  pump,
  settings,
  faults,
  refusals,
  callFailures,
  accounting,
  kite,
  dhan,
}: ControlContext): unknown {
  return {
    market: market.name,
    market_us: market.nowUs,
    clock: pump.clock,
    speed: pump.speed,
    paused: pump.paused,
    begun: pump.begun,
    finished: pump.finished,
    settings,
    faults: faults.list(),
    refusals: refusals.list(),
    login_calls: callFailures.made(LOGIN_CALLS),
    historical_calls: callFailures.made(HISTORICAL_CALLS),
    garbage: accounting.garbage,
    connections: [
      ...[...kite.clients].map(({ connection, modes }) => describe(connection, modes.size)),
      ...[...dhan.clients].map(({ connection, subscriptions }) => describe(connection, subscriptions.size)),
    ],
  };
}

const describe = (connection: Connection, subscriptions: number): unknown => ({
  id: connection.id,
  feed: connection.feed,
  user: connection.user,
  subscriptions,
  opened_ms: connection.openedMs,
  messages: connection.messages,
  bytes: connection.bytes,
  waiting_bytes: connection.waitingBytes,
});

interface TargetBody {
  readonly feed?: FeedName | undefined;
  readonly connection?: number | undefined;
  readonly instrument?: string | undefined;
  readonly kind?: FaultTarget['kind'];
  readonly count?: number | undefined;
  readonly ms?: number | undefined;
}

function addFault(context: ControlContext, body: TargetBody, action: FaultAction): unknown {
  const { feed: onFeed, connection, kind, count: left = null, ms = null } = body;
  const instrument = body.instrument === undefined ? undefined : find(context, body.instrument);
  try {
    const fault = context.faults.add({ feed: onFeed, connection, instrument, kind }, action, left, ms);
    return { fault: fault.id };
  } catch (error) {
    if (error instanceof RangeError) throw new BadRequest(409, error.message);
    throw error;
  }
}

/** The connections meant, at least one. @throws BadRequest where there is none */
function chosen(context: ControlContext, { feed: onFeed, connection: id }: TargetBody): Connection[] {
  const found = [...context.connections()].filter(
    (connection) => (onFeed === undefined || connection.feed === onFeed) && (id === undefined || connection.id === id),
  );
  if (found.length === 0) throw new BadRequest(409, 'no such connection is open');
  return found;
}

/** Repeats each connection's last message, in portions that keep the rate. */
function flood(body: TargetBody & { times: number; per_second: number }, context: ControlContext): unknown {
  const floods = chosen(context, body).flatMap((connection) =>
    connection.last ? [{ connection, message: connection.last }] : [],
  );
  if (floods.length === 0) throw new BadRequest(409, 'nothing has been sent there yet that could be repeated');
  const portion = Math.max(1, Math.round((body.per_second * FLOOD_INTERVAL_MS) / MS_PER_SECOND));
  let left = body.times;
  const timer = setInterval(() => {
    const now = Math.min(portion, left);
    left -= now;
    for (const { connection, message } of floods) {
      for (let i = 0; i < now; i += 1) connection.writeBytes(message.bytes);
      for (const packet of message.packets) context.accounting.repeated(packet, now);
    }
    if (left === 0) clearInterval(timer);
  }, FLOOD_INTERVAL_MS).unref();
  return { connections: floods.map(({ connection }) => connection.id) };
}

function garbage(
  body: TargetBody & { feed: FeedName; shape: string; times: number },
  context: ControlContext,
): unknown {
  const { market, accounting } = context;
  const first = market.instruments.findIndex((instrument) => !isIndex(instrument));
  const instrument = body.instrument === undefined ? first : withBook(context, body.instrument);
  const connections = chosen(context, body);
  for (let i = 0; i < body.times; i += 1) {
    const message = makeGarbage(body.feed, body.shape, market, instrument);
    if (message === null) {
      throw new BadRequest(400, `shape: of ${body.feed} there are ${shapesOf(body.feed).join(', ')}`);
    }
    for (const connection of connections) {
      if (typeof message === 'string') connection.writeText(message);
      else connection.writeBytes(message);
      accounting.garbage[body.feed] += 1;
    }
  }
  return { connections: connections.map(({ id }) => id) };
}

function cut(
  body: TargetBody & { how: 'reset' | 'close'; code: number; reason: string },
  context: ControlContext,
): unknown {
  const connections = chosen(context, body);
  for (const connection of connections) {
    if (body.how === 'reset') connection.reset();
    else connection.close(body.code, body.reason);
  }
  return { connections: connections.map(({ id }) => id) };
}

function disconnect(
  body: TargetBody & { reason: number; form?: 'documented' | 'sdk' | undefined },
  context: ControlContext,
): unknown {
  const clients = [...context.dhan.clients].filter(
    ({ feed: onFeed, connection }) =>
      (body.feed === undefined || onFeed === body.feed) &&
      (body.connection === undefined || connection.id === body.connection),
  );
  if (clients.length === 0) throw new BadRequest(409, 'no such connection is open');
  for (const client of clients) context.dhan.disconnect(client, body.reason, body.form);
  return { connections: clients.map(({ connection }) => connection.id) };
}

type TokenBody = { action: 'accept' | 'expire'; access_token: string; disconnect: boolean } & (
  | { broker: 'kite'; api_key: string }
  | { broker: 'dhan'; client_id: string }
);

function changeToken(body: TokenBody, { tokens, kite, dhan }: ControlContext): unknown {
  if (body.action === 'accept') {
    if (body.broker === 'kite') tokens.acceptKite(body.api_key, body.access_token);
    else tokens.acceptDhan(body.client_id, body.access_token);
    return {};
  }
  const known =
    body.broker === 'kite' ? tokens.expireKite(body.api_key, body.access_token) : tokens.expireDhan(body.access_token);
  if (!known) throw new BadRequest(409, 'that token was never accepted');
  if (!body.disconnect) return {};
  if (body.broker === 'kite') kite.cutUser(body.api_key);
  else dhan.expire(body.access_token);
  return {};
}

/** Somebody logs in to the same account from another place: Dhan ends our token, Kite by its setting. */
function loginElsewhere({ broker }: { broker: 'kite' | 'dhan' }, { logins, settings, kite }: ControlContext): unknown {
  if (broker === 'dhan') logins.grantDhan(DEMO.dhan.clientId);
  else if (settings.kiteSecondLogin === 'new') {
    logins.endKite(DEMO.kite.apiKey);
    kite.cutUser(DEMO.kite.apiKey);
  }
  return {};
}

/** Ends every token of the account, and cuts who is connected with one. */
function revoke({ broker }: { broker: 'kite' | 'dhan' }, { logins, tokens, kite, dhan }: ControlContext): unknown {
  if (broker === 'kite') {
    logins.endKite(DEMO.kite.apiKey);
    kite.cutUser(DEMO.kite.apiKey);
  } else {
    for (const token of tokens.replaceDhan(DEMO.dhan.clientId)) dhan.expire(token);
  }
  return {};
}

function placeWall(
  body: { instrument: string; side: 'bid' | 'ask'; quantity: number; ticks: number },
  context: ControlContext,
): unknown {
  const i = withBook(context, body.instrument);
  const { tickSize } = context.market.instruments[i] as MarketInstrument;
  const on = sideOf(body.side);
  const { count: levels, prices } = context.market.levels(i, on);
  if (levels === 0) throw new BadRequest(409, 'that side is empty: there is no best price to stand behind');
  const price = (prices[0] as number) + (on === BID ? -1 : 1) * body.ticks * tickSize;
  if (price < tickSize) throw new BadRequest(400, 'ticks: no price is left there');
  synthetic(context).submit(i, on, price, body.quantity);
  return { price };
}

const sideOf = (name: 'bid' | 'ask'): Side => (name === 'bid' ? BID : ASK);

function synthetic({ market }: ControlContext): SyntheticMarket {
  if (market instanceof SyntheticMarket) return market;
  throw new BadRequest(409, 'a recording cannot be changed');
}

function find({ market }: ControlContext, slug: string): number {
  const i = market.instruments.findIndex((instrument) => instrument.slug === slug);
  if (i < 0) throw new BadRequest(404, `no instrument ${slug}`);
  return i;
}

function withBook(context: ControlContext, slug: string): number {
  const i = find(context, slug);
  if (isIndex(context.market.instruments[i] as MarketInstrument)) throw new BadRequest(400, `${slug} has no book`);
  return i;
}

/** Best prices, price units; null where a side is empty. */
function best(context: ControlContext, slug: string): { best_bid: number | null; best_ask: number | null } {
  const i = find(context, slug);
  const [bids, asks] = [context.market.levels(i, BID), context.market.levels(i, ASK)];
  return {
    best_bid: bids.count > 0 ? (bids.prices[0] as number) : null,
    best_ask: asks.count > 0 ? (asks.prices[0] as number) : null,
  };
}
