import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ASK, BID } from '../lib/core/side.ts';
import { DhanDepthBatch, decodeDhanDepth } from '../lib/wire/dhan-depth.ts';
import { DhanLiveBatch, decodeDhanLive } from '../lib/wire/dhan-live.ts';
import { decodeKiteFrame, KITE_FIELD, KiteBatch } from '../lib/wire/kite.ts';
import { shapesOf } from './garbage.ts';
import { DHAN_PATH, dhanClient, kiteClient, type TestClient } from './testing/client.ts';
import { sentOf, type TestExchange, testExchange } from './testing/exchange.ts';
import { dhanToken } from './tokens.ts';

const SLUG = 'NFO:NIFTY26DECFUT';
const FUTURE_ID = 52_714;
const FUTURE_TOKEN = 13_494_786;

/** A 200-level subscription to the future whose first two frames have come. */
async function depthClient(exchange: TestExchange): Promise<TestClient> {
  const client = await dhanClient(exchange, DHAN_PATH.depth200).opened();
  client.send({ RequestCode: 23, ExchangeSegment: 'NSE_FNO', SecurityId: String(FUTURE_ID) });
  return client.framesCame(2);
}

/** A full-mode subscription to the future whose first two frames have come. */
async function tickClient(exchange: TestExchange): Promise<TestClient> {
  const client = await kiteClient(exchange).opened();
  client.send({ a: 'subscribe', v: [FUTURE_TOKEN] });
  client.send({ a: 'mode', v: ['full', [FUTURE_TOKEN]] });
  return client.framesCame(2);
}

async function liveClient(exchange: TestExchange): Promise<TestClient> {
  const client = await dhanClient(exchange, DHAN_PATH.live).opened();
  const InstrumentList = [{ ExchangeSegment: 'NSE_FNO', SecurityId: String(FUTURE_ID) }];
  client.send({ RequestCode: 21, InstrumentCount: 1, InstrumentList });
  return client.framesCame(1);
}

const sentDepth = async (exchange: TestExchange, kind = 'bid') =>
  sentOf(await exchange.accounting(), 'dhan-depth200', kind, SLUG);

interface Depth {
  readonly side: number;
  readonly errors: number;
  readonly reason: number;
}

function depthOf(frame: Buffer): Depth {
  const batch = new DhanDepthBatch();
  decodeDhanDepth(frame, 200, batch);
  const packet = batch.count > 0 ? batch.packets[0] : undefined;
  return { side: packet?.side ?? -1, errors: batch.errors.count, reason: packet?.reason ?? 0 };
}

const sidesOf = (frames: readonly Buffer[]): number[] => frames.map((frame) => depthOf(frame).side);

describe('orders', () => {
  it('are refused with a reason where they make no sense', async () => {
    const exchange = await testExchange();
    for (const [name, body, status, message] of [
      ['nosuch', {}, 404, /there are mute, slow/],
      ['mute', { feed: 'zerodha' }, 400, /^feed: /],
      ['mute', { unknown: 1 }, 400, /unknown/i],
      ['mute', '{bad', 400, /not JSON/],
      ['slow', { bytes_per_second: 0 }, 400, /bytes_per_second/],
      ['disconnect', { reason: 700 }, 400, /reason/],
      ['cut', { feed: 'kite' }, 409, /no such connection/],
      ['order', { instrument: 'NFO:NOSUCH', side: 'bid', price: 1, quantity: 1 }, 404, /no instrument/],
      ['order', { instrument: 'INDICES:NIFTY 50', side: 'bid', price: 1, quantity: 1 }, 400, /has no book/],
      ['garbage', { feed: 'kite', shape: 'truncated' }, 409, /no such connection/],
      ['token', { broker: 'kite', action: 'expire', access_token: 'never' }, 409, /never accepted/],
      ['speed', { speed: 0 }, 400, /speed/],
    ] as const) {
      const response = await exchange.tryOrder(name, body);
      expect(response.status, name).toBe(status);
      expect(((await response.json()) as { error: string }).error, name).toMatch(message);
    }
    expect((await exchange.get('/control/mute')).status).toBe(405);
    const fromPage = await fetch(`${exchange.address}/control/pause`, {
      method: 'POST',
      headers: { origin: 'https://example.com' },
    });
    expect(fromPage.status).toBe(403);
  });

  it('report how things stand', async () => {
    const exchange = await testExchange();
    await depthClient(exchange);
    await exchange.order('mute', { feed: 'kite' });
    await exchange.order('refuse', { feed: 'kite', status: 502, times: 2 });
    expect(await (await exchange.get('/control/state')).json()).toMatchObject({
      market: 'synthetic seed 1',
      clock: 'manual',
      speed: 1,
      paused: false,
      faults: [{ target: { feed: 'kite' }, action: { type: 'mute', what: 'all' } }],
      refusals: [{ feed: 'kite', kind: 502, left: 2 }],
      connections: [{ feed: 'dhan-depth200', user: '1000000001', subscriptions: 1, messages: 2 }],
    });
  });
});

