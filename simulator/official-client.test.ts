/** Zerodha's own client against the exchange: what it sees is what our decoder sees. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
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
import { kiteClient } from './testing/client.ts';
import { type TestExchange, testExchange } from './testing/exchange.ts';

interface Happening {
  readonly event: string;
  readonly data: unknown;
  /** When it was heard of, ms. */
  readonly ms: number;
}

/** The official client at work; everything that happens to it, in order. */
class OfficialClient {
  readonly happenings: Happening[] = [];
  private readonly child: ChildProcess;

  constructor(exchange: TestExchange, accessToken: string, quote: number[], full: number[], ltp: number[]) {
    const lists = [quote, full, ltp].map((tokens) => tokens.join(','));
    const script = path.join(import.meta.dirname, 'testing', 'official-kite.mjs');
    this.child = spawn(process.execPath, [script, exchange.socketAddress('/'), 'demo', accessToken, ...lists], {
      env: { ...process.env, TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { stdout } = this.child;
    if (!stdout) throw new Error('the child has no output');
    createInterface({ input: stdout }).on('line', (line) => {
      this.happenings.push({ ...(JSON.parse(line) as { event: string; data: unknown }), ms: performance.now() });
    });
    onTestFinished(() => void this.child.kill('SIGKILL'));
  }

  count(event: string): number {
    return this.happenings.filter((happening) => happening.event === event).length;
  }

  get ticks(): unknown[] {
    return this.happenings.flatMap(({ event, data }) => (event === 'ticks' ? (data as unknown[]) : []));
  }

  async until(condition: () => boolean, timeout: number): Promise<void> {
    await expect.poll(condition, { timeout, interval: 20 }).toBe(true);
  }
}

/** A frame as the official client describes ticks, worked out from our decoder's words. */
function described(frames: readonly Buffer[]): unknown[] {
  const batch = new KiteBatch();
  return frames.flatMap((frame) => {
    decodeKiteFrame(frame, batch);
    return Array.from({ length: batch.count }, (_, i) =>
      describeTick(batch.length[i] as number, batch.words.slice(i * KITE_WORDS, (i + 1) * KITE_WORDS)),
    );
  });
}

function describeTick(length: number, words: Uint32Array): unknown {
  const word = (field: number): number => words[field] as number;
  const rupees = (field: number): number => word(field) / 100;
  const time = (field: number): string | null => (word(field) ? new Date(word(field) * 1000).toISOString() : null);
  const change = (close: number): number => (close === 0 ? 0 : ((rupees(KITE_FIELD.lastPrice) - close) * 100) / close);
  const token = word(KITE_FIELD.token);
  const common = {
    tradable: (token & 0xff) !== 9,
    instrument_token: token,
    last_price: rupees(KITE_FIELD.lastPrice),
  };
  if (length === KITE_BYTES.ltp) return { ...common, mode: 'ltp' };
  if (length === KITE_BYTES.indexQuote || length === KITE_BYTES.indexFull) {
    const full = length === KITE_BYTES.indexFull;
    return {
      ...common,
      mode: full ? 'full' : 'quote',
      ohlc: {
        high: rupees(KITE_INDEX_FIELD.high),
        low: rupees(KITE_INDEX_FIELD.low),
        open: rupees(KITE_INDEX_FIELD.open),
        close: rupees(KITE_INDEX_FIELD.close),
      },
      change: change(rupees(KITE_INDEX_FIELD.close)),
      ...(full ? { exchange_timestamp: time(KITE_INDEX_FIELD.exchangeTime) } : {}),
    };
  }
  const quote = {
    ...common,
    mode: length === KITE_BYTES.full ? 'full' : 'quote',
    last_traded_quantity: word(KITE_FIELD.lastQuantity),
    average_traded_price: rupees(KITE_FIELD.averagePrice),
    volume_traded: word(KITE_FIELD.volume),
    total_buy_quantity: word(KITE_FIELD.buyQuantity),
    total_sell_quantity: word(KITE_FIELD.sellQuantity),
    ohlc: {
      open: rupees(KITE_FIELD.open),
      high: rupees(KITE_FIELD.high),
      low: rupees(KITE_FIELD.low),
      close: rupees(KITE_FIELD.close),
    },
    change: change(rupees(KITE_FIELD.close)),
  };
  if (length === KITE_BYTES.quote) return quote;
  const depth = (from: number): unknown[] =>
    Array.from({ length: KITE_DEPTH_LEVELS }, (_, level) => {
      const at = from + level * KITE_DEPTH_WORDS;
      return { quantity: word(at), price: rupees(at + 1), orders: word(at + 2) >>> 16 };
    });
  return {
    ...quote,
    last_trade_time: time(KITE_FIELD.lastTradeTime),
    exchange_timestamp: time(KITE_FIELD.exchangeTime),
    oi: word(KITE_FIELD.oi),
    oi_day_high: word(KITE_FIELD.oiDayHigh),
    oi_day_low: word(KITE_FIELD.oiDayLow),
    depth: {
      buy: depth(KITE_FIELD.depth),
      sell: depth(KITE_FIELD.depth + KITE_DEPTH_LEVELS * KITE_DEPTH_WORDS),
    },
  };
}

describe('the official Kite client', () => {
  it('sees every tick as our decoder does, and stays on heartbeats alone', { timeout: 40_000 }, async () => {
    const exchange = await testExchange();
    const tokens = exchange.market.instruments.map(({ kiteToken }) => kiteToken);
    const quote = tokens.filter((_, i) => i % 3 === 0);
    const full = tokens.filter((_, i) => i % 3 === 1);
    const ltp = tokens.filter((_, i) => i % 3 === 2);
    // Both ask for the same in the same order, at the same market time.
    const official = new OfficialClient(exchange, 'demo', quote, full, ltp);
    const own = await kiteClient(exchange).opened();
    own.send({ a: 'subscribe', v: [...quote, ...full, ...ltp] });
    own.send({ a: 'mode', v: ['full', full] });
    own.send({ a: 'mode', v: ['ltp', ltp] });
    await own.framesCame(3);
    const first = described(own.frames).length;
    await official.until(() => official.ticks.length >= first, 10_000);
    await exchange.advance(20_000);
    await own.framesCame(100);
    await expect.poll(() => official.ticks.length, { timeout: 10_000 }).toBe(described(own.frames).length);
    expect(official.ticks).toEqual(described(own.frames));
    expect(new Set(described(own.frames).map((tick) => (tick as { mode: string }).mode))).toEqual(
      new Set(['quote', 'full', 'ltp']),
    );

    // The market stands still now: nothing but heartbeats, for longer than the client bears silence.
    const quietSince = performance.now();
    await official.until(() => performance.now() - quietSince > 12_500, 15_000);
    expect(official.count('connect')).toBe(1);
    expect(official.count('disconnect') + official.count('reconnect') + official.count('close')).toBe(0);
  });

  it('reconnects after silence, and hears of a refusal', { timeout: 40_000 }, async () => {
    const exchange = await testExchange();
    const official = new OfficialClient(
      exchange,
      'demo',
      exchange.market.instruments.slice(0, 2).map((i) => i.kiteToken),
      [],
      [],
    );
    const denied = new OfficialClient(exchange, 'yesterday', [1], [], []);
    await official.until(() => official.ticks.length >= 2, 10_000);
    await exchange.order('mute', { feed: 'kite' });
    await official.until(() => official.count('disconnect') > 0, 15_000);
    await exchange.order('clear');
    await official.until(() => official.count('connect') >= 2 && official.ticks.length >= 4, 15_000);
    await denied.until(() => denied.count('error') > 0 && denied.count('close') > 0, 10_000);
    expect(denied.count('connect')).toBe(0);
  });

  it('reads the instrument list and quotes', async () => {
    const { KiteConnect } = await import('kiteconnect');
    const exchange = await testExchange();
    const kite = new KiteConnect({ api_key: 'demo', root: exchange.address });
    kite.setAccessToken('demo');
    const listed = await kite.getInstruments('NFO');
    // Its parser makes a row of its own of the last line's end.
    expect(listed).toHaveLength(6 + 1);
    expect(listed[0]).toMatchObject({ tradingsymbol: 'NIFTY26DECFUT', lot_size: 65, tick_size: 0.1, exchange: 'NFO' });
    const quote = await kite.getQuote(['NSE:INFY']);
    expect(quote['NSE:INFY']).toMatchObject({ instrument_token: 408_065, volume: exchange.market.quote(8).volume });
    expect(await kite.getLTP(['NSE:NIFTY 50'])).toMatchObject({ 'NSE:NIFTY 50': { instrument_token: 256_265 } });
  });
});
