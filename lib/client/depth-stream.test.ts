import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Connection } from '../heatmap/page-state.ts';
import { DepthStream } from './depth-stream.ts';

/** An EventSource whose server is the test. */
class FakeSource extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  static readonly all: FakeSource[] = [];
  readyState = FakeSource.CONNECTING;

  constructor(readonly url: string) {
    super();
    FakeSource.all.push(this);
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }

  send(event: string, data: string): void {
    this.readyState = FakeSource.OPEN;
    this.dispatchEvent(new MessageEvent(event, { data }));
  }

  break(readyState: number): void {
    this.readyState = readyState;
    this.dispatchEvent(new Event('error'));
  }
}

const HELLO = JSON.stringify({ protocol: 1, serverTimeUs: 1, heartbeatMs: 1000, resumedFromUs: null });
const STATUS = JSON.stringify({ serverTimeUs: 1, instruments: {}, feeds: {}, recorder: {} });

function setUp() {
  const connections: Connection[] = [];
  const messages: number[][] = [];
  const stream = new DepthStream('http://gehra.test/api/stream?instruments=7', {
    onHello: () => undefined,
    onMessages: (bytes) => messages.push([...bytes]),
    onStatus: () => undefined,
    onConnection: (connection) => connections.push(connection),
  });
  stream.start();
  return { stream, connections, messages, source: () => FakeSource.all.at(-1) as FakeSource };
}

const answer = (status: number, body = '') =>
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(body, { status })));

describe('depth stream', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    FakeSource.all.length = 0;
    vi.stubGlobal('EventSource', FakeSource);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it('hands messages over, decoded', () => {
    const { source, messages, connections } = setUp();
    source().send('hello', HELLO);
    source().send('message', btoa(String.fromCharCode(1, 2, 255)));
    expect(connections).toEqual([{ kind: 'open' }]);
    expect(messages).toEqual([[1, 2, 255]]);
  });

  it('is signed out when the server says so, and does not come back by itself', () => {
    const { source, connections } = setUp();
    source().send('hello', HELLO);
    source().send('auth', '{"reason":"signed_out"}');
    expect(connections.at(-1)).toEqual({ kind: 'signed_out' });
    expect(source().readyState).toBe(FakeSource.CLOSED);
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.all).toHaveLength(1);
  });

  it('leaves reconnecting to the browser where the browser does it', () => {
    const { source, connections } = setUp();
    source().send('hello', HELLO);
    source().break(FakeSource.CONNECTING);
    expect(connections.at(-1)).toEqual({ kind: 'lost', retryAtMs: null });
    expect(FakeSource.all).toHaveLength(1);
    source().send('hello', HELLO);
    expect(connections.at(-1)).toEqual({ kind: 'open' });
  });

  it('notices a connection over which nothing comes any more', async () => {
    const { source, connections } = setUp();
    source().send('hello', HELLO);
    await vi.advanceTimersByTimeAsync(4900);
    source().send('status', STATUS);
    await vi.advanceTimersByTimeAsync(4900);
    expect(connections.at(-1)).toEqual({ kind: 'open' });
    await vi.advanceTimersByTimeAsync(200);
    expect(connections.at(-1)?.kind).toBe('lost');
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSource.all).toHaveLength(2);
  });

  it('says so when nobody is signed in, and does not try on', async () => {
    answer(401);
    const { source, connections } = setUp();
    source().break(FakeSource.CLOSED);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connections.at(-1)).toEqual({ kind: 'signed_out' });
    expect(FakeSource.all).toHaveLength(1);
  });

  it('tells the reason of a refusal', async () => {
    answer(400, JSON.stringify({ title: 'Unknown instrument', detail: 'No instrument has the id 9.' }));
    const { source, connections } = setUp();
    source().break(FakeSource.CLOSED);
    await vi.advanceTimersByTimeAsync(0);
    expect(connections.at(-1)).toEqual({ kind: 'refused', detail: 'No instrument has the id 9.' });
  });

  it('tries again ever less often while the server is away', async () => {
    answer(503);
    const { connections } = setUp();
    for (let i = 0; i < 120; i += 1) {
      const source = FakeSource.all.at(-1);
      if (source?.readyState === FakeSource.CONNECTING) source.break(FakeSource.CLOSED);
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(connections.at(-1)?.kind).toBe('lost');
    expect(FakeSource.all.length).toBeGreaterThan(8);
    expect(FakeSource.all.length).toBeLessThan(16);
  });

  it('stops at what it cannot read, rather than show nonsense', () => {
    const { source, connections } = setUp();
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    source().send('hello', JSON.stringify({ protocol: 99 }));
    expect(connections.at(-1)).toMatchObject({ kind: 'refused' });
    expect(quiet).toHaveBeenCalledOnce();
    quiet.mockRestore();
  });

  it('begins anew at once when asked to, and never after it was stopped', async () => {
    const { stream, source, connections, messages } = setUp();
    source().send('hello', HELLO);
    stream.retryNow();
    expect(FakeSource.all).toHaveLength(2);
    expect(FakeSource.all[0]?.readyState).toBe(FakeSource.CLOSED);
    // What is left of the old connection no longer matters.
    FakeSource.all[0]?.break(FakeSource.CONNECTING);
    FakeSource.all[0]?.send('message', 'AAAA');
    expect(connections).toEqual([{ kind: 'open' }]);
    expect(messages).toEqual([]);
    stream.stop();
    stream.retryNow();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSource.all).toHaveLength(2);
  });
});
