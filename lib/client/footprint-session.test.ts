import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { InstrumentSummary } from '../core/instrument.ts';
import { FootprintSession } from './footprint-session.ts';
import type { AskMarket } from './market-data.ts';
import { PaneLink } from './pane-link.ts';

vi.mock('../render/footprint-chart.ts', () => ({
  FootprintChart: class {
    resize = vi.fn();
    draw = vi.fn();
    remove = vi.fn();
  },
}));
vi.mock('../render/theme.ts', () => ({ readTheme: vi.fn() }));
vi.mock('./gestures.ts', () => ({ attachGestures: () => vi.fn() }));
vi.mock('./live-feed.ts', () => ({ followLive: () => ({ stop: vi.fn() }) }));

const at = (time: string): number => Date.parse(`2026-11-25T${time}+05:30`);

beforeEach(() => {
  vi.useFakeTimers({ now: at('10:00:50') });
  vi.stubGlobal('window', { devicePixelRatio: 1 });
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw));
  vi.stubGlobal('cancelAnimationFrame', vi.fn());
  vi.stubGlobal(
    'ResizeObserver',
    class {
      observe = vi.fn();
      disconnect = vi.fn();
    },
  );
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('begins the CVD of the open bar anew where a gap has ended in it', async () => {
  const bar = { open: 100, high: 100, low: 100, close: 100, volume: 5, buy: 5, sell: 0, unknown: 0, unattributed: 0 };
  const told = { ...bar, minDelta: 0, maxDelta: 5, trades: 1, coverage: 1, vwap: 100, oi: null, cells: [] };
  const time = new Date(at('09:59:00')).toISOString();
  const answer = {
    feed: 'kite-ticks-1',
    bars: [{ ...told, time }],
    points: [{ time, cvd: 500, run: 1, vwap: 100, deviation: 0, volume: 5 }],
    gaps: [{ from: time, to: new Date(at('10:00:20')).toISOString(), cause: 'silent' }],
    trades: [{ stampUs: at('10:00:30') * 1000, price: 100, quantity: 7, side: 'buy', oi: null }],
    next: null,
    recordedFrom: time,
    completeTo: new Date(at('10:00:50')).toISOString(),
  };
  const ask = (async () => answer) as unknown as AskMarket;
  const host = { clientWidth: 800, clientHeight: 600 } as HTMLElement;
  const instrument = { id: 1, slug: 'NSE:SBIN', priceScale: 100, tickSize: 5, lotSize: 1 } as InstrumentSummary;
  const session = new FootprintSession(host, instrument, '1m', 1, 'bidAsk', ask, new PaneLink(), 'own');
  await vi.advanceTimersByTimeAsync(1000);
  const cvd = session.currentTable().map(({ cells }) => cells[5]);
  session.stop();
  expect(cvd).toEqual(['+500', '+7']);
});