describe('faults', () => {
  it('cut: a reset, or a close with a code', async () => {
    const exchange = await testExchange();
    const reset = await depthClient(exchange);
    await exchange.order('cut', { feed: 'dhan-depth200' });
    expect((await reset.until(({ closed }) => closed !== null)).closed?.code).toBe(1006);
    const closed = await tickClient(exchange);
    await exchange.order('cut', { feed: 'kite', how: 'close', code: 4001, reason: 'by order' });
    await closed.until((client) => client.closed !== null);
    expect(closed.closed).toEqual({ code: 4001, reason: 'by order' });
  });

  it('mute: nothing at all, and what was left out is counted apart', async () => {
    const exchange = await testExchange();
    const client = await depthClient(exchange);
    const { fault } = await exchange.order('mute', { feed: 'dhan-depth200' });
    await exchange.advance(2000);
    const muted = await sentDepth(exchange);
    expect(muted.frames).toBe(1);
    expect(muted.injected.dropped).toBeGreaterThanOrEqual(8);
    await exchange.order('clear', { fault });
    await exchange.advance(1000);
    await client.framesCame(6);
    const after = await sentDepth(exchange);
    expect(after.injected.dropped).toBe(muted.injected.dropped);
    expect(client.frames.length).toBe(after.frames + (await sentDepth(exchange, 'ask')).frames);
    const { outages } = (await (await exchange.get('/outages')).json()) as { outages: unknown[] };
    expect(outages).toMatchObject([
      { kind: 'bid', cause: 'injected' },
      { kind: 'ask', cause: 'injected' },
    ]);
  });

  it('mute: heartbeats go on without data, or data without heartbeats', async () => {
    const exchange = await testExchange();
    const client = await tickClient(exchange);
    await exchange.order('mute', { feed: 'kite', what: 'data' });
    await exchange.advance(1000);
    await client.until(({ heartbeats }) => heartbeats >= 1);
    expect(client.frames).toHaveLength(2);
    await exchange.order('clear');
    const { connections } = (await (await exchange.get('/control/state')).json()) as { connections: { id: number }[] };
    await exchange.order('mute', { connection: connections[0]?.id, what: 'keepalives' });
    const before = client.heartbeats;
    // In the time in which another connection gets two heartbeats, this one gets none: one may have been under way.
    const other = await kiteClient(exchange).opened();
    await other.until(({ heartbeats }) => heartbeats >= 2);
    expect(client.heartbeats - before).toBeLessThanOrEqual(1);
    await exchange.advance(500);
    await client.framesCame(3);
  });

  it('mute: not even a ping is answered', async () => {
    const exchange = await testExchange();
    const client = await depthClient(exchange);
    let pongs = 0;
    client.socket.on('pong', () => {
      pongs += 1;
    });
    client.socket.ping();
    await expect.poll(() => pongs).toBe(1);
    await exchange.order('mute', { feed: 'dhan-depth200' });
    client.socket.ping();
    // An answer to another connection's ping, sent later, comes first.
    const other = await dhanClient(exchange, DHAN_PATH.depth20).opened();
    const answered = new Promise((resolve) => other.socket.once('pong', resolve));
    other.socket.ping();
    await answered;
    expect(pongs).toBe(1);
  });

  it('mute: one side of a book stops, the other goes on', async () => {
    const exchange = await testExchange();
    const client = await depthClient(exchange);
    await exchange.order('mute', { feed: 'dhan-depth200', kind: 'ask', instrument: SLUG });
    await exchange.advance(2000);
    await client.framesCame(8);
    expect(new Set(sidesOf(client.frames.slice(2)))).toEqual(new Set([BID]));
    expect((await sentDepth(exchange, 'bid')).injected.dropped).toBe(0);
    expect((await sentDepth(exchange, 'ask')).injected.dropped).toBeGreaterThan(5);
  });

  it('mute: one side of a stacked message', async () => {
    const exchange = await testExchange();
    const client = await dhanClient(exchange, DHAN_PATH.depth20).opened();
    const InstrumentList = [{ ExchangeSegment: 'NSE_FNO', SecurityId: String(FUTURE_ID) }];
    client.send({ RequestCode: 23, InstrumentCount: 1, InstrumentList });
    await client.framesCame(1);
    await exchange.order('mute', { feed: 'dhan-depth20', kind: 'bid' });
    await exchange.advance(500);
    await client.framesCame(2);
    const batch = new DhanDepthBatch();
    decodeDhanDepth(client.frames.at(-1) as Buffer, 20, batch);
    expect(batch.packets.slice(0, batch.count).map(({ side }) => side)).toEqual([ASK]);
  });

  it('slow: bytes trickle, whole frames come out in the end', async () => {
    const exchange = await testExchange();
    const raw: { at: number; bytes: number }[] = [];
    const client = await depthClient(exchange);
    const before = client.frames.length;
    client.socket.on('message', (data: Buffer) => raw.push({ at: performance.now(), bytes: data.length }));
    const started = performance.now();
    await exchange.order('slow', { feed: 'dhan-depth200', bytes_per_second: 20_000 });
    await exchange.advance(900);
    await client.framesCame(before + 6, 15_000);
    // Six frames of 3.2 kB at 20 kB/s take about a second.
    expect(performance.now() - started).toBeGreaterThan(700);
    for (const frame of client.frames) expect(depthOf(frame).errors).toBe(0);
    await exchange.order('clear');
    await exchange.advance(1000);
    const sent = (await sentDepth(exchange)).frames + (await sentDepth(exchange, 'ask')).frames;
    await client.framesCame(sent);
  });

  it('duplicate: every message again, counted apart with their checksum', async () => {
    const exchange = await testExchange();
    const client = await depthClient(exchange);
    await exchange.order('duplicate', { feed: 'dhan-depth200', copies: 2, count: 3 });
    await exchange.advance(2000);
    const bid = await sentDepth(exchange);
    const ask = await sentDepth(exchange, 'ask');
    expect(bid.injected.duplicates + ask.injected.duplicates).toBe(6);
    await client.framesCame(bid.frames + ask.frames + 6);
    const [, , third, again, oncemore] = client.frames;
    expect(again).toEqual(third);
    expect(oncemore).toEqual(third);
    expect(bid.injected.duplicate_checksum).toBeGreaterThan(0);
  });

  it('flood: the last message many times', async () => {
    const exchange = await testExchange();
    const client = await depthClient(exchange);
    await exchange.order('flood', { feed: 'dhan-depth200', times: 500, per_second: 5000 });
    await client.framesCame(502);
    expect(client.frames.at(-1)).toEqual(client.frames[1]);
    expect((await sentDepth(exchange, 'ask')).injected.duplicates).toBe(500);
    expect((await sentDepth(exchange, 'ask')).frames).toBe(1);
  });

  it('reorder: neighbours change places, nothing is lost', async () => {
    const exchange = await testExchange();
    const client = await depthClient(exchange);
    await exchange.order('reorder', { feed: 'dhan-depth200', count: 2 });
    await exchange.advance(600);
    await client.framesCame(6);
    expect(sidesOf(client.frames.slice(0, 6))).toEqual([BID, ASK, ASK, BID, BID, ASK]);
    const sent = (await sentDepth(exchange)).frames + (await sentDepth(exchange, 'ask')).frames;
    await client.framesCame(sent);
    expect(client.frames).toHaveLength(sent);
  });

  it('truncate: a message ends early and is no good frame', async () => {
    const exchange = await testExchange();
    const client = await depthClient(exchange);
    await exchange.order('truncate', { feed: 'dhan-depth200', bytes: 100, count: 1 });
    await exchange.advance(500);
    await client.framesCame(4);
    expect(client.frames[2]).toHaveLength(100);
    expect(depthOf(client.frames[2] as Buffer).errors).toBe(1);
    expect((await sentDepth(exchange)).injected.malformed).toBe(1);
  });

  it('ends by itself where it is told for how long', async () => {
    const exchange = await testExchange();
    const client = await depthClient(exchange);
    await exchange.order('mute', { feed: 'dhan-depth200', ms: 50 });
    await exchange.advance(500);
    await expect
      .poll(async () => ((await (await exchange.get('/control/state')).json()) as { faults: unknown[] }).faults)
      .toEqual([]);
    await exchange.advance(500);
    await client.framesCame(4);
  });

  it.each(shapesOf('kite').filter((shape) => shape !== 'huge'))('garbage: Kite, %s', async (shape) => {
    const exchange = await testExchange();
    const client = await tickClient(exchange);
    await exchange.order('garbage', { feed: 'kite', shape, instrument: SLUG });
    // An ordinary frame after it: the connection has lived through it.
    await exchange.advance(600);
    await client.until(({ frames, texts }) => frames.length + texts.length >= 3);
    const state = (await (await exchange.get('/control/state')).json()) as { garbage: Record<string, number> };
    expect(state.garbage).toMatchObject({ kite: 1 });
    if (shape.endsWith('_text')) {
      expect(client.texts).toHaveLength(1);
      return;
    }
    const frame = client.frames[2] as Buffer;
    const batch = new KiteBatch();
    decodeKiteFrame(frame, batch);
    // Those are read without complaint; what is odd about them is in their numbers.
    const wellFormed = ['tail', 'empty', 'two_bytes', 'time_back', 'high_values', 'index_in_equity_length'];
    const oddNumbers = ['token_zero', 'token_unknown', 'segment_unknown', 'count_low'];
    if ([...wellFormed, ...oddNumbers].includes(shape)) expect(batch.errors.count).toBe(0);
    else expect(batch.errors.count).toBeGreaterThan(0);
    if (shape === 'high_values') expect(batch.words[KITE_FIELD.volume]).toBe(3_000_000_000);
  });

  it.each(shapesOf('dhan-depth200').filter((shape) => shape !== 'huge'))('garbage: Dhan depth, %s', async (shape) => {
    const exchange = await testExchange();
    const client = await depthClient(exchange);
    await exchange.order('garbage', { feed: 'dhan-depth200', shape, instrument: SLUG });
    await exchange.advance(500);
    await client.framesCame(5);
    const batch = new DhanDepthBatch();
    decodeDhanDepth(client.frames[2] as Buffer, 200, batch);
    const crossed = ['crossed', 'locked', 'unknown_instrument', 'rows_0', 'rows_1', 'price_zero', 'empty'];
    if (!crossed.includes(shape)) {
      expect(batch.errors.count + (batch.packets[0]?.flags ?? 0), shape).toBeGreaterThan(0);
    }
    // The rest of what was sent is as good as ever.
    for (const frame of client.frames.slice(3)) expect(depthOf(frame).errors).toBe(0);
  });

  it.each(shapesOf('dhan-live').filter((shape) => shape !== 'huge'))('garbage: Dhan live, %s', async (shape) => {
    const exchange = await testExchange();
    const client = await liveClient(exchange);
    await exchange.order('garbage', { feed: 'dhan-live', shape, instrument: SLUG });
    await exchange.advance(600);
    await client.framesCame(3);
    const batch = new DhanLiveBatch();
    decodeDhanLive(client.frames[1] as Buffer, () => 10, batch);
    const inNumbersOnly = ['unknown_instrument', 'price_nan', 'price_huge', 'empty'];
    if (!inNumbersOnly.includes(shape)) expect(batch.errors.count, shape).toBeGreaterThan(0);
  });

  it('garbage: a message far too large, to a client that knows its limit', async () => {
    const exchange = await testExchange();
    const client = await tickClient(exchange);
    await exchange.order('garbage', { feed: 'kite', shape: 'huge' });
    await client.framesCame(3);
    expect(client.frames[2]).toHaveLength(10 * 1024 * 1024);
    const unknown = await exchange.tryOrder('garbage', { feed: 'kite', shape: 'nosuch' });
    expect(unknown.status).toBe(400);
    expect(((await unknown.json()) as { error: string }).error).toContain('count_high');
  });
});

