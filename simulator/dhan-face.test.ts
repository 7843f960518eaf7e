import { describe, expect, it } from 'vitest';
import { ASK, BID } from '../lib/core/side.ts';
import { DhanDepthBatch, type DhanDepthLevels, decodeDhanDepth } from '../lib/wire/dhan-depth.ts';
import { DHAN_LIVE_CODE, DhanLiveBatch, decodeDhanLive } from '../lib/wire/dhan-live.ts';
import { DHAN_PATH, dhanClient, TestClient } from './testing/client.ts';
import { type TestExchange, testExchange } from './testing/exchange.ts';
import { DEMO, DEMO_DHAN_TOKEN, dhanToken } from './tokens.ts';

/** The synthetic market's NIFTY future. */
const FUTURE = 0;
const idOf = (exchange: TestExchange, instrument: number): { ExchangeSegment: string; SecurityId: string } => {
  const { dhanSegment, dhanSecurityId } = exchange.market.instruments[
    instrument
  ] as (typeof exchange.market.instruments)[number];
  return { ExchangeSegment: dhanSegment, SecurityId: String(dhanSecurityId) };
};
const listOf = (code: number, exchange: TestExchange, ...instruments: number[]): unknown => ({
  RequestCode: code,
  InstrumentCount: instruments.length,
  InstrumentList: instruments.map((i) => idOf(exchange, i)),
});

/** Packets of a depth message: side, id, rows; or the reason of a farewell. */
function depthOf(frame: Buffer, levels: DhanDepthLevels): { side: number; id: number; rows: number; reason: number }[] {
  const batch = new DhanDepthBatch();
  decodeDhanDepth(frame, levels, batch);
  expect(batch.errors.count).toBe(0);
  return batch.packets
    .slice(0, batch.count)
    .map(({ side, securityId, levels: { count }, reason }) => ({ side, id: securityId, rows: count, reason }));
}

const codesOf = (frame: Buffer): number[] => {
  const batch = new DhanLiveBatch();
  decodeDhanLive(frame, () => 1, batch);
  return batch.packets.slice(0, batch.count).map(({ code }) => code);
};

describe('200-level depth', () => {
  it.each([
    ['at its documented path', '/dhan/depth200/twohundreddepth', 'flat'],
    ['at the root, as the SDK asks', DHAN_PATH.depth200, 'flat'],
    ['with the list form of older documents', DHAN_PATH.depth200, 'list'],
  ] as const)('is served %s', async (_, path, form) => {
    const exchange = await testExchange();
    const client = await dhanClient(exchange, path).opened();
    client.send(
      form === 'list'
        ? listOf(23, exchange, FUTURE)
        : { RequestCode: 23, ...idOf(exchange, FUTURE), BidAskBoth: true, Mode: 'odd keys do not matter' },
    );
    await client.framesCame(2);
    await exchange.advance(1000);
    await client.framesCame(8);
    const id = Number(idOf(exchange, FUTURE).SecurityId);
    expect(client.frames.map((frame) => frame.length)).toEqual(client.frames.map(() => 3212));
    expect(client.frames.flatMap((frame) => depthOf(frame, 200))).toEqual(
      client.frames.map((_frame, i) => ({ side: i % 2 === 0 ? BID : ASK, id, rows: 200, reason: 0 })),
    );
  });

  it('is served without a version at the very root', async () => {
    const exchange = await testExchange();
    const address = exchange.socketAddress(`/?token=${DEMO_DHAN_TOKEN}&clientId=${DEMO.dhan.clientId}&authType=2`);
    const client = await new TestClient(address).opened();
    client.send({ RequestCode: 23, ...idOf(exchange, FUTURE) });
    await client.framesCame(2);
  });

  it('sends a thin book short, or padded where told to, or both sides in one message', async () => {
    const exchange = await testExchange();
    const option = 2;
    const client = await dhanClient(exchange, DHAN_PATH.depth200).opened();
    client.send({ RequestCode: 23, ...idOf(exchange, option) });
    await client.framesCame(2);
    const rows = exchange.market.levels(option, BID).count;
    expect(rows).toBeLessThan(200);
    expect(client.frames[0]).toHaveLength(12 + 16 * rows);
    await exchange.order('settings', { depth200Layout: 'padded' });
    await exchange.advance(600);
    await client.framesCame(4);
    const padded = client.frames.at(-1) as Buffer;
    expect(padded).toHaveLength(3212);
    expect(depthOf(padded, 200)[0]?.rows).toBe(exchange.market.levels(option, ASK).count);
    await exchange.order('settings', { depth200Layout: 'stacked' });
    const before = client.frames.length;
    await exchange.advance(600);
    await client.framesCame(before + 1);
    expect(depthOf(client.frames[before] as Buffer, 200).map(({ side }) => side)).toEqual([BID, ASK]);
  });

  it('lets go of a connection that asks for a second instrument', async () => {
    const exchange = await testExchange();
    const client = await dhanClient(exchange, DHAN_PATH.depth200).opened();
    client.send({ RequestCode: 23, ...idOf(exchange, 0) });
    client.send({ RequestCode: 23, ...idOf(exchange, 1) });
    await client.until(({ closed }) => closed !== null);
    expect(depthOf(client.frames.at(-1) as Buffer, 200)[0]?.reason).toBe(804);
  });

  it.each([24, 25])('ends with request code %i', async (code) => {
    const exchange = await testExchange();
    const client = await dhanClient(exchange, DHAN_PATH.depth200).opened();
    client.send({ RequestCode: 23, ...idOf(exchange, 0) });
    await client.framesCame(2);
    client.send({ RequestCode: code, ...idOf(exchange, 0) });
    // A second instrument is welcome once the first is gone.
    client.send({ RequestCode: 23, ...idOf(exchange, 1) });
    await client.framesCame(4);
    await exchange.advance(1000);
    const ids = client.frames.slice(2).flatMap((frame) => depthOf(frame, 200).map(({ id }) => id));
    expect(new Set(ids)).toEqual(new Set([Number(idOf(exchange, 1).SecurityId)]));
  });

  it('cuts a token of type APP after its subscription, unless told not to', async () => {
    const exchange = await testExchange();
    const token = dhanToken(DEMO.dhan.clientId, 'APP', 1_767_205_800, 4_102_425_000);
    await exchange.order('token', { broker: 'dhan', action: 'accept', access_token: token });
    const cut = await dhanClient(exchange, DHAN_PATH.depth200, token).opened();
    cut.send({ RequestCode: 23, ...idOf(exchange, 0) });
    await cut.until(({ closed }) => closed !== null);
    expect(cut.closed?.code).toBe(1006);
    const elsewhere = await dhanClient(exchange, DHAN_PATH.depth20, token).opened();
    elsewhere.send(listOf(23, exchange, 0));
    await elsewhere.framesCame(1);
    await exchange.order('settings', { rejectAppTokens: false });
    const kept = await dhanClient(exchange, DHAN_PATH.depth200, token).opened();
    kept.send({ RequestCode: 23, ...idOf(exchange, 0) });
    await exchange.advance(500);
    await kept.framesCame(4);
  });
});

