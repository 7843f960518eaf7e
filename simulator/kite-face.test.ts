import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeKiteFrame, KITE_BYTES, KITE_FIELD, KITE_INDEX_FIELD, KITE_WORDS, KiteBatch } from '../lib/wire/kite.ts';
import { kiteClient, TestClient } from './testing/client.ts';
import { testExchange } from './testing/exchange.ts';

const INFY = 408_065;
const NIFTY_50 = 256_265;

/** Ticks of frames: token, body length, and words. */
function ticksOf(frames: readonly Buffer[]): { token: number; length: number; words: Uint32Array }[] {
  const batch = new KiteBatch();
  return frames.flatMap((frame) => {
    decodeKiteFrame(frame, batch);
    expect(batch.errors.count).toBe(0);
    return Array.from({ length: batch.count }, (_, i) => {
      const words = batch.words.slice(i * KITE_WORDS, (i + 1) * KITE_WORDS);
      return { token: words[KITE_FIELD.token] as number, length: batch.length[i] as number, words };
    });
  });
}

describe('Kite ticker', () => {
  it('refuses a handshake without a token with 400, with a wrong one with 403, the fourth with 429', async () => {
    const exchange = await testExchange();
    for (const [query, status] of [
      ['api_key=demo', 400],
      ['access_token=demo', 400],
      ['api_key=demo&access_token=', 400],
      ['api_key=demo&access_token=yesterday', 403],
      ['api_key=other&access_token=demo', 403],
    ] as const) {
      const client = await kiteClient(exchange, query).until(({ refused }) => refused !== null);
      expect(client.refused, query).toBe(status);
    }
    for (let i = 0; i < 3; i += 1) await kiteClient(exchange).opened();
    const fourth = await kiteClient(exchange).until(({ refused }) => refused !== null);
    expect(fourth.refused).toBe(429);
    await exchange.order('settings', { kiteConnections: 0 });
    await kiteClient(exchange).opened();
  });

  it('is found on any path, and needs neither headers nor known parameters', async () => {
    const exchange = await testExchange();
    for (const path of ['/', '', '/kite', '/some/where']) {
      const address = exchange.socketAddress(`${path}?api_key=demo&access_token=demo&uid=1795475977152`);
      await (await new TestClient(address).opened()).until(() => true);
      await exchange.order('cut');
    }
  });

  it('begins in quote mode and says the state at once', async () => {
    const exchange = await testExchange();
    const client = await kiteClient(exchange).opened();
    client.send({ a: 'subscribe', v: [INFY] });
    await client.framesCame(1);
    const [first] = ticksOf(client.frames);
    expect(first).toMatchObject({ token: INFY, length: KITE_BYTES.quote });
    const { lastPrice, previousClose } = exchange.market.quote(8);
    expect(first?.words[KITE_FIELD.lastPrice]).toBe(lastPrice);
    expect(first?.words[KITE_FIELD.close]).toBe(previousClose);
  });

  it('changes modes of what is subscribed, and of nothing else', async () => {
    const exchange = await testExchange();
    const client = await kiteClient(exchange).opened();
    // Tokens as text, as some applications send them; with spaces, as the Python client writes.
    client.send('{"a": "subscribe", "v": ["408065"]}');
    client.send({ a: 'mode', v: ['full', [INFY, 738_561]] });
    client.send({ a: 'mode', v: ['ltp', [INFY]] });
    await client.framesCame(3);
    expect(ticksOf(client.frames).map(({ token, length }) => [token, length])).toEqual([
      [INFY, KITE_BYTES.quote],
      [INFY, KITE_BYTES.full],
      [INFY, KITE_BYTES.ltp],
    ]);
    await exchange.advance(3000);
    await client.framesCame(4);
    expect(new Set(ticksOf(client.frames.slice(3)).map(({ token, length }) => `${token} ${length}`))).toEqual(
      new Set([`${INFY} ${KITE_BYTES.ltp}`]),
    );
  });

  it('sends indices in packets of their own', async () => {
    const exchange = await testExchange();
    const client = await kiteClient(exchange).opened();
    client.send({ a: 'subscribe', v: [NIFTY_50] });
    client.send({ a: 'mode', v: ['full', [NIFTY_50]] });
    await client.framesCame(2);
    const [quote, full] = ticksOf(client.frames);
    expect([quote?.length, full?.length]).toEqual([KITE_BYTES.indexQuote, KITE_BYTES.indexFull]);
    const { words } = full as { words: Uint32Array };
    const { lastPrice, high, low, open, previousClose } = exchange.market.quote(12);
    expect([...words.subarray(KITE_INDEX_FIELD.lastPrice, KITE_INDEX_FIELD.priceChange)]).toEqual([
      lastPrice,
      high,
      low,
      open,
      previousClose,
    ]);
    expect(words[KITE_INDEX_FIELD.exchangeTime]).toBe(Math.floor(exchange.market.nowUs / 1_000_000));
  });

  it('puts what ticks together into one frame', async () => {
    const exchange = await testExchange();
    const client = await kiteClient(exchange).opened();
    const tokens = exchange.market.instruments.map(({ kiteToken }) => kiteToken);
    client.send({ a: 'subscribe', v: tokens });
    await client.framesCame(1);
    expect(ticksOf(client.frames).map(({ token }) => token)).toEqual(tokens);
    await exchange.advance(2000);
    await client.until(({ frames }) => ticksOf(frames).length > tokens.length + 20);
    const together = client.frames.slice(1).map((frame) => ticksOf([frame]).length);
    expect(Math.max(...together)).toBeGreaterThan(5);
  });

  it('stops when told to', async () => {
    const exchange = await testExchange();
    const client = await kiteClient(exchange).opened();
    client.send({ a: 'subscribe', v: [INFY, NIFTY_50] });
    await client.framesCame(1);
    client.send({ a: 'unsubscribe', v: [INFY] });
    // Subscribing anew shows that the message before has been read.
    client.send({ a: 'subscribe', v: [738_561] });
    await client.framesCame(2);
    await exchange.advance(3000);
    await client.framesCame(6);
    expect(new Set(ticksOf(client.frames.slice(2)).map(({ token }) => token))).not.toContain(INFY);
  });

  it('sends a heartbeat byte each second in which there is nothing else', async () => {
    const exchange = await testExchange();
    const client = await kiteClient(exchange).opened();
    const from = performance.now();
    await client.until(({ heartbeats }) => heartbeats >= 2);
    expect(performance.now() - from).toBeGreaterThan(1500);
    expect(performance.now() - from).toBeLessThan(4000);
  });

  it('answers one token too many with an error, and goes on with the others', async () => {
    const exchange = await testExchange();
    const client = await kiteClient(exchange).opened();
    // Tokens that nobody has are not answered, but they count.
    client.send({ a: 'subscribe', v: Array.from({ length: 2999 }, (_, i) => i + 1) });
    client.send({ a: 'subscribe', v: [INFY, 738_561] });
    await client.until(({ texts }) => texts.length > 0);
    expect(client.texts.map((text) => JSON.parse(text))).toEqual([
      { type: 'error', data: 'Too many tokens. Max permitted is 3000 per connection.' },
    ]);
    client.send({ a: 'unsubscribe', v: [1] });
    client.send({ a: 'subscribe', v: [738_561] });
    await client.framesCame(2);
    expect(ticksOf(client.frames).map(({ token }) => token)).toEqual([INFY, 738_561]);
  });

  it('bears messages that mean nothing', async () => {
    const exchange = await testExchange();
    const client = await kiteClient(exchange).opened();
    for (const odd of ['{bad', 'null', '[]', '{"a":"unknown","v":[]}', '{"a":"subscribe","v":["x"]}']) client.send(odd);
    client.send({ a: 'subscribe', v: [INFY] });
    await client.framesCame(1);
  });
});

