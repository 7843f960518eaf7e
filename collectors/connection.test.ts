import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { monotonicMs, wallClockUs } from '../lib/obs/clock.ts';
import { backoffMs } from './backoff.ts';
import { type Dial, FeedConnection, type FrameSink, type LinkProtocol } from './connection.ts';

const until = <T>(condition: () => T): Promise<T> => vi.waitFor(condition, { timeout: 10_000, interval: 10 });

/** A broker that does what the test says. */
class Broker {
  readonly sockets: WebSocket[] = [];
  readonly texts: string[] = [];
  handshakes = 0;
  /** Answers the next handshakes with these statuses; then with a connection. */
  refusals: number[] = [];
  private readonly server: Server = createServer();
  private readonly websockets = new WebSocketServer({ noServer: true });

  async start(): Promise<string> {
    this.server.on('upgrade', (request: IncomingMessage, socket: Socket, head) => {
      this.handshakes += 1;
      const refusal = this.refusals.shift();
      if (refusal !== undefined) {
        socket.end(`HTTP/1.1 ${refusal} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      this.websockets.handleUpgrade(request, socket, head, (websocket) => {
        this.sockets.push(websocket);
        websocket.on('message', (data) => this.texts.push(String(data)));
      });
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  get current(): WebSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('nobody has connected');
    return socket;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

class Sink implements FrameSink {
  readonly feed = { name: 'test' };
  lastDataMs = Number.NEGATIVE_INFINITY;
  dataExpected = true;
  readonly frames: string[] = [];
  readonly gaps: string[] = [];

  frame(frame: Buffer): void {
    this.frames.push(frame.toString());
    if (frame.toString() !== 'idle') this.lastDataMs = monotonicMs();
  }
  openGap(cause: string): void {
    this.gaps.push(cause);
  }
}

let broker: Broker;
let sink: Sink;
let url: string;
let token: string;
let connection: FeedConnection | undefined;

beforeEach(async () => {
  broker = new Broker();
  url = await broker.start();
  sink = new Sink();
  token = 'one';
});
afterEach(async () => {
  await connection?.stop();
  connection = undefined;
  await broker.stop();
});

function connect(changes: Partial<LinkProtocol> = {}): FeedConnection {
  const protocol: LinkProtocol = {
    dial: (): Dial =>
      token === '' ? { missing: 'there is no token yet' } : { url: `${url}?token=${token}`, tokenId: token },
    tokenIsGone: () => token === '',
    opening: () => ['subscribe'],
    changing: () => null,
    farewell: (frame) => (frame.toString() === 'bye' ? { cause: 'limit', detail: 'too many' } : null),
    onText: () => undefined,
    deadMs: 60_000,
    staleMs: 60_000,
    stalledMs: 60_000,
    backoff: { minMs: 20, maxMs: 100 },
    ...changes,
  };
  connection = new FeedConnection(sink, protocol, wallClockUs, pino({ level: 'silent' }));
  connection.start();
  return connection;
}

describe('a connection', () => {
  it('subscribes, hands over frames, and is live with the first of them', async () => {
    const feed = connect();
    await until(() => expect(broker.texts).toEqual(['subscribe']));
    expect(feed.state.state).toBe('connecting');
    broker.current.send(Buffer.from('data'));
    await until(() => expect(feed.state.state).toBe('live'));
    expect(sink.frames).toEqual(['data']);
    expect(sink.gaps).toEqual([]);
  });

  it.each([
    ['reset', (socket: WebSocket) => socket.terminate()],
    ['closed', (socket: WebSocket) => socket.close(1011, 'keepalive ping timeout')],
  ])('%s by the broker is a gap with its cause; it comes back and subscribes again', async (_, cut) => {
    connect();
    await until(() => expect(broker.texts.length).toBe(1));
    cut(broker.current);
    await until(() => expect(broker.texts.length).toBe(2));
    expect(sink.gaps).toEqual(['disconnected']);
    expect(broker.sockets.filter(({ readyState }) => readyState === 1).length).toBe(1);
  });

  it('gives way to a new one at once, with what is to be done between them, and without a gap', async () => {
    const feed = connect({ backoff: { minMs: 60_000, maxMs: 60_000 } });
    await until(() => expect(broker.texts.length).toBe(1));
    const swapped: string[] = [];
    feed.replace(() => swapped.push(`after ${broker.texts.length} and ${sink.frames.length} frames`));
    // What is on its way when we ask for the end still counts to the old one.
    broker.current.send(Buffer.from('data'));
    await until(() => expect(broker.texts.length).toBe(2));
    expect(swapped).toEqual(['after 1 and 1 frames']);
    expect(sink.gaps).toEqual([]);
  });

  it('gives way although the broker does not answer its goodbye', async () => {
    const feed = connect({ backoff: { minMs: 60_000, maxMs: 60_000 } });
    await until(() => expect(broker.texts.length).toBe(1));
    (broker.current as unknown as { _socket: Socket })._socket.pause();
    feed.replace(() => undefined);
    await until(() => expect(broker.texts.length).toBe(2));
  });

  it('sends what changes its instruments while it stands, and nothing before', async () => {
    const feed = connect();
    feed.send(['too early']);
    await until(() => expect(broker.texts).toEqual(['subscribe']));
    feed.send(['unsubscribe a', 'subscribe b']);
    await until(() => expect(broker.texts).toEqual(['subscribe', 'unsubscribe a', 'subscribe b']));
    expect(sink.gaps).toEqual([]);
  });

  it('given up before it stands costs no wait', async () => {
    const feed = connect({ backoff: { minMs: 60_000, maxMs: 60_000 } });
    let swaps = 0;
    feed.replace(() => {
      swaps += 1;
    });
    await until(() => expect(broker.texts).toEqual(['subscribe']));
    expect(swaps).toBe(1);
  });
});

it('ends when its token is taken away, and comes back with another one', async () => {
  const feed = connect();
  await until(() => expect(broker.texts).toEqual(['subscribe']));
  broker.current.send(Buffer.from('data'));
  await until(() => expect(feed.state.state).toBe('live'));
  token = '';
  await until(() => expect(feed.state).toMatchObject({ state: 'needs_login', detail: 'there is no token yet' }));
  expect(sink.gaps).toEqual(['auth', 'auth']);
  expect(broker.handshakes).toBe(1);
  token = 'two';
  await until(() => expect(broker.texts).toEqual(['subscribe', 'subscribe']));
});

describe('a refusal', () => {
  it('of the token is one attempt; the next waits for another token', async () => {
    broker.refusals = [403, 403, 403];
    const feed = connect();
    await until(() => expect(feed.state.state).toBe('needs_login'));
    expect(feed.state.detail).toContain('403');
    expect(sink.gaps.at(-1)).toBe('auth');
    token = 'two';
    await until(() => expect(broker.handshakes).toBe(2));
    expect(feed.attempts).toBe(2);
    await until(() => expect(feed.state.state).toBe('needs_login'));
    broker.refusals = [];
    token = 'three';
    await until(() => expect(broker.texts).toEqual(['subscribe']));
  });

  it('of too many connections is left alone for a minute', async () => {
    broker.refusals = [429];
    const feed = connect();
    await until(() => expect(feed.state).toMatchObject({ state: 'backing_off', cause: 'limit' }));
    expect(broker.handshakes).toBe(1);
  });

  it('for another reason is tried again', async () => {
    broker.refusals = [502, 503];
    connect();
    await until(() => expect(broker.texts).toEqual(['subscribe']));
    expect(sink.gaps).toEqual(['network', 'network']);
  });

  it('is not waited out where another token comes', async () => {
    broker.refusals = [503];
    const feed = connect({ backoff: { minMs: 60_000, maxMs: 60_000 } });
    await until(() => expect(feed.state.state).toBe('backing_off'));
    token = 'two';
    await until(() => expect(broker.texts).toEqual(['subscribe']));
    expect(broker.handshakes).toBe(2);
  });

  it('is not asked for without a token', async () => {
    token = '';
    const feed = connect();
    await until(() => expect(feed.state).toMatchObject({ state: 'needs_login', detail: 'there is no token yet' }));
    expect(broker.handshakes).toBe(0);
    token = 'one';
    await until(() => expect(broker.texts).toEqual(['subscribe']));
  });

  it('said in a frame counts as what it says', async () => {
    const feed = connect();
    await until(() => expect(broker.texts.length).toBe(1));
    broker.current.send(Buffer.from('bye'));
    await until(() => expect(feed.state).toMatchObject({ state: 'backing_off', cause: 'limit', detail: 'too many' }));
  });
});

describe('silence', () => {
  it('of the whole socket ends it', async () => {
    connect({ deadMs: 200 });
    await until(() => expect(broker.sockets.length).toBeGreaterThan(1));
    expect(sink.gaps[0]).toBe('silent');
  });

  it('of data alone makes it stale, and in the end tries another connection', async () => {
    const feed = connect({ staleMs: 300, stalledMs: 2500 });
    await until(() => expect(broker.texts.length).toBe(1));
    const alive = setInterval(() => broker.current.send(Buffer.from('idle')), 50);
    try {
      await until(() => expect(feed.state).toMatchObject({ state: 'stale', cause: 'silent' }));
      expect(broker.sockets.length).toBe(1);
      await until(() => expect(broker.sockets.length).toBe(2));
    } finally {
      clearInterval(alive);
    }
  });

  it('is no fault while no data is expected, and is one once it is', async () => {
    let looks = 0;
    let expected = false;
    Object.defineProperty(sink, 'dataExpected', {
      get: () => {
        looks += 1;
        return expected;
      },
    });
    const feed = connect({
      staleMs: 100,
      stalledMs: 200,
      retry: { quietMs: 50, texts: () => ['subscribe otherwise'] },
    });
    // Each look lies half a second after the last: all limits have passed many times.
    await until(() => expect(looks).toBeGreaterThan(3));
    expect(feed.state).toMatchObject({ state: 'connecting', detail: 'connected; no continuous trading now' });
    expect([broker.sockets.length, broker.texts, sink.gaps]).toEqual([1, ['subscribe'], []]);
    expected = true;
    await until(() => expect(broker.sockets.length).toBe(2));
    expect(sink.gaps).toEqual(['silent']);
  });

  it('while this process was held up is none: what came meanwhile is read first', async () => {
    connect({ deadMs: 800, staleMs: 900, stalledMs: 900 });
    await until(() => expect(broker.texts.length).toBe(1));
    const alive = setInterval(() => broker.current.send(Buffer.from('alive')), 50);
    try {
      broker.current.send(Buffer.from('meanwhile'));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1600);
      const read = sink.frames.length;
      await until(() => expect(sink.frames.length).toBeGreaterThan(read + 20));
      expect(sink.frames).toContain('meanwhile');
      expect([broker.handshakes, sink.gaps]).toEqual([1, []]);
    } finally {
      clearInterval(alive);
    }
  });

  it('after the subscription is met with its other form, once', async () => {
    connect({ retry: { quietMs: 100, texts: () => ['subscribe otherwise'] }, stalledMs: 2000 });
    await until(() => expect(broker.texts).toEqual(['subscribe', 'subscribe otherwise']));
    await until(() => expect(broker.sockets.length).toBe(2));
    expect(broker.texts.filter((text) => text === 'subscribe otherwise').length).toBe(1);
  });
});

it('stops while waiting, connecting or connected', async () => {
  broker.refusals = [429];
  const waiting = connect();
  await until(() => expect(waiting.state.state).toBe('backing_off'));
  await waiting.stop();
  const connected = connect();
  await until(() => expect(broker.texts.length).toBe(1));
  await connected.stop();
  await until(() => expect(broker.current.readyState).toBe(3));
});

describe('the wait between attempts', () => {
  it('doubles from the shortest to the longest, at random', () => {
    const kite = { minMs: 300, maxMs: 30_000 };
    expect([0, 1, 2, 3, 10, 1000].map((failures) => backoffMs(kite, failures, 1))).toEqual([
      300, 600, 1200, 2400, 30_000, 30_000,
    ]);
    expect(backoffMs(kite, 5, 0)).toBe(300);
    expect(backoffMs(kite, 3, 0.5)).toBe(1350);
  });
});
