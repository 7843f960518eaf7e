import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Interval } from '../heatmap/coverage.ts';
import { DepthModel } from '../heatmap/depth-model.ts';
import { INSTRUMENT, T0 } from '../heatmap/test-support.ts';
import { type FetchPage, HistoryLoader } from './history-loader.ts';
import { ServerProblem } from './problem.ts';

const SECOND = 1_000_000;
const wanted = { tier: 0 as const, fromUs: T0, toUs: T0 + 60 * SECOND, aheadUs: T0, settledUs: T0 + 60 * SECOND };

/** A server that holds everything up to a time, and counts what it is asked. */
class Server {
  completeToUs = Number.POSITIVE_INFINITY;
  failure: ServerProblem | null = null;
  readonly asked: Interval[] = [];
  readonly fetchPage: FetchPage = async (_tier, interval) => {
    this.asked.push(interval);
    await Promise.resolve();
    if (this.failure) throw this.failure;
    const page = { ...interval, completeToUs: Math.min(interval.toUs, this.completeToUs), gaps: [] };
    return { page, messages: new Uint8Array(0) };
  };
}

function setUp() {
  const server = new Server();
  const model = new DepthModel(INSTRUMENT);
  let signedOut = 0;
  let pages = 0;
  const loader = new HistoryLoader(
    model,
    server.fetchPage,
    () => Date.now(),
    () => {
      pages += 1;
    },
    () => {
      signedOut += 1;
    },
  );
  return { server, model, loader, pages: () => pages, signedOut: () => signedOut };
}

/** Pokes as a session does, four times a second, for so long. */
async function poking(loader: HistoryLoader, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 250) {
    loader.poke(wanted);
    await vi.advanceTimersByTimeAsync(250);
  }
}

describe('history loader', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('fetches what is missing once, and is idle then', async () => {
    const { server, loader, pages } = setUp();
    loader.poke(wanted);
    expect(loader.state.kind).toBe('loading');
    loader.poke(wanted);
    await vi.advanceTimersByTimeAsync(0);
    await poking(loader, 2000);
    expect(server.asked).toEqual([{ fromUs: T0, toUs: wanted.toUs }]);
    expect(pages()).toBe(1);
    expect(loader.state.kind).toBe('idle');
  });

  it('asks again, ever less often, until the recorder has caught up', async () => {
    const { server, model, loader } = setUp();
    server.completeToUs = wanted.toUs - SECOND;
    await poking(loader, 30_000);
    expect(loader.state.kind).toBe('late');
    expect(server.asked.length).toBeGreaterThan(3);
    expect(server.asked.length).toBeLessThan(10);
    for (const { fromUs } of server.asked.slice(1)) expect(fromUs).toBe(wanted.toUs - SECOND);
    server.completeToUs = Number.POSITIVE_INFINITY;
    await poking(loader, 11_000);
    expect(loader.state.kind).toBe('idle');
    expect(model.stores[0]?.coverage.missing(T0, wanted.toUs)).toEqual([]);
  });

  it('fetches what is surely recorded before what may have to be waited for', async () => {
    const { server, loader } = setUp();
    for (let i = 0; i < 4; i += 1) {
      loader.poke({ ...wanted, settledUs: T0 + 58.6 * SECOND });
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(server.asked).toEqual([
      { fromUs: T0, toUs: T0 + 58.6 * SECOND },
      { fromUs: T0 + 58.5 * SECOND, toUs: wanted.toUs },
    ]);
  });

  it('asks for a short stretch in one, however far its end moves on', async () => {
    const { server, loader } = setUp();
    for (let i = 0; i < 8; i += 1) {
      const fromUs = T0 + 56 * SECOND;
      loader.poke({ ...wanted, fromUs, aheadUs: fromUs, settledUs: T0 + (58.5 + i / 10) * SECOND });
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(server.asked).toHaveLength(1);
  });

  it('goes on with older pages while the recorder is late', async () => {
    const { server, model, loader } = setUp();
    server.completeToUs = wanted.toUs - SECOND;
    await poking(loader, 500);
    const older = { ...wanted, fromUs: T0 - 60 * SECOND, aheadUs: T0 - 60 * SECOND };
    loader.poke(older);
    await vi.advanceTimersByTimeAsync(0);
    expect(model.stores[0]?.coverage.missing(older.fromUs, T0)).toEqual([]);
  });

  it('says what failed, waits longer each time, and recovers', async () => {
    const { server, loader } = setUp();
    server.failure = new ServerProblem(503, 'Database is not reachable');
    await poking(loader, 20_000);
    expect(loader.state).toEqual({ kind: 'failed', detail: 'Database is not reachable' });
    expect(server.asked.length).toBeLessThan(8);
    server.failure = null;
    loader.retryNow();
    await poking(loader, 500);
    expect(loader.state.kind).toBe('idle');
  });

  it('says when nobody is signed in', async () => {
    const { server, loader, signedOut } = setUp();
    server.failure = new ServerProblem(401, 'Sign in first');
    await poking(loader, 500);
    expect(signedOut()).toBe(1);
  });

  it('asks nothing after it was stopped', async () => {
    const { server, loader, pages } = setUp();
    loader.poke(wanted);
    loader.stop();
    await poking(loader, 1000);
    expect(server.asked).toHaveLength(1);
    expect(pages()).toBe(0);
  });
});
