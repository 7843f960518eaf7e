/**
 * The one loop that keeps a feed connected: token, dial, subscribe, watch, and after every end the right wait. Everything
 * of a connection hangs on its own socket and dies with it, so nothing of an old one can touch the next.
 */
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import type { Backoff } from '../lib/config/config.ts';
import type { GapCause } from '../lib/core/gap.ts';
import type { Instrument } from '../lib/core/instrument.ts';
import { monotonicMs } from '../lib/obs/clock.ts';
import { addressForLog, type Log } from '../lib/obs/log.ts';
import type { FeedState, TooMany } from '../lib/queue/status.ts';
import { backoffMs } from './backoff.ts';
import { countAttempt, countDisconnect } from './metrics.ts';

/** A frame larger than this is no frame of any broker. 3,000 full Kite packets take 0.56 MB. */
const MAX_PAYLOAD_BYTES = 2 * 1024 * 1024;
const HANDSHAKE_TIMEOUT_MS = 7000;
/** After "too many" of anything a broker is left alone for at least this long. */
const LIMIT_WAIT_MS = 60_000;
/** While a token is missing or refused, its file is looked at this often. */
const TOKEN_LOOK_MS = 1000;
/** A token that is taken away ends the connection after this long: a file that is being replaced is no such thing. */
const TOKEN_GONE_MS = 2000;
const WATCH_MS = 500;
/** A look so long after the one before: this process was held up, and what came meanwhile is still to be read. */
const HELD_UP_MS = 1000;
/** A server that does not answer a goodbye within this time is not waited for. */
const GOODBYE_MS = 500;

/** Where to connect, made with the token that is on the disk now; or why that cannot be, in words. */
export type Dial = { readonly url: string; readonly tokenId: string } | { readonly missing: string };

/** What a connection came to. */
export interface Ending {
  readonly cause: GapCause;
  /** In words, for a person. */
  readonly detail: string;
  /** What there is too much of, where the broker says that. */
  readonly tooMany?: TooMany;
}

/** What a broker's feed kind has of its own about connecting. */
export interface LinkProtocol {
  dial(): Dial;
  /** Whether there is no token any more: somebody has disconnected the broker. One that cannot be read is not gone. */
  tokenIsGone(): boolean;
  /** Texts to send as soon as the connection stands. */
  opening(): readonly string[];
  /** Texts that change what an open connection is asked for; null where it takes a new connection. */
  changing(removed: readonly Instrument[], added: readonly Instrument[]): readonly string[] | null;
  /** Texts to send where no data has come for `quietMs` after the opening; empty where there is no other way to ask. */
  readonly retry?: { readonly quietMs: number; texts(): readonly string[] };
  /** A frame in which the server says farewell, and what it means. */
  farewell(frame: Buffer): Ending | null;
  /** A text message of the server, for the log. */
  onText(text: string, log: Log): void;
  /** Without any sign of life, heartbeats and pings included, for this long the connection is dead. */
  readonly deadMs: number;
  /** Without data for this long the feed is stale. */
  readonly staleMs: number;
  /** Without data for this long another connection is tried. */
  readonly stalledMs: number;
  readonly backoff: Backoff;
}

/** Where frames go and gaps are noted: the feed's pipeline. */
export interface FrameSink {
  readonly feed: { readonly name: string };
  /** When data last came, on the monotonic clock, ms. */
  readonly lastDataMs: number;
  /** Whether silence would be a fault now: not before the open, in an auction or after the close. */
  readonly dataExpected: boolean;
  frame(frame: Buffer): void;
  openGap(cause: GapCause): void;
}

export interface ConnectionState {
  readonly state: FeedState;
  readonly cause: GapCause | null;
  readonly detail: string;
  readonly sinceUs: number;
  readonly tooMany: TooMany | null;
}

export class FeedConnection {
  private readonly aborter = new AbortController();
  private socket: WebSocket | null = null;
  private loop: Promise<void> | null = null;
  private failures = 0;
  private refusedTokenId: string | null = null;
  /** Why we have asked the socket to close; null where we have not. */
  private asked: Ending | null = null;
  /** What is done between the end of the connection and the next; null where it ends for its own reasons. */
  private swap: (() => void) | null = null;
  state: ConnectionState;
  attempts = 0;