describe('refusals and tokens', () => {
  it.each([400, 403, 429, 502, 503])('the next handshakes are refused with %i', async (status) => {
    const exchange = await testExchange();
    await exchange.order('refuse', { feed: 'kite', status, times: 2 });
    await exchange.order('refuse', { feed: 'dhan-depth200', status });
    for (let i = 0; i < 2; i += 1) {
      const client = await kiteClient(exchange).until(({ refused }) => refused !== null);
      expect(client.refused).toBe(status);
    }
    await kiteClient(exchange).opened();
    const dhan = await dhanClient(exchange, DHAN_PATH.depth200).until(({ refused }) => refused !== null);
    expect(dhan.refused).toBe(status);
    await dhanClient(exchange, DHAN_PATH.depth20).opened();
  });

  it('a handshake can succeed and be reset without a word', async () => {
    const exchange = await testExchange();
    await exchange.order('refuse', { feed: 'dhan-live', status: 'reset' });
    const client = dhanClient(exchange, DHAN_PATH.live);
    await client.until(({ closed }) => closed !== null);
    expect(client.closed?.code).toBe(1006);
    expect(client.refused).toBeNull();
  });

  it('Kite: a token expires, whoever is connected may stay or go, a new one is let in', async () => {
    const exchange = await testExchange();
    const connected = await tickClient(exchange);
    await exchange.order('token', { broker: 'kite', action: 'expire', access_token: 'demo' });
    const refused = await kiteClient(exchange).until((client) => client.refused !== null);
    expect(refused.refused).toBe(403);
    await exchange.advance(500);
    await connected.framesCame(3);
    await exchange.order('token', { broker: 'kite', action: 'expire', access_token: 'demo', disconnect: true });
    await connected.until(({ closed }) => closed !== null);
    await exchange.order('token', { broker: 'kite', action: 'accept', access_token: 'tomorrow' });
    await kiteClient(exchange, 'api_key=demo&access_token=tomorrow').opened();
  });

  it('Dhan: an expired token gets 807, a new one is let in', async () => {
    const exchange = await testExchange();
    const connected = await depthClient(exchange);
    const { credentials } = (await (await exchange.get('/')).json()) as {
      credentials: { dhan: { access_token: string } };
    };
    const old = credentials.dhan.access_token;
    await exchange.order('token', { broker: 'dhan', action: 'expire', access_token: old, disconnect: true });
    await connected.until(({ closed }) => closed !== null);
    expect(depthOf(connected.frames.at(-1) as Buffer).reason).toBe(807);
    const refused = dhanClient(exchange, DHAN_PATH.depth200);
    await refused.until(({ closed }) => closed !== null);
    expect(depthOf(refused.frames[0] as Buffer).reason).toBe(807);
    const token = dhanToken('1000000001', 'SELF', 1_800_000_000, 1_800_086_400);
    await exchange.order('token', { broker: 'dhan', action: 'accept', access_token: token });
    await dhanClient(exchange, DHAN_PATH.depth200, token).opened();
  });

  it.each([800, 804, 805, 806, 807, 808, 809, 810, 811, 812, 813, 814])(
    'Dhan lets go with reason %i, in either layout',
    async (reason) => {
      const exchange = await testExchange();
      const deep = await depthClient(exchange);
      await exchange.order('disconnect', { feed: 'dhan-depth200', reason });
      await deep.until(({ closed }) => closed !== null);
      expect(deep.frames.at(-1)).toHaveLength(14);
      expect(depthOf(deep.frames.at(-1) as Buffer).reason).toBe(reason);
      const sdk = await depthClient(exchange);
      await exchange.order('disconnect', { feed: 'dhan-depth200', reason, form: 'sdk' });
      await sdk.until(({ closed }) => closed !== null);
      expect(sdk.frames.at(-1)).toHaveLength(12);
      expect(depthOf(sdk.frames.at(-1) as Buffer).reason).toBe(reason);
      const live = await liveClient(exchange);
      await exchange.order('disconnect', { reason });
      await live.until(({ closed }) => closed !== null);
      expect((live.frames.at(-1) as Buffer).readUInt16LE(8)).toBe(reason);
    },
  );
});

