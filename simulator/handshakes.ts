/** Refused WebSocket handshakes: by the brokers' own rules, or because a test asked for it. */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { FeedName } from './accounting.ts';

/** An HTTP status, or a handshake that succeeds and is then reset without a word. */
export type RefusalKind = number | 'reset';

/** Refusals that tests have ordered, by feed. */
export class OrderedRefusals {
  private readonly ordered = new Map<FeedName, { kind: RefusalKind; left: number }>();

  order(feed: FeedName, kind: RefusalKind, times: number): void {
    if (times === 0) this.ordered.delete(feed);
    else this.ordered.set(feed, { kind, left: times });
  }

  /** How the next handshake of this feed is refused; null where it is not. Counts down. */
  take(feed: FeedName): RefusalKind | null {
    const order = this.ordered.get(feed);
    if (!order) return null;
    order.left -= 1;
    if (order.left === 0) this.ordered.delete(feed);
    return order.kind;
  }

  list(): { feed: FeedName; kind: RefusalKind; left: number }[] {
    return [...this.ordered].map(([feed, { kind, left }]) => ({ feed, kind, left }));
  }
}

/** Answers an upgrade request with an HTTP status and closes. */
export function refuseHandshake(socket: Duplex, status: number): void {
  const text = STATUS_CODES[status] ?? 'Error';
  const body = `${status} ${text}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${text}\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}
