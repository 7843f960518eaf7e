/**
 * A recording over the wire: what a client gets is what accounting says was sent, at the end and at any recorded time.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { depthChecksum } from '../lib/core/checksum.ts';
import { BID } from '../lib/core/side.ts';
import { DhanDepthBatch, decodeDhanDepth } from '../lib/wire/dhan-depth.ts';
import { decodeKiteFrame, KITE_FIELD, KITE_WORDS, KiteBatch } from '../lib/wire/kite.ts';
import { describeWithShared, sharedPath } from '../tests/support/shared.ts';
import { DHAN_PATH, dhanClient, kiteClient, type TestClient } from './testing/client.ts';
import { sentOf, type TestExchange, testExchange } from './testing/exchange.ts';

/** A day of a stock: an order every 10 ms, a trade every 50 ms. */
function recording(orders: number): string {
  const root = mkdtempSync(path.join(os.tmpdir(), 'gehra-replay-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const folder = path.join(root, 'made-20230711');
  mkdirSync(folder);
  const lines = ['seq,ms,kind,side,order_no,buy_no,sell_no,price,qty'];
  for (let i = 1; i <= orders; i += 1) {
    const ms = 34_200_000 + i * 10;
    const bid = i % 2 === 0;
    const price = ((bid ? 1000 : 1001) + (bid ? -1 : 1) * (i % 150)) / 100;
    lines.push(`${i},${ms},O,${bid ? 'B' : 'S'},${i},,,${price.toFixed(2)},${100 + i}`);
    if (i % 5 === 0) lines.push(`${i},${ms},T,${bid ? 'S' : 'B'},,${i},${i},${price.toFixed(2)},50`);
  }
  const file = path.join(folder, '600001sh_events.csv');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}

async function subscribe(exchange: TestExchange): Promise<{ depth: TestClient; ticks: TestClient }> {
  const [stock] = exchange.market.instruments;
  if (!stock) throw new Error('nothing is listed');
  const depth = await dhanClient(exchange, DHAN_PATH.depth200).opened();
  depth.send({ RequestCode: 23, ExchangeSegment: stock.dhanSegment, SecurityId: String(stock.dhanSecurityId) });
  const ticks = await kiteClient(exchange).opened();
  ticks.send({ a: 'subscribe', v: [stock.kiteToken] });
  ticks.send({ a: 'mode', v: ['full', [stock.kiteToken]] });
  return { depth, ticks };
}

const finished = (exchange: TestExchange, timeout: number): Promise<void> =>
  expect.poll(async () => (await exchange.accounting()).finished, { timeout, interval: 50 }).toBe(true);

describe('a recording over the wire', () => {
  it('sends every book and every trade, and can tell how far it was at any recorded time', async () => {
    const exchange = await testExchange({
      market: { kind: 'replay', path: recording(1000) },
      speed: 'max',
      clock: 'real',
    });
    const slug = 'NSE:SH600001';
    const { depth, ticks } = await subscribe(exchange);
    await finished(exchange, 10_000);
    await depth.framesCame(2000);
    const batch = new DhanDepthBatch();
    const bids: { checksum: number; levels: number }[] = [];
    for (const frame of depth.frames) {
      decodeDhanDepth(frame, 200, batch);
      const packet = batch.packets[0] as (typeof batch.packets)[number];
      if (packet.side === BID) bids.push({ checksum: depthChecksum(packet.levels), levels: packet.levels.count });
    }
    const sums = (some: typeof bids) => ({
      frames: some.length,
      levels: some.reduce((sum, { levels }) => sum + levels, 0),
      checksum: String(some.reduce((sum, { checksum }) => sum + BigInt(checksum), 0n)),
    });
    expect(sentOf(await exchange.accounting(), 'dhan-depth200', 'bid', slug)).toMatchObject(sums(bids));

    // Frame n is of 34,200,000 ms + 10 n: before 34,203,000 there were 299.
    const then = await exchange.accounting('34203000');
    expect(sentOf(then, 'dhan-depth200', 'bid', slug)).toMatchObject(sums(bids.slice(0, 299)));
    const us = Date.parse('2023-07-11T09:30:03+08:00') * 1000;
    expect(sentOf(await exchange.accounting(String(us)), 'dhan-depth200', 'bid', slug).frames).toBe(299);
    expect(sentOf(then, 'kite', 'full', slug).frames).toBe(59);
    await expect(exchange.accounting('tomorrow')).rejects.toThrow(/milliseconds after midnight/);

    const kite = new KiteBatch();
    const volumes = ticks.frames.flatMap((frame) => {
      decodeKiteFrame(frame, kite);
      return Array.from({ length: kite.count }, (_, i) => kite.words[i * KITE_WORDS + KITE_FIELD.volume]);
    });
    expect(volumes).toEqual(Array.from({ length: 200 }, (_, i) => 50 * (i + 1)));
    // The last state stays, for whoever comes now.
    const late = await subscribe(exchange);
    await late.depth.framesCame(2);
    expect(late.depth.frames[0]).toEqual(depth.frames.at(-2));
  });

  it('goes at its own pace, and changes it while running', async () => {
    const exchange = await testExchange({
      market: { kind: 'replay', path: recording(2000) },
      speed: 10,
      clock: 'real',
    });
    const startUs = exchange.market.nowUs;
    const startMs = performance.now();
    const { depth } = await subscribe(exchange);
    for (const frames of [200, 600, 1200]) {
      await depth.framesCame(frames);
      // It may be late on a busy machine, never early.
      const { market_us: nowUs, finished: over } = await exchange.accounting();
      expect((nowUs - startUs) / 1000).toBeLessThanOrEqual((performance.now() - startMs) * 10);
      expect(over).toBe(false);
    }
    await exchange.order('speed', { speed: 'max' });
    await finished(exchange, 5000);
    const refused = await exchange.tryOrder('empty', { instrument: 'NSE:SH600001', side: 'bid' });
    expect(refused.status).toBe(409);
  });

  it('waits for a client that does not read, and loses nothing', async () => {
    const exchange = await testExchange({
      market: { kind: 'replay', path: recording(10_000) },
      speed: 'max',
      clock: 'real',
    });
    const { depth } = await subscribe(exchange);
    await depth.framesCame(10);
    depth.socket.pause();
    // More than the sockets hold on both ends, so the recording must come to a stand.
    let before = -1;
    await expect
      .poll(
        async () => {
          const { market_us: now } = await exchange.accounting();
          const stands = now === before;
          before = now;
          return stands;
        },
        { timeout: 10_000, interval: 200 },
      )
      .toBe(true);
    expect((await exchange.accounting()).finished).toBe(false);
    depth.socket.resume();
    await finished(exchange, 20_000);
    await depth.framesCame(20_000, 10_000);
  });
});

describeWithShared('data/sse-l3-20230711', 'the Shanghai day', () => {
  it('is sent at well over 3,000 side frames a second', { timeout: 60_000 }, async () => {
    const exchange = await testExchange({
      market: { kind: 'replay', path: sharedPath('data', 'sse-l3-20230711', '600536sh_events.csv.gz') },
      speed: 'max',
      clock: 'real',
    });
    const started = performance.now();
    await subscribe(exchange);
    await finished(exchange, 50_000);
    const seconds = (performance.now() - started) / 1000;
    const accounting = await exchange.accounting();
    const sides = ['bid', 'ask'].map((kind) => sentOf(accounting, 'dhan-depth200', kind, 'NSE:SH600536'));
    expect(sides.map(({ frames }) => frames)).toEqual([52_179, 52_179]);
    expect(sentOf(accounting, 'kite', 'full', 'NSE:SH600536').frames).toBe(33_553);
    expect((2 * 52_179) / seconds).toBeGreaterThan(3000);
  });
});