describe('the clock', () => {
  it('stands still until it is moved, and moves exactly so far', async () => {
    const exchange = await testExchange();
    const client = await depthClient(exchange);
    const start = exchange.market.nowUs;
    expect(await exchange.order('advance', { ms: 1234.5 })).toEqual({ market_us: start + 1_234_500 });
    const sent = await sentDepth(exchange);
    await client.framesCame(2 * sent.frames);
    expect(exchange.market.nowUs).toBe(start + 1_234_500);
  });

  it('runs by itself at a speed, pauses and goes on', async () => {
    const exchange = await testExchange();
    const client = await depthClient(exchange);
    await exchange.order('speed', { speed: 50 });
    await exchange.order('clock', { mode: 'real' });
    const refused = await exchange.tryOrder('advance', { ms: 1 });
    expect(refused.status).toBe(409);
    await client.framesCame(100);
    await exchange.order('pause');
    const paused = (await sentDepth(exchange)).frames;
    await client.framesCame(2 * paused);
    await exchange.order('resume');
    await client.framesCame(2 * paused + 20);
    await exchange.order('speed', { speed: 'max' });
    await client.framesCame(2 * paused + 2000, 10_000);
  });

  it('lets one instrument go faster', async () => {
    const exchange = await testExchange();
    const client = await depthClient(exchange);
    await exchange.order('rate', { instrument: SLUG, frames_per_second: 40 });
    await exchange.advance(2000);
    const { frames } = await sentDepth(exchange);
    expect(frames).toBeGreaterThanOrEqual(1 + 39);
    expect(frames).toBeLessThanOrEqual(1 + 41);
    await client.framesCame(2 * frames);
  });
});

