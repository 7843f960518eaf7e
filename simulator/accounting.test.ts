import { describe, expect, it } from 'vitest';
import { depthChecksum, tickChecksum } from '../lib/core/checksum.ts';
import { BID } from '../lib/core/side.ts';
import { DhanDepthBatch, type DhanDepthLevels, decodeDhanDepth } from '../lib/wire/dhan-depth.ts';
import { DHAN_LIVE_CODE, DhanLiveBatch, type DhanLivePacket, decodeDhanLive } from '../lib/wire/dhan-live.ts';
import {
  decodeKiteFrame,
  KITE_BYTES,
  KITE_DEPTH_LEVELS,
  KITE_DEPTH_WORDS,
  KITE_FIELD,
  KITE_INDEX_FIELD,
  KITE_WORDS,
  KiteBatch,
} from '../lib/wire/kite.ts';
import { DHAN_PATH, dhanClient, kiteClient, type TestClient } from './testing/client.ts';
import { sentOf, type TestExchange, testExchange } from './testing/exchange.ts';

interface Sums {
  frames: number;
  levels: number;
  checksum: bigint;
}

/** Sums by `kind id`, as a client works them out from what it decoded. */
class Received {
  readonly sums = new Map<string, Sums>();

  add(kind: string, id: number, checksum: number, levels = 0): void {
    const key = `${kind} ${id}`;
    const sums = this.sums.get(key) ?? { frames: 0, levels: 0, checksum: 0n };
    this.sums.set(key, sums);
    sums.frames += 1;
    sums.levels += levels;
    sums.checksum += BigInt(checksum);
  }
}

function depthReceived(frames: readonly Buffer[], levels: DhanDepthLevels): Received {
  const received = new Received();
  const batch = new DhanDepthBatch();
  for (const frame of frames) {
    decodeDhanDepth(frame, levels, batch);
    for (const packet of batch.packets.slice(0, batch.count)) {
      received.add(
        packet.side === BID ? 'bid' : 'ask',
        packet.securityId,
        depthChecksum(packet.levels),
        packet.levels.count,
      );
    }
  }
  return received;
}

/** The order of a tick's numbers is written out here once more, as whoever checks the database has to. */
function kiteReceived(frames: readonly Buffer[]): Received {
  const received = new Received();
  const batch = new KiteBatch();
  for (const frame of frames) {
    decodeKiteFrame(frame, batch);
    for (let i = 0; i < batch.count; i += 1) {
      const words = batch.words.slice(i * KITE_WORDS, (i + 1) * KITE_WORDS);
      const word = (field: number): number => words[field] as number;
      const token = word(KITE_FIELD.token);
      const { lastPrice, lastQuantity, averagePrice, volume, buyQuantity, sellQuantity } = KITE_FIELD;
      const { open, high, low, close, lastTradeTime, oi, oiDayHigh, oiDayLow, exchangeTime } = KITE_FIELD;
      const quote = [lastPrice, lastQuantity, averagePrice, volume, buyQuantity, sellQuantity, open, high, low, close];
      const index = [KITE_INDEX_FIELD.lastPrice, KITE_INDEX_FIELD.open, KITE_INDEX_FIELD.high, KITE_INDEX_FIELD.low];
      switch (batch.length[i]) {
        case KITE_BYTES.ltp:
          received.add('ltp', token, tickChecksum([word(lastPrice)]));
          break;
        case KITE_BYTES.quote:
          received.add('quote', token, tickChecksum(quote.map(word)));
          break;
        case KITE_BYTES.full: {
          const values = [...quote, lastTradeTime, oi, oiDayHigh, oiDayLow, exchangeTime].map(word);
          for (let level = 0; level < 2 * KITE_DEPTH_LEVELS; level += 1) {
            const at = KITE_FIELD.depth + level * KITE_DEPTH_WORDS;
            values.push(word(at + 1), word(at), word(at + 2) >>> 16);
          }
          received.add('full', token, tickChecksum(values));
          break;
        }
        case KITE_BYTES.indexQuote:
          received.add('index_quote', token, tickChecksum([...index, KITE_INDEX_FIELD.close].map(word)));
          break;
        case KITE_BYTES.indexFull:
          received.add(
            'index',
            token,
            tickChecksum([...index, KITE_INDEX_FIELD.close, KITE_INDEX_FIELD.exchangeTime].map(word)),
          );
          break;
      }
    }
  }
  return received;
}

function liveReceived(frames: readonly Buffer[], tickOf: (id: number) => number): Received {
  const received = new Received();
  const batch = new DhanLiveBatch();
  for (const frame of frames) {
    decodeDhanLive(frame, (_segment, id) => tickOf(id), batch);
    for (const packet of batch.packets.slice(0, batch.count)) {
      const [kind, values] = liveValues(packet);
      received.add(kind, packet.securityId, tickChecksum(values));
    }
  }
  return received;
}

