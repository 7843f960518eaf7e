/**
 * Misbehaviour on purpose, asked for over /control. A fault meddles with messages on their way to chosen connections;
 * it never touches the market, and whatever it does is counted apart from the good frames.
 */
import type { FeedName, PacketKind, Series } from './accounting.ts';
import type { Connection, Meddler, Message } from './connection.ts';
import { ByteThrottle } from './throttle.ts';

/** Which connections, and which of their packets. What is left out means "all". */
export interface FaultTarget {
  readonly feed?: FeedName | undefined;
  readonly connection?: number | undefined;
  readonly instrument?: number | undefined;
  readonly kind?: PacketKind | undefined;
}

export type FaultAction =
  /** Nothing at all is sent, or no data, or no signs of life (heartbeats, pings). */
  | { readonly type: 'mute'; readonly what: 'all' | 'data' | 'keepalives' }
  /** Every message is sent `copies` further times. */
  | { readonly type: 'duplicate'; readonly copies: number }
  /** Every message is held until the next one has gone before it. */
  | { readonly type: 'reorder' }
  /** Every message is cut to so many bytes; by half where none are given. */
  | { readonly type: 'truncate'; readonly bytes: number | null }
  /** Bytes trickle out at this rate, cut anywhere. */
  | { readonly type: 'slow'; readonly bytesPerSecond: number };

export interface Fault {
  readonly id: number;
  readonly target: FaultTarget;
  readonly action: FaultAction;
  /** Messages it will still meddle with; null: all, until it is cleared or its time is over. */
  left: number | null;
  /** When it ends, ms of the process's clock; null: never by itself. */
  readonly untilMs: number | null;
}

/** Faults at work at the same time; more are a mistake in a test. */
const FAULTS_MAX = 100;

export class Faults implements Meddler {
  private faults: Fault[] = [];
  private lastId = 0;
  private readonly held = new Map<Connection, Message>();
  private readonly throttles = new Map<Connection, { readonly throttle: ByteThrottle; readonly fault: Fault }>();

  constructor(private readonly connections: () => Iterable<Connection>) {}

  /** False where every message may go straight through. */
  get active(): boolean {
    return this.faults.length > 0;
  }

  list(): readonly Fault[] {
    this.expire();
    return this.faults;
  }

  /** @throws RangeError where too many are at work already. */
  add(target: FaultTarget, action: FaultAction, left: number | null, ms: number | null): Fault {
    this.expire();
    if (this.faults.length >= FAULTS_MAX) throw new RangeError(`${FAULTS_MAX} faults are at work already: clear some`);
    const untilMs = ms === null ? null : performance.now() + ms;
    const fault: Fault = { id: ++this.lastId, target, action, left, untilMs };
    this.faults.push(fault);
    if (ms !== null) setTimeout(() => this.expire(), ms + 1).unref();
    for (const connection of this.connections()) this.opened(connection);
    return fault;
  }

  /** Ends one fault, or all of them. */
  clear(id: number | null): void {
    this.keep((fault) => id !== null && fault.id !== id);
  }

  /** A connection has been made, or a fault added: what works on connections rather than messages begins. */
  opened(connection: Connection): void {
    if (this.throttles.has(connection)) return;
    for (const fault of this.faults) {
      if (fault.action.type !== 'slow' || !reaches(fault.target, connection)) continue;
      this.throttles.set(connection, {
        throttle: new ByteThrottle(connection.socket, fault.action.bytesPerSecond),
        fault,
      });
      return;
    }
  }

  closed(connection: Connection): void {
    for (const packet of this.held.get(connection)?.packets ?? []) {
      if (!packet.delivered) packet.series.injected.dropped += 1;
    }
    this.held.delete(connection);
    this.throttles.get(connection)?.throttle.stop();
    this.throttles.delete(connection);
  }

  /** Bytes of a connection that wait in a throttle. */
  heldBytes(connection: Connection): number {
    return this.throttles.get(connection)?.throttle.waitingBytes ?? 0;
  }

  /** Signs of life are held back too. */
  isMute(connection: Connection): boolean {
    return this.faults.some(
      ({ action, target }) =>
        action.type === 'mute' &&
        action.what !== 'data' &&
        target.instrument === undefined &&
        target.kind === undefined &&
        reaches(target, connection),
    );
  }

  /** Packets of this series are kept from this connection: asked before a message is put together. */
  silences(connection: Connection, series: Series): boolean {
    return this.faults.some(
      ({ action, target }) =>
        action.type === 'mute' && action.what !== 'keepalives' && reaches(target, connection) && covers(target, series),
    );
  }

  /**
   * Does to a message what the first fault that concerns it says. True where it has been dealt with; false where it is
   * to be sent as it is.
   */
  meddle(connection: Connection, message: Message): boolean {
    const fault = this.faults.find(
      ({ action, target }) =>
        action.type !== 'slow' &&
        action.type !== 'mute' &&
        reaches(target, connection) &&
        message.packets.some(({ series }) => covers(target, series)),
    );
    if (!fault) return this.release(connection, message);
    if (fault.left !== null) fault.left -= 1;
    this.apply(fault.action, connection, message);
    if (fault.left === 0) this.keep((other) => other !== fault);
    return true;
  }

  private apply(action: FaultAction, connection: Connection, message: Message): void {
    switch (action.type) {
      case 'duplicate':
        connection.write(message);
        for (let i = 0; i < action.copies; i += 1) connection.writeBytes(message.bytes);
        for (const packet of message.packets) packet.duplicates += action.copies;
        break;
      case 'reorder':
        if (!this.release(connection, message)) this.hold(connection, message);
        break;
      case 'truncate':
        connection.writeBytes(message.bytes.subarray(0, action.bytes ?? Math.floor(message.bytes.length / 2)));
        for (const packet of message.packets) packet.spoilt = 'malformed';
        break;
      case 'mute':
      case 'slow':
        // Neither works on single messages.
        break;
    }
  }

  private hold(connection: Connection, message: Message): void {
    this.held.set(connection, message);
    for (const packet of message.packets) packet.held = true;
  }

  /** Sends a held message after the one that has come now. False where none was held. */
  private release(connection: Connection, message: Message): boolean {
    const before = this.held.get(connection);
    if (!before) return false;
    this.held.delete(connection);
    connection.write(message);
    connection.write(before);
    return true;
  }

  private expire(): void {
    const now = performance.now();
    this.keep(({ untilMs }) => untilMs === null || untilMs > now);
  }

  private keep(stays: (fault: Fault) => boolean): void {
    this.faults = this.faults.filter(stays);
    for (const [connection, { throttle, fault }] of this.throttles) {
      if (this.faults.includes(fault)) continue;
      throttle.stop();
      this.throttles.delete(connection);
    }
    for (const [connection, message] of this.held) {
      const reordering = this.faults.some(
        ({ action, target }) => action.type === 'reorder' && reaches(target, connection),
      );
      if (reordering) continue;
      this.held.delete(connection);
      connection.write(message);
    }
  }
}

/** The fault's target includes this connection. */
const reaches = ({ feed, connection }: FaultTarget, other: Connection): boolean =>
  (feed === undefined || feed === other.feed) && (connection === undefined || connection === other.id);

/** The fault's target includes these packets. */
const covers = ({ instrument, kind }: FaultTarget, series: Series): boolean =>
  (instrument === undefined || instrument === series.instrument) && (kind === undefined || kind === series.kind);