describe('Kite REST', () => {
  it('lists instruments as CSV with the twelve columns, exactly text/csv', async () => {
    const exchange = await testExchange();
    for (const path of ['/instruments', '/kite/instruments']) {
      const response = await exchange.get(path, { 'accept-encoding': 'identity' });
      expect(response.headers.get('content-type')).toBe('text/csv');
      const [header, ...rows] = (await response.text()).trim().split('\n');
      expect(header).toBe(
        'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange',
      );
      expect(rows).toContain('13494786,52714,NIFTY26DECFUT,NIFTY,0.0,2026-12-29,0.0,0.1,65,FUT,NFO-FUT,NFO');
      expect(rows).toContain('13516802,52800,NIFTY26DEC26000CE,NIFTY,0.0,2026-12-29,26000.0,0.05,65,CE,NFO-OPT,NFO');
      expect(rows).toContain('408065,1594,INFY,INFOSYS,0.0,,0.0,0.1,1,EQ,NSE,NSE');
      expect(rows).toContain('256265,1001,NIFTY 50,NIFTY 50,0.0,,0.0,0.0,0,EQ,INDICES,NSE');
      expect(rows).toHaveLength(exchange.market.instruments.length);
    }
    const ofNfo = await (await exchange.get('/instruments/NFO?exchange=NFO')).text();
    expect(ofNfo.trim().split('\n')).toHaveLength(1 + 6);
  });

  it('zips where the client can unzip', async () => {
    const exchange = await testExchange();
    const { default: http } = await import('node:http');
    const bytes = await new Promise<Buffer>((resolve, reject) => {
      http
        .get(`${exchange.address}/instruments/NSE`, { headers: { 'accept-encoding': 'gzip' } }, async (response) => {
          expect(response.headers['content-encoding']).toBe('gzip');
          const parts: Buffer[] = [];
          for await (const part of response) parts.push(part as Buffer);
          resolve(Buffer.concat(parts));
        })
        .on('error', reject);
    });
    expect(gunzipSync(bytes).toString()).toContain('INFY');
  });

  it('quotes what is asked for, and leaves out what it does not know', async () => {
    const exchange = await testExchange();
    const headers = { authorization: 'token demo:demo', 'x-kite-version': '3' };
    const quote = exchange.market.quote(8);
    const ltp = await (await exchange.get('/quote/ltp?i=NSE:INFY&i=NSE:NOSUCH', headers)).json();
    const last_price = quote.lastPrice / 100;
    expect(ltp).toEqual({ status: 'success', data: { 'NSE:INFY': { instrument_token: INFY, last_price } } });
    const ohlc = await (await exchange.get('/quote/ohlc?i=NSE:NIFTY+50', headers)).json();
    expect(ohlc).toMatchObject({
      data: { 'NSE:NIFTY 50': { instrument_token: NIFTY_50, ohlc: { close: 25_864.35 } } },
    });
    const full = (await (await exchange.get('/kite/quote?i=NSE:INFY', headers)).json()) as {
      data: Record<string, { timestamp: string; depth: { buy: unknown[]; sell: unknown[] }; volume: number }>;
    };
    expect(full.data['NSE:INFY']).toMatchObject({ last_price, volume: quote.volume, timestamp: '2026-11-24 09:15:00' });
    expect(full.data['NSE:INFY']?.depth.buy).toHaveLength(5);
  });

  it('refuses strangers and requests for too much, in the words of the broker', async () => {
    const exchange = await testExchange();
    const denied = await exchange.get('/quote?i=NSE:INFY', { authorization: 'token demo:wrong' });
    expect(denied.status).toBe(403);
    expect(await denied.json()).toEqual({
      status: 'error',
      message: 'Incorrect `api_key` or `access_token`.',
      data: null,
      error_type: 'TokenException',
    });
    const many = Array.from({ length: 501 }, (_, i) => `i=NSE:X${i}`).join('&');
    const tooMany = await exchange.get(`/quote?${many}`, { authorization: 'token demo:demo' });
    expect(tooMany.status).toBe(400);
    expect(await tooMany.json()).toMatchObject({
      error_type: 'InputException',
      message: 'Too many tokens requested. Max permitted is 500.',
    });
  });
});