function liveValues(packet: DhanLivePacket): [kind: string, values: number[]] {
  const { lastPrice, lastQuantity, averagePrice, volume, buyQuantity, sellQuantity, open, high, low, close } = packet;
  const time = Math.max(0, packet.lastTradeTime);
  const quote = [
    lastPrice,
    lastQuantity,
    averagePrice,
    volume,
    buyQuantity,
    sellQuantity,
    open,
    high,
    low,
    close,
    time,
  ];
  switch (packet.code) {
    case DHAN_LIVE_CODE.ticker:
      return ['ticker', [lastPrice, time]];
    case DHAN_LIVE_CODE.quote:
      return ['quote', quote];
    case DHAN_LIVE_CODE.oi:
      return ['oi', [packet.oi]];
    case DHAN_LIVE_CODE.previousClose:
      return ['prev_close', [close, packet.previousOi]];
    default: {
      const values = [...quote, packet.oi, packet.oiDayHigh, packet.oiDayLow];
      for (const side of [packet.bids, packet.asks]) {
        for (let i = 0; i < 5; i += 1) {
          const there = i < side.count;
          values.push(
            there ? (side.prices[i] as number) : 0,
            there ? (side.quantities[i] as number) : 0,
            there ? (side.orders[i] as number) : 0,
          );
        }
      }
      return ['full', values];
    }
  }
}

/** Waits until the client has everything that was sent on its feed, and compares every sum. */
async function compare(
  exchange: TestExchange,
  client: TestClient,
  feed: string,
  receive: (frames: readonly Buffer[]) => Received,
): Promise<void> {
  const { feeds } = await exchange.accounting();
  const sent = new Map<string, Sums>();
  for (const { feed: name, kind, instruments } of feeds) {
    if (name !== feed) continue;
    for (const { kite_token, security_id, frames, levels, checksum } of instruments) {
      if (frames > 0) sent.set(`${kind} ${kite_token ?? security_id}`, { frames, levels, checksum: BigInt(checksum) });
    }
  }
  const total = (sums: Map<string, Sums>): number => [...sums.values()].reduce((sum, { frames }) => sum + frames, 0);
  await client.until(({ frames }) => total(receive(frames).sums) >= total(sent));
  const byKey = (sums: Map<string, Sums>): [string, Sums][] => [...sums].sort(([a], [b]) => a.localeCompare(b));
  expect(byKey(receive(client.frames).sums)).toEqual(byKey(sent));
}

const refsOf = ({ market }: TestExchange, instruments: readonly number[]): unknown[] =>
  instruments.map((i) => ({
    ExchangeSegment: market.instruments[i]?.dhanSegment,
    SecurityId: String(market.instruments[i]?.dhanSecurityId),
  }));