  constructor(
    private readonly pipeline: FrameSink,
    private readonly protocol: LinkProtocol,
    private readonly nowUs: () => number,
    private readonly log: Log,
  ) {
    this.state = { state: 'connecting', cause: null, detail: '', sinceUs: nowUs(), tooMany: null };
  }

  start(): void {
    this.loop = this.run(this.aborter.signal);
  }

  get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Sends these over the open connection. Where none is open nothing is lost: the next one asks for the instruments of now. */
  send(texts: readonly string[]): void {
    if (this.isOpen) for (const text of texts) this.socket?.send(text);
  }

  /** Ends the connection and makes a new one at once; `swap` is called between them, when nothing of the old can come. */
  replace(swap: () => void): void {
    const { socket } = this;
    if (!socket) {
      swap();
      return;
    }
    this.asked = RESUBSCRIBED;
    this.swap = swap;
    sayGoodbye(socket);
  }

  async stop(): Promise<void> {
    this.aborter.abort();
    await this.loop;
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const dial = this.protocol.dial();
      if ('missing' in dial || dial.tokenId === this.refusedTokenId) {
        const detail = 'missing' in dial ? dial.missing : this.state.detail;
        this.enter('needs_login', 'auth', detail);
        this.pipeline.openGap('auth');
        await pause(TOKEN_LOOK_MS, signal);
        continue;
      }
      this.attempts += 1;
      countAttempt(this.pipeline.feed.name);
      this.enter('connecting', this.state.cause, this.state.detail);
      const ending = await this.connect(dial.url, signal);
      if (signal.aborted) return;
      const { swap } = this;
      this.swap = null;
      // What the old connection no longer gives was not to be given any more.
      if (swap) swap();
      else this.pipeline.openGap(ending.cause);
      countDisconnect(this.pipeline.feed.name, ending.cause);
      this.log.warn({ event: 'feed_disconnected', feed: this.pipeline.feed.name, ...ending, failures: this.failures });
      if (ending.cause === 'resubscribed') continue;
      if (ending.cause === 'auth') {
        // The same token would be refused again: the next attempt waits for another one.
        this.refusedTokenId = dial.tokenId;
        this.enter('needs_login', 'auth', ending.detail);
        continue;
      }
      this.enter('backing_off', ending.cause, ending.detail, ending.tooMany);
      const waitMs = backoffMs(this.protocol.backoff, this.failures, Math.random());
      this.failures += 1;
      if (ending.cause === 'limit') await pause(Math.max(waitMs, LIMIT_WAIT_MS), signal);
      else await this.pauseForToken(waitMs, dial.tokenId, signal);
    }
  }

  /** Waits, but not where another token comes: with it the connection may stand at once. */
  private async pauseForToken(ms: number, tokenId: string, signal: AbortSignal): Promise<void> {
    const untilMs = monotonicMs() + ms;
    while (!signal.aborted) {
      const leftMs = untilMs - monotonicMs();
      if (leftMs <= 0) return;
      await pause(Math.min(leftMs, TOKEN_LOOK_MS), signal);
      const dial = this.protocol.dial();
      if ('tokenId' in dial && dial.tokenId !== tokenId) return;
    }
  }

  /** One connection from dial to end. Never throws: every end has a cause. */
  private connect(url: string, signal: AbortSignal): Promise<Ending> {
    const { pipeline, protocol, log } = this;
    const feed = pipeline.feed.name;
    const socket = new WebSocket(url, {
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      maxPayload: MAX_PAYLOAD_BYTES,
      perMessageDeflate: false,
    });
    this.socket = socket;
    return new Promise((resolve) => {
      let ending: Ending | null = null;
      let lastSignMs = monotonicMs();
      let openedMs = 0;
      let retried = false;
      let notExpectedMs = 0;
      let tokenSeenMs = lastSignMs;
      let lookedMs = lastSignMs;
      let wasHeldUp = false;

      /** Keeps the first cause: what follows from it (a reset, a close) is no other. */
      const end = (reason: Ending): void => {
        ending ??= reason;
        socket.terminate();
      };

      const watch = setInterval(() => {
        if (socket.readyState !== WebSocket.OPEN) return;
        const now = monotonicMs();
        // Timers come before sockets: judged now, a connection that is alive would be ended with all that it holds.
        wasHeldUp = now - lookedMs > HELD_UP_MS && !wasHeldUp;
        lookedMs = now;
        if (wasHeldUp) return;
        if (now - lastSignMs > protocol.deadMs) {
          end({ cause: 'silent', detail: `no sign of life for ${Math.round((now - lastSignMs) / 1000)} s` });
          return;
        }
        if (!protocol.tokenIsGone()) tokenSeenMs = now;
        else if (now - tokenSeenMs > TOKEN_GONE_MS) {
          end({ cause: 'auth', detail: 'disconnected: the token was taken away' });
          return;
        }
        if (!pipeline.dataExpected) notExpectedMs = now;
        const quietMs = now - Math.max(pipeline.lastDataMs, openedMs, notExpectedMs);
        if (quietMs > protocol.stalledMs) {
          end({ cause: 'silent', detail: `no data for ${Math.round(quietMs / 1000)} s` });
        } else if (quietMs > protocol.staleMs) {
          pipeline.openGap('silent');
          this.enter('stale', 'silent', 'connected, but no data is coming');
        } else if (pipeline.lastDataMs > openedMs) {
          this.failures = 0;
          this.enter('live', null, '');
        } else if (notExpectedMs === now) {
          this.enter('connecting', null, 'connected; no continuous trading now');
        } else if (protocol.retry && !retried && quietMs > protocol.retry.quietMs) {
          retried = true;
          for (const text of protocol.retry.texts()) socket.send(text);
          log.info({ event: 'subscribe_retried', feed });
        }
      }, WATCH_MS);

      socket.on('open', () => {
        openedMs = monotonicMs();
        lastSignMs = openedMs;
        for (const text of protocol.opening()) socket.send(text);
        log.info({ event: 'feed_connected', feed, address: addressForLog(url) });
      });
      socket.on('message', (data, isBinary) => {
        lastSignMs = monotonicMs();
        const frame = data as Buffer;
        if (!isBinary) {
          protocol.onText(frame.toString('utf8'), log);
          return;
        }
        pipeline.frame(frame);
        const farewell = protocol.farewell(frame);
        if (farewell) end(farewell);
      });
      socket.on('ping', () => {
        lastSignMs = monotonicMs();
      });
      socket.on('unexpected-response', (_request, response) => {
        end(endingOfStatus(response.statusCode ?? 0));
        response.destroy();
      });
      socket.on('error', (error) => {
        // One that is given up before it stands says so as an error.
        ending ??= this.asked ?? { cause: openedMs > 0 ? 'disconnected' : 'network', detail: error.message };
      });
      socket.on('close', (code, reason) => {
        clearInterval(watch);
        signal.removeEventListener('abort', abort);
        if (this.socket === socket) this.socket = null;
        const words = reason.length > 0 ? `: ${reason.toString('utf8')}` : '';
        resolve(ending ?? this.asked ?? { cause: 'disconnected', detail: `closed with code ${code}${words}` });
        this.asked = null;
      });
      const abort = (): void => sayGoodbye(socket);
      signal.addEventListener('abort', abort);
    });
  }

  private enter(state: FeedState, cause: GapCause | null, detail: string, tooMany: TooMany | null = null): void {
    if (this.state.state === state && this.state.cause === cause && this.state.detail === detail) return;
    this.state = { state, cause, detail, sinceUs: this.nowUs(), tooMany };
  }
}

const RESUBSCRIBED: Ending = { cause: 'resubscribed', detail: 'other instruments are asked for' };

function endingOfStatus(status: number): Ending {
  const detail = `the broker answered the handshake with HTTP ${status}`;
  if (status === 400 || status === 401 || status === 403) {
    return { cause: 'auth', detail: `${detail}: the token is not accepted. Log in again` };
  }
  if (status === 429) return { cause: 'limit', detail, tooMany: 'connections' };
  return { cause: 'network', detail };
}

function sayGoodbye(socket: WebSocket): void {
  socket.close(1000);
  setTimeout(() => socket.terminate(), GOODBYE_MS).unref();
}

/** Waits, unless the signal comes first. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
