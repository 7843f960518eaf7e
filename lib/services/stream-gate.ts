/**
 * Who may listen to the live stream, and for how long: a stream outlives the request that began it, so it is asked again and
 * again whether its session or key is still in force.
 */
import type { Socket } from 'node:net';
import type { Log } from '../obs/log.ts';
import { type Caller, callersGone } from './access.ts';
import { RequestError } from './errors.ts';
import { addressOf } from './request-facts.ts';

const CHECK_MS = 2000;
const STREAMS_OF_CALLER_MAX = 10;
const STREAMS_OF_ADDRESS_MAX = 30;
/** When to ask again after 429, s. Streams end when tabs are closed: no time is right. */
const RETRY_AFTER_S = 5;

export class StreamGate {
  private readonly counts = new Map<string, number>();
  private readonly watched = new Map<Socket, Caller>();
  private readonly timer: NodeJS.Timeout;
  private checking = false;

  constructor(private readonly log: Log) {
    this.timer = setInterval(() => void this.check(), CHECK_MS);
  }

  /**
   * Counts a stream that is about to begin. The demo's are not counted: all are of who sits at this machine.
   *
   * @returns what counts it off again
   * @throws RequestError 429
   */
  enter(caller: Caller, headers: Headers): () => void {
    if (caller.via === 'demo') return () => undefined;
    const who = caller.personId === null ? `key ${caller.keyId}` : `person ${caller.personId}`;
    const address = `address ${addressOf(headers)}`;
    if (this.count(who) >= STREAMS_OF_CALLER_MAX) throw tooMany(`You have ${STREAMS_OF_CALLER_MAX} live streams open`);
    if (this.count(address) >= STREAMS_OF_ADDRESS_MAX) {
      throw tooMany(`${STREAMS_OF_ADDRESS_MAX} live streams are open from your address`);
    }
    for (const name of [who, address]) this.counts.set(name, this.count(name) + 1);
    return () => {
      for (const name of [who, address]) {
        const left = this.count(name) - 1;
        if (left > 0) this.counts.set(name, left);
        else this.counts.delete(name);
      }
    };
  }

  /** Ends the stream when its caller's session or key is in force no more. */
  watch(caller: Caller, socket: Socket): void {
    if (caller.via === 'demo') return;
    this.watched.set(socket, caller);
    socket.once('close', () => this.watched.delete(socket));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private count(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  private async check(): Promise<void> {
    if (this.checking || this.watched.size === 0) return;
    this.checking = true;
    try {
      const gone = await callersGone([...new Set(this.watched.values())]);
      for (const [socket, caller] of this.watched) {
        if (!gone.has(caller)) continue;
        socket.end('event: auth\ndata: {"reason":"signed_out"}\n\n');
        this.watched.delete(socket);
      }
    } catch (error) {
      // Without its database nobody can be let in anew either; who is inside is asked again at the next turn.
      this.log.warn({ event: 'streams_unchecked', err: error });
    } finally {
      this.checking = false;
    }
  }
}

const tooMany = (what: string): RequestError =>
  new RequestError(429, 'Too many streams', `${what}. Close a tab first.`, RETRY_AFTER_S);