describe('20-level depth', () => {
  it('stacks bid and ask in a message, or sends them apart where told to', async () => {
    const exchange = await testExchange();
    const client = await dhanClient(exchange, DHAN_PATH.depth20).opened();
    client.send(listOf(23, exchange, 0, 6));
    await client.framesCame(2);
    const id = Number(idOf(exchange, 0).SecurityId);
    expect(depthOf(client.frames[0] as Buffer, 20)).toEqual([
      { side: BID, id, rows: 20, reason: 0 },
      { side: ASK, id, rows: 20, reason: 0 },
    ]);
    expect(client.frames[0]).toHaveLength(664);
    await exchange.order('settings', { depth20Layout: 'separate' });
    await exchange.advance(500);
    await client.framesCame(6);
    expect((client.frames.at(-1) as Buffer).length).toBe(332);
  });

  it('passes over what has no depth, and over what does not exist', async () => {
    const exchange = await testExchange();
    const client = await dhanClient(exchange, DHAN_PATH.depth20).opened();
    client.send({
      RequestCode: 23,
      InstrumentCount: 3,
      InstrumentList: [
        { ExchangeSegment: 'IDX_I', SecurityId: '13' },
        { ExchangeSegment: 'NSE_EQ', SecurityId: '999999' },
        idOf(exchange, 0),
      ],
    });
    await client.framesCame(1);
    const { connections } = (await (await exchange.get('/control/state')).json()) as {
      connections: { subscriptions: number }[];
    };
    expect(connections.map(({ subscriptions }) => subscriptions)).toEqual([1]);
  });
});

