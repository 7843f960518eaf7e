/** One WebSocket of a client, and the only way bytes reach it. */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Accounting, FeedName, Packet } from './accounting.ts';

/**
 * A client that reads nothing is cut when this much waits for it: at 5 instruments × 40 frames/s that is two minutes,
 * and no reader that works falls so far behind. A recording waits for its readers long before.
 */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;

/** A message ready for the socket, and the packets in it. */
export interface Message {
  readonly bytes: Buffer;
  readonly packets: readonly Packet[];
}

/** What stands between the exchange and its clients, and may do harm to what passes (faults.ts). */
export interface Meddler {
  /** True while any fault is on. */
  readonly active: boolean;
  /** Bytes that are held back from this connection. */
  heldBytes(connection: Connection): number;
  /** True where this connection is not even to know that it lives. */
  isMute(connection: Connection): boolean;
  /** Deals with a message in its own way; false where it is to go its usual way. */
  meddle(connection: Connection, message: Message): boolean;
}

let lastId = 0;

export class Connection {
  readonly id = ++lastId;
  readonly openedMs = Date.now();
  messages = 0;
  bytes = 0;
  /** The last good message of market data, for faults that repeat it. */
  last: Message | null = null;
  /** When anything was last sent, ms of the process's clock: heartbeats are for silence only. */
  lastSentMs = performance.now();

  constructor(
    readonly feed: FeedName,
    /** Who connected: the Kite api key or the Dhan client id. */
    readonly user: string,
    readonly webSocket: WebSocket,
    readonly socket: Socket,
    private readonly accounting: Accounting,
    private readonly faults: Meddler,
  ) {
    webSocket.on('ping', (data) => this.writeKeepAlive(() => webSocket.pong(data)));
  }

  get isOpen(): boolean {
    return this.webSocket.readyState === this.webSocket.OPEN;
  }

  /** Bytes handed over that the client has not taken yet. */
  get waitingBytes(): number {
    return this.webSocket.bufferedAmount + this.faults.heldBytes(this);
  }

  /** Sends market data: faults may happen to it, and accounting hears of it. */
  deliver(message: Message): void {
    if (this.faults.active && this.faults.meddle(this, message)) return;
    this.write(message);
  }

  /** Sends market data as it is. */
  write(message: Message): void {
    if (!this.writeBytes(message.bytes)) return;
    this.last = message;
    for (const packet of message.packets) this.accounting.delivered(packet);
  }

  /** Sends bytes that are no market data, or no longer any. False where the connection does not take them. */
  writeBytes(bytes: Buffer): boolean {
    if (!this.isOpen) return false;
    if (this.waitingBytes > WAITING_BYTES_MAX) {
      this.reset();
      return false;
    }
    this.messages += 1;
    this.bytes += bytes.length;
    this.lastSentMs = performance.now();
    this.webSocket.send(bytes, BINARY);
    return true;
  }

  /** Sends what shows only that the connection lives; silence on purpose covers it too. */
  writeKeepAlive(write: (webSocket: WebSocket) => void): void {
    if (!this.isOpen || this.faults.isMute(this)) return;
    this.lastSentMs = performance.now();
    write(this.webSocket);
  }

  writeText(text: string): void {
    if (!this.isOpen) return;
    this.lastSentMs = performance.now();
    this.webSocket.send(text);
  }

  close(code: number, reason = ''): void {
    this.webSocket.close(code, reason);
  }

  /** Ends the connection as a crashed peer does: TCP reset, no close frame, what was under way is lost. */
  reset(): void {
    this.socket.resetAndDestroy();
  }
}

const BINARY = { binary: true, compress: false } as const;
