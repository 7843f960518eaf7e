/** Makes a socket trickle: bytes leave at a given rate, cut wherever the rate cuts them. */
import type { Socket } from 'node:net';

const INTERVAL_MS = 50;

/**
 * Stands between a WebSocket and its socket by taking the socket's `write`: everything, signs of life and farewells
 * too, goes through one queue, so that the order of bytes stays what it was.
 */
export class ByteThrottle {
  waitingBytes = 0;
  private readonly queue: Buffer[] = [];
  private readonly timer: NodeJS.Timeout;
  private readonly bytesPerTurn: number;
  private readonly direct: Socket['write'];

  constructor(
    private readonly socket: Socket,
    bytesPerSecond: number,
  ) {
    this.bytesPerTurn = Math.max(1, Math.round((bytesPerSecond * INTERVAL_MS) / 1000));
    this.direct = socket.write;
    // The callback, where there is one, is the last argument; "written" means "taken" here as with any buffered socket.
    const write = (data: Uint8Array | string, ...rest: unknown[]): boolean => {
      const bytes = Buffer.from(data);
      this.queue.push(bytes);
      this.waitingBytes += bytes.length;
      const done = rest.at(-1);
      if (typeof done === 'function') process.nextTick(done);
      return true;
    };
    socket.write = write as Socket['write'];
    this.timer = setInterval(() => this.trickle(this.bytesPerTurn), INTERVAL_MS);
  }

  /** Sends what waits at once and gives the socket back. */
  stop(): void {
    clearInterval(this.timer);
    this.trickle(this.waitingBytes);
    this.socket.write = this.direct;
  }

  private trickle(bytes: number): void {
    let left = bytes;
    while (left > 0) {
      const first = this.queue.shift();
      if (!first) return;
      const part = first.subarray(0, left);
      if (part.length < first.length) this.queue.unshift(first.subarray(part.length));
      this.waitingBytes -= part.length;
      left -= part.length;
      if (!this.socket.destroyed) this.direct.call(this.socket, part);
    }
  }
}