describe('live feed', () => {
  it('sends ticker, quote with open interest, and full packets', async () => {
    const exchange = await testExchange();
    const client = await dhanClient(exchange, DHAN_PATH.live).opened();
    client.send(listOf(15, exchange, 6));
    client.send(listOf(17, exchange, 0));
    client.send(listOf(21, exchange, 7));
    await client.framesCame(3);
    expect(client.frames.map(codesOf)).toEqual([
      [DHAN_LIVE_CODE.ticker],
      [DHAN_LIVE_CODE.quote, DHAN_LIVE_CODE.oi],
      [DHAN_LIVE_CODE.full],
    ]);
    const batch = new DhanLiveBatch();
    decodeDhanLive(client.frames[2] as Buffer, () => 5, batch);
    const quote = exchange.market.quote(7);
    const [packet] = batch.packets;
    expect(packet).toMatchObject({
      lastPrice: quote.lastPrice,
      volume: quote.volume,
      buyQuantity: quote.buyQuantity,
      close: quote.previousClose,
      lastTradeTime: Math.floor(quote.lastTradeUs / 1_000_000),
    });
    expect(packet?.bids.prices[0]).toBe(exchange.market.levels(7, BID).prices[0]);
  });

  it('tells the previous close of an index, and gives its quote to whoever wants everything', async () => {
    const exchange = await testExchange();
    const client = await dhanClient(exchange, DHAN_PATH.live).opened();
    client.send(listOf(21, exchange, 12));
    await client.framesCame(1);
    expect(codesOf(client.frames[0] as Buffer)).toEqual([DHAN_LIVE_CODE.quote, DHAN_LIVE_CODE.previousClose]);
  });

  it('unsubscribes by mode', async () => {
    const exchange = await testExchange();
    const client = await dhanClient(exchange, DHAN_PATH.live).opened();
    client.send(listOf(15, exchange, 0, 6));
    await client.framesCame(2);
    client.send(listOf(18, exchange, 6));
    client.send(listOf(16, exchange, 0));
    client.send(listOf(15, exchange, 7));
    await client.framesCame(3);
    const state = (await (await exchange.get('/control/state')).json()) as { connections: { subscriptions: number }[] };
    expect(state.connections[0]?.subscriptions).toBe(2);
  });

  it('bears binary messages, odd text, and a goodbye before anything was asked for', async () => {
    const exchange = await testExchange();
    const client = await dhanClient(exchange, DHAN_PATH.live).opened();
    client.socket.send(Buffer.from([12, 83, 0, 49]));
    client.send('{bad');
    client.send({ RequestCode: 99 });
    client.send({ RequestCode: 12 });
    client.send(listOf(15, exchange, 0));
    await client.framesCame(1);
    client.send({ RequestCode: 12 });
    await client.until(({ closed }) => closed !== null);
    expect(client.closed?.code).toBe(1000);
  });
});

describe('connections', () => {
  it.each([
    ['an unknown token', 'nonsense', DEMO.dhan.clientId, 809],
    ['no token', '', DEMO.dhan.clientId, 809],
    ['a wrong client id', DEMO_DHAN_TOKEN, '1000000002', 810],
  ])('%s is told so and let go', async (_, token, clientId, reason) => {
    const exchange = await testExchange();
    for (const path of [DHAN_PATH.depth20, DHAN_PATH.depth200]) {
      const client = dhanClient(exchange, path, token, clientId);
      await client.until(({ closed }) => closed !== null);
      expect(depthOf(client.frames[0] as Buffer, 200)[0]?.reason).toBe(reason);
      expect(client.frames[0]).toHaveLength(14);
    }
    const live = dhanClient(exchange, DHAN_PATH.live, token, clientId);
    await live.until(({ closed }) => closed !== null);
    expect(live.frames[0]?.readUInt16LE(8)).toBe(reason);
  });

  it('can leave a bad token without a word, and write the packet as the SDK reads it', async () => {
    const exchange = await testExchange();
    await exchange.order('settings', { dhanDisconnect: 'sdk' });
    const told = dhanClient(exchange, DHAN_PATH.depth200, 'nonsense');
    await told.until(({ closed }) => closed !== null);
    expect(told.frames[0]).toHaveLength(12);
    expect(depthOf(told.frames[0] as Buffer, 200)[0]?.reason).toBe(809);
    await exchange.order('settings', { dhanBadToken: 'reset' });
    const left = dhanClient(exchange, DHAN_PATH.depth200, 'nonsense');
    await left.until(({ closed }) => closed !== null);
    expect(left.closed?.code).toBe(1006);
    expect(left.frames).toEqual([]);
  });

  it('has five of each feed; a sixth makes the oldest go with 805', async () => {
    const exchange = await testExchange();
    const first = await dhanClient(exchange, DHAN_PATH.depth200).opened();
    for (let i = 0; i < 4; i += 1) await dhanClient(exchange, DHAN_PATH.depth200).opened();
    // Another feed has a pool of its own.
    for (let i = 0; i < 5; i += 1) await dhanClient(exchange, DHAN_PATH.depth20).opened();
    expect(first.closed).toBeNull();
    await dhanClient(exchange, DHAN_PATH.depth200).opened();
    await first.until(({ closed }) => closed !== null);
    expect(depthOf(first.frames[0] as Buffer, 200)[0]?.reason).toBe(805);
  });

  it('pings every ten seconds', { timeout: 20_000 }, async () => {
    const exchange = await testExchange();
    const client = await dhanClient(exchange, DHAN_PATH.depth200).opened();
    await client.until(({ pings }) => pings >= 1, 12_000);
  });
});

