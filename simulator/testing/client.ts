/** A client for tests: keeps everything it gets, and lets a test wait until what it wants has come. */
import { onTestFinished } from 'vitest';
import { type RawData, WebSocket } from 'ws';
import { DEMO, DEMO_DHAN_TOKEN } from '../tokens.ts';
import type { TestExchange } from './exchange.ts';

const WAIT_MS = 5000;

export class TestClient {
  /** Binary messages with data, in order. */
  readonly frames: Buffer[] = [];
  readonly texts: string[] = [];
  heartbeats = 0;
  pings = 0;
  closed: { readonly code: number; readonly reason: string } | null = null;
  /** HTTP status of a refused handshake. */
  refused: number | null = null;
  private waiters: (() => void)[] = [];

  constructor(
    readonly address: string,
    readonly socket = new WebSocket(address, { perMessageDeflate: false }),
  ) {
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (!isBinary) this.texts.push(data.toString());
      else if ((data as Buffer).length === 1) this.heartbeats += 1;
      else this.frames.push(data as Buffer);
      this.look();
    });
    socket.on('ping', () => {
      this.pings += 1;
      this.look();
    });
    socket.on('open', () => this.look());
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.look();
    });
    socket.on('unexpected-response', (request, response) => {
      this.refused = response.statusCode ?? 0;
      request.destroy();
      this.look();
    });
    // A reset ends in `close` too, which is what tests look at.
    socket.on('error', () => this.look());
    onTestFinished(() => socket.terminate());
  }

  send(message: unknown): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Resolves once `condition` holds; rejects where it does not in time. */
  async until(condition: (client: this) => boolean, ms = WAIT_MS): Promise<this> {
    let give: (() => void) | undefined;
    const held = new Promise<void>((resolve) => {
      give = resolve;
    });
    const look = (): void => {
      if (condition(this)) give?.();
    };
    this.waiters.push(look);
    look();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new Error(
              `not within ${ms} ms: ${condition}; ${this.frames.length} frames, closed ${JSON.stringify(this.closed)}`,
            ),
          ),
        ms,
      );
    });
    try {
      await Promise.race([held, late]);
    } finally {
      clearTimeout(timer);
      this.waiters = this.waiters.filter((waiter) => waiter !== look);
    }
    return this;
  }

  opened(): Promise<this> {
    return this.until(({ socket }) => socket.readyState === WebSocket.OPEN);
  }

  /** Resolves once this many frames with data have come. */
  framesCame(count: number, ms?: number): Promise<this> {
    return this.until(({ frames }) => frames.length >= count, ms);
  }

  private look(): void {
    for (const waiter of [...this.waiters]) waiter();
  }
}

/** Connects as the demonstration's Kite user. */
export const kiteClient = (
  exchange: TestExchange,
  query = `api_key=${DEMO.kite.apiKey}&access_token=${DEMO.kite.accessToken}`,
): TestClient => new TestClient(exchange.socketAddress(`/kite?${query}`));

/** Connects as the demonstration's Dhan client. */
export const dhanClient = (
  exchange: TestExchange,
  path: string,
  token = DEMO_DHAN_TOKEN,
  clientId: string = DEMO.dhan.clientId,
): TestClient =>
  new TestClient(exchange.socketAddress(`${path}?version=2&token=${token}&clientId=${clientId}&authType=2`));

export const DHAN_PATH = {
  live: '/dhan/live',
  depth20: '/dhan/twentydepth',
  depth200: '/dhan/depth200/',
} as const;
