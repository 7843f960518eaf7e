/** An exchange for a test: on a free port, with a clock that moves only when told to, silent. */
import pino from 'pino';
import { onTestFinished } from 'vitest';
import type { FeedReport } from '../accounting.ts';
import { startExchange } from '../exchange.ts';
import type { Market } from '../market/market.ts';
import type { ExchangeOptions } from '../options.ts';

const DEFAULTS: ExchangeOptions = {
  port: 0,
  market: { kind: 'synthetic' },
  speed: 1,
  seed: 1,
  framesPerSecond: null,
  ticksPerSecond: null,
  events: 0,
  more: 0,
  labels: null,
  session: 'always',
  date: '2026-11-24',
  clock: 'manual',
  kiteRedirect: 'http://127.0.0.1:9/api/kite/callback',
  dhanRedirect: 'http://127.0.0.1:9/api/dhan/callback',
};

export interface AccountingAnswer {
  readonly finished: boolean;
  readonly market_us: number;
  readonly feeds: readonly FeedReport[];
}

export interface TestExchange {
  readonly address: string;
  readonly market: Market;
  /** Where a WebSocket face is: `/kite?...`. */
  socketAddress(path: string): string;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Gives an order; throws where it is not obeyed. */
  order(name: string, body?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** Gives an order and returns the answer whatever it is. */
  tryOrder(name: string, body: unknown): Promise<Response>;
  advance(ms: number): Promise<void>;
  accounting(at?: string): Promise<AccountingAnswer>;
}

/** Stops with the test. */
export async function testExchange(options: Partial<ExchangeOptions> = {}): Promise<TestExchange> {
  const exchange = await startExchange({ ...DEFAULTS, ...options }, pino({ level: 'silent' }));
  onTestFinished(() => exchange.stop());
  const { address, market } = exchange;
  const tryOrder = (name: string, body: unknown): Promise<Response> =>
    fetch(`${address}/control/${name}`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const order: TestExchange['order'] = async (name, body = {}) => {
    const response = await tryOrder(name, body);
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  };
  return {
    address,
    market,
    socketAddress: (path) => address.replace('http', 'ws') + path,
    get: (path, headers = {}) => fetch(address + path, { headers }),
    order,
    tryOrder,
    advance: async (ms) => void (await order('advance', { ms })),
    async accounting(at) {
      const response = await fetch(`${address}/accounting${at === undefined ? '' : `?at=${at}`}`);
      if (!response.ok) throw new Error(`accounting: ${response.status} ${await response.text()}`);
      return (await response.json()) as AccountingAnswer;
    },
  };
}

/** What was sent of one kind of packet of one instrument. */
export function sentOf({ feeds }: AccountingAnswer, feed: string, kind: string, slug: string) {
  const report = feeds.find((one) => one.feed === feed && one.kind === kind);
  const sent = report?.instruments.find(({ instrument }) => instrument === slug);
  if (!sent) throw new Error(`nothing is known of ${feed} ${kind} ${slug}`);
  return sent;
}
