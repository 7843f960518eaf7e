/** Sends recorded 200-level side frames to whoever connects, at a given rate. */
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { ASK, BID } from '../../lib/core/side.ts';
import { encodeDhanDepth } from '../../lib/wire/dhan-depth.ts';
import { recordBooks } from '../support/books.ts';
import { childOptions, say } from '../support/child.ts';

export interface BareExchangeOptions {
  readonly framesASecond: number;
}

const BOOKS = 200;
const NSE_FNO = 2;
const SECURITY_ID = 52_714;

const { framesASecond } = childOptions<BareExchangeOptions>();
const frames = recordBooks(BOOKS).flatMap(({ bids, asks }) => [
  encodeDhanDepth(200, NSE_FNO, SECURITY_ID, BID, bids),
  encodeDhanDepth(200, NSE_FNO, SECURITY_ID, ASK, asks),
]);
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
server.on('listening', () => say({ port: (server.address() as AddressInfo).port }));
let sent = 0;
setInterval(() => {
  for (const client of server.clients) client.send(frames[sent % frames.length] as Buffer);
  sent += 1;
}, 1000 / framesASecond);
