/**
 * The live stream of one page: one EventSource, watched. The browser reconnects by itself after a broken connection and
 * then says what it had; where it gives up (any answer but 200) the stream finds out why and tries again itself.
 */
import type { Connection } from '../heatmap/page-state.ts';
import { bytesOfBase64 } from './base64.ts';
import { asProblem, problemOf, type ServerProblem } from './problem.ts';
import {
  type Hello,
  parseHello,
  parseSignals,
  parseStatus,
  type SignalEvent,
  type StreamStatus,
} from './stream-events.ts';

export interface StreamHandlers {
  onHello(hello: Hello): void;
  /** Messages of lib/book/messages.ts. */
  onMessages(bytes: Uint8Array): void;
  onStatus(status: StreamStatus): void;
  onConnection(connection: Connection): void;
  /** Of a stream that was asked for them. */
  onSignals?(event: SignalEvent): void;
}

/** So many missed signs of life mean a dead connection that nobody has noticed. */
const HEARTBEATS_MISSED_MAX = 5;
/** Before the first hello says how often signs of life come, ms. */
const HELLO_WAIT_MS = 10_000;
/** Waits between tries: doubled from the first to the last, ms. */
const RETRY_MS_FIRST = 1000;
const RETRY_MS_MAX = 15_000;

export class DepthStream {
  private source: EventSource | null = null;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private retryMs = RETRY_MS_FIRST;
  private silenceMs = HELLO_WAIT_MS;
  private stopped = false;

  constructor(
    /** Or what makes it: it may say what is there already. */
    private readonly url: string | (() => string),
    private readonly handlers: StreamHandlers,
  ) {}

  start(): void {
    this.open();
  }

  /** Tries now, whatever the wait. */
  retryNow(): void {
    if (this.stopped) return;
    this.close();
    this.open();
  }

  stop(): void {
    this.stopped = true;
    this.close();
  }

  private open(): void {
    const source = new EventSource(this.address);
    this.source = source;
    this.silenceMs = HELLO_WAIT_MS;
    this.watch();
    const listen = (event: string, take: (data: string) => void) => {
      source.addEventListener(event, (message) => {
        if (source !== this.source) return;
        this.watch();
        this.guarded(() => take((message as MessageEvent<string>).data));
      });
    };
    listen('hello', (data) => {
      const hello = parseHello(data);
      this.retryMs = RETRY_MS_FIRST;
      this.silenceMs = hello.heartbeatMs * HEARTBEATS_MISSED_MAX;
      this.watch();
      this.handlers.onHello(hello);
      this.handlers.onConnection({ kind: 'open' });
    });
    listen('message', (data) => this.handlers.onMessages(bytesOfBase64(data)));
    listen('status', (data) => this.handlers.onStatus(parseStatus(data)));
    listen('signal', (data) => this.handlers.onSignals?.(parseSignals(data)));
    listen('auth', () => {
      this.close();
      this.handlers.onConnection({ kind: 'signed_out' });
    });
    listen('bye', () => this.handlers.onConnection({ kind: 'lost', retryAtMs: null }));
    source.addEventListener('error', () => {
      if (source !== this.source) return;
      if (source.readyState === EventSource.CONNECTING) this.handlers.onConnection({ kind: 'lost', retryAtMs: null });
      else void this.findOutWhy();
    });
  }

  private get address(): string {
    return typeof this.url === 'string' ? this.url : this.url();
  }

  private close(): void {
    clearTimeout(this.watchdog);
    clearTimeout(this.retry);
    this.source?.close();
    this.source = null;
  }

  /** Messages that cannot be read mean that the page and the server disagree: begin anew rather than show nonsense. */
  private guarded(take: () => void): void {
    try {
      take();
    } catch (error) {
      const { detail } = asProblem(error);
      console.error('stream_unreadable', error);
      this.close();
      this.handlers.onConnection({ kind: 'refused', detail: `The stream could not be read: ${detail}.` });
    }
  }

  private watch(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => {
      this.close();
      this.scheduleRetry();
    }, this.silenceMs);
  }

  private scheduleRetry(): void {
    if (this.stopped) return;
    this.handlers.onConnection({ kind: 'lost', retryAtMs: Date.now() + this.retryMs });
    this.retry = setTimeout(() => this.open(), this.retryMs);
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MS_MAX);
  }

  /** EventSource does not tell why it was refused: the same request, asked plainly, does. */
  private async findOutWhy(): Promise<void> {
    this.close();
    this.handlers.onConnection({ kind: 'lost', retryAtMs: null });
    const problem = await refusalOf(this.address);
    if (this.stopped || this.source) return;
    if (problem?.signedOut) this.handlers.onConnection({ kind: 'signed_out' });
    else if (problem && problem.status >= 400 && problem.status < 500) {
      this.handlers.onConnection({ kind: 'refused', detail: problem.detail });
    } else this.scheduleRetry();
  }
}

/** Why a stream is refused; null where it is not. */
async function refusalOf(url: string): Promise<ServerProblem | null> {
  const abort = new AbortController();
  try {
    const response = await fetch(url, { headers: { accept: 'text/event-stream' }, signal: abort.signal });
    return response.ok ? null : await problemOf(response);
  } catch (error) {
    return asProblem(error);
  } finally {
    abort.abort();
  }
}