describe('Dhan REST', () => {
  it('serves the compact master with the oddities of the real one', async () => {
    const exchange = await testExchange();
    const text = await (await exchange.get('/dhan/api-data/api-scrip-master.csv')).text();
    const [header = '', ...rows] = text.trim().split('\n');
    expect(header.split(',')).toHaveLength(16);
    expect(rows).toContain(
      'NSE,D,52714,FUTIDX,0,NIFTY-Dec2026-FUT,65.0,NIFTY DEC FUT,2026-12-29 14:30:00,-0.01000,XX,10.0000,M,FUTIDX,,NIFTY',
    );
    expect(rows).toContain(
      'NSE,D,52800,OPTIDX,0,NIFTY-Dec2026-26000-CE,65.0,NIFTY 29 DEC 26000 CALL,2026-12-29 14:30:00,26000.00000,CE,5.0000,M,OPTIDX,,NIFTY',
    );
    expect(rows).toContain('NSE,E,1333,EQUITY,0,HDFCBANK,1.0,Hdfc Bank,,,,5.0000,NA,ES,EQ,HDFC BANK');
    expect(rows).toContain('NSE,I,13,INDEX,0,NIFTY,1.0,Nifty 50,0001-01-01,,XX,0.0500,,INDEX,X,NIFTY');
    expect(rows).toHaveLength(exchange.market.instruments.length);
  });

  it('serves the detailed master, whole and by segment, with a comma too many', async () => {
    const exchange = await testExchange();
    const text = await (await exchange.get('/api-data/api-scrip-master-detailed.csv')).text();
    const [header = '', ...rows] = text.trim().split('\n');
    expect(header.endsWith(',')).toBe(true);
    const columns = header.split(',');
    for (const row of rows) expect(row.split(',')).toHaveLength(columns.length);
    const call = (rows.find((row) => row.includes('NIFTY-Dec2026-26000-CE')) as string).split(',');
    const field = (name: string): string | undefined => call[columns.indexOf(name)];
    expect(field('UNDERLYING_SECURITY_ID')).toBe('26000');
    expect(field('SM_FREEZE_QTY')).toBe('1756');
    expect(field('TICK_SIZE')).toBe('5.0000');
    const segment = await (await exchange.get('/dhan/v2/instrument/NSE_EQ')).text();
    expect(segment.trim().split('\n')).toHaveLength(1 + 6);
  });

  it('tests a token by the profile', async () => {
    const exchange = await testExchange();
    const good = await exchange.get('/v2/profile', { 'access-token': DEMO_DHAN_TOKEN });
    expect(await good.json()).toMatchObject({ dhanClientId: DEMO.dhan.clientId, dataPlan: 'Active' });
    const bad = await exchange.get('/v2/profile', { 'access-token': 'nonsense' });
    expect(bad.status).toBe(401);
    expect(await bad.json()).toEqual({ errorType: 'Order_Error', errorCode: 'DH-906', errorMessage: 'Invalid Token' });
  });

  it('quotes by segment and number', async () => {
    const exchange = await testExchange();
    const ask = (call: string, body: string, token = DEMO_DHAN_TOKEN): Promise<Response> =>
      fetch(`${exchange.address}/dhan/v2/marketfeed/${call}`, {
        method: 'POST',
        headers: { 'access-token': token, 'client-id': DEMO.dhan.clientId },
        body,
      });
    const { lastPrice, oi } = exchange.market.quote(0);
    const id = idOf(exchange, 0).SecurityId;
    expect(await (await ask('ltp', `{"NSE_FNO":[${id}]}`)).json()).toEqual({
      status: 'success',
      data: { NSE_FNO: { [id]: { last_price: lastPrice / 100 } } },
    });
    expect(await (await ask('ohlc', `{"IDX_I":[13]}`)).json()).toMatchObject({
      data: { IDX_I: { 13: { ohlc: { close: 25_864.35 } } } },
    });
    expect(await (await ask('quote', `{"NSE_FNO":[${id}]}`)).json()).toMatchObject({
      data: { NSE_FNO: { [id]: { oi } } },
    });
    expect((await ask('ltp', '{"NSE_EQ":["x"]}')).status).toBe(400);
    expect((await ask('ltp', 'no json')).status).toBe(400);
    const denied = await ask('ltp', '{}', 'nonsense');
    expect(denied.status).toBe(401);
    expect(await denied.json()).toMatchObject({ errorCode: 'DH-901' });
    expect((await ask('depth', '{}')).status).toBe(404);
  });
});
