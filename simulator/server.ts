/** The exchange's one port: which request and which WebSocket belongs to which face. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocketServer } from 'ws';
import type { Log } from '../lib/obs/log.ts';
import type { FeedName } from './accounting.ts';
import type { DhanFace, DhanFeed } from './dhan-face.ts';
import { type OrderedRefusals, refuseHandshake } from './handshakes.ts';
import { BadRequest, sendJson } from './http.ts';
import type { KiteFace } from './kite-face.ts';

/** The exchange is for this machine only. */
const HOST = '127.0.0.1';
/** A subscription of 3,000 tokens takes 33 kB. */
const MESSAGE_BYTES_MAX = 1024 * 1024;
/** Going away. */
const CLOSE_GOING_AWAY = 1001;
/** Clients that do not answer the farewell are cut after this. */
const CLOSE_WAIT_MS = 300;

/**
 * Pongs are sent by the connection, which may have been told to say nothing. (The option is missing in the types of
 * ws.)
 */
const WEB_SOCKETS: ServerOptions & { readonly autoPong: boolean } = {
  noServer: true,
  clientTracking: true,
  perMessageDeflate: false,
  maxPayload: MESSAGE_BYTES_MAX,
  autoPong: false,
};

/** Answers a request; false where it is not its business. */
export type Route = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  query: URLSearchParams,
) => Promise<boolean> | boolean;

export interface ServerParts {
  readonly kite: KiteFace;
  readonly dhan: DhanFace;
  readonly refusals: OrderedRefusals;
  readonly routes: readonly Route[];
  readonly log: Log;
}

export class ExchangeServer {
  private readonly http: Server;
  private readonly webSockets = new WebSocketServer(WEB_SOCKETS);

  constructor(private readonly parts: ServerParts) {
    this.http = createServer((request, response) => void this.answer(request, response));
    this.http.on('upgrade', (request, socket, head) => this.upgrade(request, socket, head));
  }

  /** Starts listening and returns the address. Rejects where the port is taken. */
  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      const failed = (error: NodeJS.ErrnoException): void => {
        const taken = error.code === 'EADDRINUSE';
        reject(taken ? new Error(`port ${port} on ${HOST} is taken`, { cause: error }) : error);
      };
      this.http.once('error', failed);
      this.http.listen(port, HOST, () => {
        this.http.off('error', failed);
        resolve();
      });
    });
    return `http://${HOST}:${(this.http.address() as AddressInfo).port}`;
  }

  /** Says goodbye to every client and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.http.close(() => resolve()));
    for (const client of this.webSockets.clients) client.close(CLOSE_GOING_AWAY);
    const cut = setTimeout(() => {
      for (const client of this.webSockets.clients) client.terminate();
      this.http.closeAllConnections();
    }, CLOSE_WAIT_MS);
    this.http.closeIdleConnections();
    await closed;
    clearTimeout(cut);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = targetOf(request);
    if (!target) {
      sendJson(response, 400, { error: 'the address cannot be read' });
      return;
    }
    const { pathname, searchParams } = target;
    try {
      for (const route of this.parts.routes) {
        if (await route(request, response, pathname, searchParams)) return;
      }
      this.parts.log.info({ event: 'nothing_answers', method: request.method, path: pathname });
      sendJson(response, 404, { error: `nothing answers ${request.method} ${pathname}` });
    } catch (error) {
      if (error instanceof BadRequest) {
        sendJson(response, error.status, { error: error.message });
        return;
      }
      this.parts.log.error({ event: 'request_failed', path: pathname, err: error });
      if (!response.headersSent) sendJson(response, 500, { error: 'the exchange failed to answer; its log says why' });
      else response.destroy();
    }
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = targetOf(request);
    if (!target) {
      refuseHandshake(socket, 400);
      return;
    }
    const { pathname, searchParams } = target;
    const { kite, dhan, refusals, log } = this.parts;
    const feed = feedOf(pathname, searchParams);
    const ordered = refusals.take(feed);
    const refusal = ordered ?? (feed === 'kite' ? kite.refuse(searchParams) : null);
    if (typeof refusal === 'number') {
      log.info({ event: 'handshake_refused', feed, status: refusal, ordered: ordered !== null });
      refuseHandshake(socket, refusal);
      return;
    }
    socket.on('error', (error) => log.debug({ event: 'socket_failed', feed, reason: error.message }));
    this.webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', (error) => log.debug({ event: 'client_failed', feed, reason: error.message }));
      if (refusal === 'reset') {
        (request.socket as Socket).resetAndDestroy();
        return;
      }
      if (feed === 'kite') kite.accept(webSocket, request, searchParams);
      else dhan.accept(webSocket, request, feed, searchParams);
    });
  }
}

/** Path and query that were asked for; null where they are none. */
function targetOf({ url = '/' }: IncomingMessage): URL | null {
  const address = `http://${HOST}${url}`;
  return URL.canParse(address) ? new URL(address) : null;
}

/** Which feed an upgrade request asks for: Dhan's by their path or parameters, everything else is Kite's. */
function feedOf(path: string, query: URLSearchParams): FeedName {
  if (query.has('api_key') || query.has('access_token')) return 'kite';
  const dhanPath = path.startsWith('/dhan/') ? path.slice('/dhan'.length) : path;
  const dhan = dhanFeedOf(dhanPath, query);
  if (dhan) return dhan;
  return path.startsWith('/dhan/') ? 'dhan-live' : 'kite';
}

function dhanFeedOf(path: string, query: URLSearchParams): DhanFeed | null {
  if (path.startsWith('/twentydepth')) return 'dhan-depth20';
  if (path.startsWith('/depth200') || path.startsWith('/twohundreddepth')) return 'dhan-depth200';
  if (path.startsWith('/live') || query.get('version') === '2') return 'dhan-live';
  // Without a version and at the root it is the 200-level feed, as the official SDK asks for it.
  return query.has('clientId') ? 'dhan-depth200' : null;
}
