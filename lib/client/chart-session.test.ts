import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { InstrumentSummary } from '../core/instrument.ts';
import type { FlowChartHandlers } from '../render/flow-chart.ts';
import { ChartSession } from './chart-session.ts';
import { PaneLink } from './pane-link.ts';

const chart = vi.hoisted(() => ({
  showCursor: vi.fn(),
  showRows: vi.fn(),
  showRange: vi.fn(),
  toNewest: vi.fn(),
  remove: vi.fn(),
}));
let handlers: FlowChartHandlers;
vi.mock('../render/flow-chart.ts', () => ({
  FlowChart: class {
    constructor(...[, , , , given]: FlowChartHandlers[]) {
      handlers = given as FlowChartHandlers;
      Object.assign(this, chart);
    }
  },
}));
vi.mock('../render/theme.ts', () => ({ readTheme: vi.fn() }));
vi.mock('./live-feed.ts', () => ({ followLive: () => ({ stop: vi.fn() }) }));

const RANGE = { fromUs: 1_000_000, toUs: 2_000_000 };
let link: PaneLink;
let session: ChartSession;

beforeEach(() => {
  vi.clearAllMocks();
  vi.stubGlobal('requestAnimationFrame', vi.fn());
  vi.stubGlobal('cancelAnimationFrame', vi.fn());
  link = new PaneLink();
  const instrument = { id: 1, slug: 'NSE:SBIN', priceScale: 100, tickSize: 5, lotSize: 1 } as InstrumentSummary;
  const choice = { rows: [], vwap: false, lots: 1 };
  const unanswered = () => new Promise<never>(() => undefined);
  session = new ChartSession({} as HTMLElement, instrument, '1m', choice, unanswered, link, 'own');
});
afterEach(() => {
  session.stop();
  vi.unstubAllGlobals();
});

it('goes back to live with its group, once', () => {
  link.set({ range: RANGE }, 'other');
  expect(chart.showRange).toHaveBeenCalledWith(RANGE);
  link.set({ range: null }, 'other');
  link.set({ cursorUs: 1_500_000 }, 'other');
  expect(chart.toNewest).toHaveBeenCalledTimes(1);
});

it('leaves its group no time where it goes back to live', () => {
  handlers.onRange(RANGE);
  expect(link.state.range).toEqual(RANGE);
  session.key('End', false);
  expect(link.state.range).toBeNull();
});

it('takes its own cursor from the group when it ends, and no other', () => {
  handlers.onCursor(1_500_000);
  link.set({ cursorUs: 1_600_000 }, 'other');
  session.stop();
  expect(link.state.cursorUs).toBe(1_600_000);
  handlers.onCursor(1_500_000);
  session.stop();
  expect(link.state.cursorUs).toBeNull();
});
