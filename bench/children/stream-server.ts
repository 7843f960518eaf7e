/** Serves one instrument's book to many clients over SSE, our way or as JSON made for each, at a given rate. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { SideEncoder } from '../../lib/book/messages.ts';
import { ASK, BID, type SideLevels } from '../../lib/core/side.ts';
import { StreamClients, startEventStream } from '../../lib/services/stream-clients.ts';
import { type Book, recordBooks } from '../support/books.ts';
import { childOptions, say } from '../support/child.ts';
import { ownCpuSeconds } from '../support/cpu.ts';

export interface StreamServerOptions {
  readonly form: 'delta' | 'json';
  /** Books published; the first goes to every client as a whole, before anything is measured. */
  readonly updates: number;
  readonly updatesASecond: number;
}

export interface StreamServed {
  readonly cpuS: number;
  /** Bytes that one client was sent, all framing included. */
  readonly bytesAClient: number;
}

const INSTRUMENT = 1;
const START_US = 1_752_812_105_000_000;
const BOOK_US = 203_000;

/** Takes in clients, and publishes one book to all of them. */
interface Publisher {
  add(response: ServerResponse): void;
  publish(book: Book, stampUs: number): void;
}

function deltaPublisher(): Publisher {
  const encoders = [new SideEncoder(INSTRUMENT, BID), new SideEncoder(INSTRUMENT, ASK)] as const;
  const clients = new StreamClients(() => ({
    snapshot: () => encoders.filter(({ state }) => state.known).map((encoder) => encoder.whole()),
  }));
  return {
    add(response) {
      const socket = startEventStream(response);
      if (socket) clients.add(socket, [INSTRUMENT], '');
    },
    publish({ bids, asks }, stampUs) {
      clients.send(INSTRUMENT, encoders[BID].next(bids, stampUs, stampUs));
      clients.send(INSTRUMENT, encoders[ASK].next(asks, stampUs, stampUs));
    },
  };
}

function jsonPublisher(): Publisher {
  const clients: ServerResponse[] = [];
  const levelsOf = ({ count, prices, quantities, orders }: SideLevels): object[] =>
    Array.from({ length: count }, (_, i) => ({
      price: (prices[i] as number) / 100,
      quantity: quantities[i],
      orders: orders[i],
    }));
  return {
    add(response) {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' });
      response.flushHeaders();
      clients.push(response);
    },
    publish({ bids, asks }, stampUs) {
      const book = { timestamp: stampUs, bids: levelsOf(bids), asks: levelsOf(asks) };
      for (const client of clients) client.write(`data: ${JSON.stringify(book)}\n\n`);
    },
  };
}

const { form, updates, updatesASecond } = childOptions<StreamServerOptions>();
const books = recordBooks(updates);
const publisher = form === 'delta' ? deltaPublisher() : jsonPublisher();
const responses: ServerResponse[] = [];
const server = createServer((_, response) => {
  responses.push(response);
  publisher.add(response);
});
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as AddressInfo).port }));

process.once('message', () => void serve());

async function serve(): Promise<void> {
  const bytesOf = (): number => responses[0]?.socket?.bytesWritten ?? 0;
  const bytesFrom = bytesOf();
  const cpuFrom = ownCpuSeconds();
  const from = performance.now();
  for (const [i, book] of books.entries()) {
    await delay(Math.max(0, from + (i * 1000) / updatesASecond - performance.now()));
    publisher.publish(book, START_US + i * BOOK_US);
  }
  // What the last book has started is still to be written.
  await delay(1000 / updatesASecond);
  say({ cpuS: ownCpuSeconds() - cpuFrom, bytesAClient: bytesOf() - bytesFrom } satisfies StreamServed);
}
