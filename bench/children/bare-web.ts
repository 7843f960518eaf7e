/** From a Redis stream to browsers over SSE, and the page that draws it. */
import { readFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Redis } from 'ioredis';
import { childOptions, say } from '../support/child.ts';

export interface BareWebOptions {
  readonly redisUrl: string;
  readonly stream: string;
}

const { redisUrl, stream } = childOptions<BareWebOptions>();
const page = readFileSync(path.resolve(import.meta.dirname, '../browser/bare-pipeline.html'));
const clients = new Set<ServerResponse>();
const server = createServer((request, response) => {
  if (request.url !== '/stream') {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(page);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' });
  response.flushHeaders();
  response.socket?.setNoDelay(true);
  clients.add(response);
  response.on('close', () => clients.delete(response));
});
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as AddressInfo).port }));

const redis = new Redis(redisUrl);
let position = '$';
for (;;) {
  const read = (await redis.xreadBuffer('BLOCK', 1000, 'STREAMS', stream, position)) as
    | [key: Buffer, entries: [id: Buffer, fields: Buffer[]][]][]
    | null;
  for (const [id, [, bytes]] of read?.[0]?.[1] ?? []) {
    position = id.toString('latin1');
    const event = `data: ${(bytes as Buffer).toString('base64')}\n\n`;
    for (const client of clients) client.write(event);
  }
}