describe('accounting', () => {
  it('sums up what a Kite client decodes, kind by kind', async () => {
    const exchange = await testExchange();
    const client = await kiteClient(exchange).opened();
    const tokens = exchange.market.instruments.map(({ kiteToken }) => kiteToken);
    client.send({ a: 'subscribe', v: tokens });
    client.send({ a: 'mode', v: ['full', tokens.filter((_, i) => i % 3 !== 0)] });
    client.send({ a: 'mode', v: ['ltp', tokens.slice(0, 2)] });
    await client.framesCame(3);
    await exchange.advance(10_000);
    await compare(exchange, client, 'kite', kiteReceived);
  });

  it('sums up what a depth client decodes, 20 and 200 levels, padded or not', async () => {
    const exchange = await testExchange();
    const deep = await dhanClient(exchange, DHAN_PATH.depth200).opened();
    deep.send({ RequestCode: 23, ...(refsOf(exchange, [0])[0] as object) });
    const thin = await dhanClient(exchange, DHAN_PATH.depth20).opened();
    thin.send({ RequestCode: 23, InstrumentCount: 3, InstrumentList: refsOf(exchange, [0, 2, 6]) });
    await deep.framesCame(2);
    await thin.framesCame(3);
    await exchange.advance(5000);
    await exchange.order('settings', { depth200Layout: 'padded', depth20Layout: 'separate' });
    await exchange.advance(5000);
    await compare(exchange, deep, 'dhan-depth200', (frames) => depthReceived(frames, 200));
    await compare(exchange, thin, 'dhan-depth20', (frames) => depthReceived(frames, 20));
  });

  it('sums up what a client of the live feed decodes', async () => {
    const exchange = await testExchange();
    const client = await dhanClient(exchange, DHAN_PATH.live).opened();
    const ask = (code: number, instruments: number[]): void =>
      client.send({ RequestCode: code, InstrumentCount: 1, InstrumentList: refsOf(exchange, instruments) });
    ask(15, [6]);
    ask(17, [0, 12]);
    ask(21, [1, 2, 7]);
    await client.framesCame(6);
    await exchange.advance(10_000);
    const ticks = new Map(
      exchange.market.instruments.map(({ dhanSecurityId, tickSize }) => [dhanSecurityId, tickSize]),
    );
    await compare(exchange, client, 'dhan-live', (frames) => liveReceived(frames, (id) => ticks.get(id) ?? 1));
  });

  it('counts a frame once however many take it, and says how often it was handed over', async () => {
    const exchange = await testExchange();
    const clients = [dhanClient(exchange, DHAN_PATH.depth200), dhanClient(exchange, DHAN_PATH.depth200)];
    for (const client of clients) {
      await client.opened();
      client.send({ RequestCode: 23, ...(refsOf(exchange, [0])[0] as object) });
      await client.framesCame(2);
    }
    await exchange.advance(2000);
    const sent = sentOf(await exchange.accounting(), 'dhan-depth200', 'bid', 'NFO:NIFTY26DECFUT');
    // Each had a first frame of its own.
    expect(sent.deliveries).toBe(2 * (sent.frames - 2) + 2);
    expect(sent.subscribers).toBe(2);
    expect(sent).toMatchObject({ security_id: 52_714, unheard: 0 });
    expect(sent.first_us).toBeLessThanOrEqual(sent.last_us as number);
  });

  it('tells while nobody listened, and what was due then', async () => {
    const exchange = await testExchange();
    const client = await dhanClient(exchange, DHAN_PATH.depth200).opened();
    client.send({ RequestCode: 23, ...(refsOf(exchange, [0])[0] as object) });
    await client.framesCame(2);
    client.socket.close();
    await client.until(({ closed }) => closed !== null);
    await exchange.advance(1000);
    const sent = sentOf(await exchange.accounting(), 'dhan-depth200', 'ask', 'NFO:NIFTY26DECFUT');
    expect(sent.unheard).toBeGreaterThanOrEqual(3);
    const outages = async (): Promise<{ kind: string; toUs: number | null; cause: string }[]> =>
      ((await (await exchange.get('/outages')).json()) as { outages: [] }).outages;
    expect(await outages()).toMatchObject([
      { kind: 'bid', toUs: null, cause: 'no_subscriber' },
      { kind: 'ask', toUs: null, cause: 'no_subscriber' },
    ]);
    const again = await dhanClient(exchange, DHAN_PATH.depth200).opened();
    again.send({ RequestCode: 23, ...(refsOf(exchange, [0])[0] as object) });
    await again.framesCame(2);
    for (const { toUs } of await outages()) expect(toUs).toBeGreaterThan(0);
  });

  it('keeps a ledger of every frame', async () => {
    const exchange = await testExchange();
    const client = await dhanClient(exchange, DHAN_PATH.depth200).opened();
    client.send({ RequestCode: 23, ...(refsOf(exchange, [0])[0] as object) });
    await exchange.advance(3000);
    await client.framesCame(10);
    const read = async (query: string): Promise<{ ordinal: number; sentUs: number; checksum: number }[]> => {
      const response = await exchange.get(`/ledger?instrument=NFO:NIFTY26DECFUT&${query}`);
      return ((await response.json()) as { frames: [] }).frames;
    };
    const batch = new DhanDepthBatch();
    const checksums = client.frames.flatMap((frame) => {
      decodeDhanDepth(frame, 200, batch);
      return batch.packets[0]?.side === BID ? [depthChecksum(batch.packets[0].levels)] : [];
    });
    const ledger = await read('kind=bid');
    expect(ledger.slice(0, checksums.length).map(({ checksum }) => checksum)).toEqual(checksums);
    expect(ledger.map(({ ordinal }) => ordinal)).toEqual(ledger.map((_, i) => i + 1));
    expect(await read('kind=bid&feed=dhan-depth200&from=3&limit=2')).toEqual(ledger.slice(2, 4));
    expect((await exchange.get('/ledger?instrument=NFO:NIFTY26DECFUT&kind=full')).status).toBe(404);
    expect((await exchange.get('/ledger?instrument=NFO:NOSUCH&kind=bid')).status).toBe(404);
    expect((await exchange.get('/ledger?instrument=NFO:NIFTY26DECFUT&kind=bid&from=x')).status).toBe(400);
    expect((await exchange.get('/ledger?instrument=NFO:NIFTY26DECFUT&kind=bid&feed=x')).status).toBe(400);
  });

  it('has no recording times where nothing was recorded', async () => {
    const exchange = await testExchange();
    const response = await exchange.get('/accounting?at=34200000');
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: 'only a recording has recording times; this market is made up',
    });
  });
});
