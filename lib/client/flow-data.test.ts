import { afterEach, expect, it, vi } from 'vitest';
import type { InstrumentSummary } from '../core/instrument.ts';
import type { StreamHandlers } from './depth-stream.ts';
import { FlowData } from './flow-data.ts';
import type { AskMarket } from './market-data.ts';
import type { StreamStatus } from './stream-events.ts';

let heard: StreamHandlers;
vi.mock('./live-feed.ts', () => ({
  followLive: (_: string, __: number, handlers: StreamHandlers) => {
    heard = handlers;
    return { stop: vi.fn() };
  },
}));

const instrument = { id: 1, slug: 'NSE:SBIN', priceScale: 100, tickSize: 5, lotSize: 1 } as InstrumentSummary;
const answer = (completeTo: unknown) => ({
  feed: 'kite-ticks-1',
  bars: [],
  gaps: [],
  points: [],
  trades: [],
  candles: [],
  next: null,
  recordedFrom: null,
  completeTo,
});
const ask = (async (_: string, { to }: { to: unknown }) => answer(to)) as unknown as AskMarket;
let data: FlowData;
afterEach(() => data.stop());

it('knows the feed that gives the trades, which may be another than the one of the books', async () => {
  await new Promise<void>((ready) => {
    const onChange = (): void => {
      if (data.load.kind === 'ready') ready();
    };
    data = new FlowData({ instrument, interval: '1m', rowTicks: null, lots: 1, ask, onChange });
    data.start();
  });
  const down = { state: 'down', cause: null, detail: '', lagMs: 0, gapFromUs: null };
  const feeds = { 'dhan-depth200-1': { ...down, state: 'live' }, 'kite-ticks-1': down };
  heard.onStatus({ serverTimeUs: 1, feeds } as unknown as StreamStatus);
  expect(data.feedStatus).toEqual(down);
});