describe('the synthetic book', () => {
  it('takes a known picture', async () => {
    const exchange = await testExchange();
    await exchange.order('flow', { instrument: SLUG, flowing: false });
    for (const side of ['bid', 'ask']) await exchange.order('empty', { instrument: SLUG, side });
    const put = (side: string, price: number, quantity: number): Promise<unknown> =>
      exchange.order('order', { instrument: SLUG, side, price, quantity });
    await put('bid', 2_600_000, 130);
    await put('bid', 2_599_900, 650);
    expect(await put('ask', 2_600_050, 65)).toEqual({ best_bid: 2_600_000, best_ask: 2_600_050 });
    expect(await exchange.order('wall', { instrument: SLUG, side: 'ask', quantity: 6500, ticks: 4 })).toEqual({
      price: 2_600_090,
    });
    const client = await depthClient(exchange);
    const batch = new DhanDepthBatch();
    const picture = client.frames.map((frame) => {
      decodeDhanDepth(frame, 200, batch);
      const { count, prices, quantities, orders } = (batch.packets[0] as (typeof batch.packets)[number]).levels;
      return Array.from({ length: count }, (_, i) => [prices[i], quantities[i], orders[i]]);
    });
    expect(picture).toEqual([
      [
        [2_600_000, 130, 1],
        [2_599_900, 650, 1],
      ],
      [
        [2_600_050, 65, 1],
        [2_600_090, 6500, 1],
      ],
    ]);
    const ticks = await tickClient(exchange);
    const before = ticks.frames.length;
    expect(await exchange.order('trade', { instrument: SLUG, side: 'buy', quantity: 130 })).toEqual({
      traded: 130,
      best_bid: 2_600_000,
      best_ask: 2_600_090,
    });
    await exchange.advance(300);
    await ticks.framesCame(before + 1);
    const kite = new KiteBatch();
    decodeKiteFrame(ticks.frames.at(-1) as Buffer, kite);
    expect(kite.words[KITE_FIELD.lastPrice]).toBe(2_600_090);
    expect(kite.words[KITE_FIELD.lastQuantity]).toBe(65);
    const wall = { instrument: SLUG, side: 'ask', price: 2_600_090 };
    expect(await exchange.order('pull', wall), 'what has not traded of it').toEqual({ pulled: 6435 });
    expect(await exchange.order('pull', wall)).toEqual({ pulled: 0 });
    await exchange.order('empty', { instrument: SLUG, side: 'bid' });
    const empty = await exchange.tryOrder('wall', { instrument: SLUG, side: 'bid', quantity: 65 });
    expect(empty.status).toBe(409);
  });
});

describe('the server', () => {
  it('says what it is and where its faces are', async () => {
    const exchange = await testExchange();
    const ws = exchange.address.replace('http', 'ws');
    expect(await (await exchange.get('/')).json()).toMatchObject({
      name: 'Gehra simulated exchange',
      market: 'synthetic seed 1',
      seed: 1,
      faces: {
        kite_ws: `${ws}/kite`,
        dhan_depth200_ws: `${ws}/dhan/depth200/`,
        dhan_master: `${exchange.address}/dhan/api-data/api-scrip-master.csv`,
      },
      credentials: { kite: { api_key: 'demo', access_token: 'demo' } },
    });
    expect(await (await exchange.get('/health')).json()).toEqual({ status: 'ok' });
    const { instruments } = (await (await exchange.get('/market')).json()) as { instruments: { slug: string }[] };
    expect(instruments.map(({ slug }) => slug)).toEqual(exchange.market.instruments.map(({ slug }) => slug));
    expect((await exchange.get('/nosuch')).status).toBe(404);
  });

  it('answers this machine only', async () => {
    const exchange = await testExchange();
    expect(new URL(exchange.address).hostname).toBe('127.0.0.1');
    // Loopback has other addresses too: nothing answers there.
    const refused = await new Promise<string>((resolve) => {
      const socket = connect({ host: '127.0.0.2', port: Number(new URL(exchange.address).port) });
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      socket.on('connect', () => {
        socket.destroy();
        resolve('connected');
      });
    });
    expect(refused).toBe('ECONNREFUSED');
  });
});
