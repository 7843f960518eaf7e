/**
 * The exchange as Dhan's three WebSocket feeds show it: live quotes, 20 levels, 200 levels (dhanhq.co/docs/v2). Where
 * sources differ, the settings say which one is followed.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { DHAN_DEPTH_SEGMENTS, DHAN_SEGMENT_CODES, type DhanSegment } from '../lib/core/exchange.ts';
import { ASK, BID, type Side } from '../lib/core/side.ts';
import { encodeDhanDepth, encodeDhanDepthDisconnect } from '../lib/wire/dhan-depth.ts';
import { encodeDhanLiveDisconnect } from '../lib/wire/dhan-live-encode.ts';
import { DHAN_REQUEST, type DhanRequest, parseDhanRequest } from '../lib/wire/dhan-messages.ts';
import { WireError } from '../lib/wire/errors.ts';
import { depthPacket, type Packet, type PacketKind, type Series, tickPacket } from './accounting.ts';
import { Connection, type Message } from './connection.ts';
import {
  type DhanLiveMode,
  type EncodedDhanPacket,
  encodeLive,
  encodeOi,
  encodePreviousClose,
} from './dhan-packets.ts';
import { type FaceContext, track } from './face.ts';
import { isIndex, type MarketInstrument } from './market/market.ts';
import { dhanTokenType } from './tokens.ts';

export type DhanFeed = 'dhan-live' | 'dhan-depth20' | 'dhan-depth200';

/** Instruments a connection may hold, by feed. */
const INSTRUMENTS_MAX: Readonly<Record<DhanFeed, number>> = {
  'dhan-live': 5000,
  'dhan-depth20': 50,
  'dhan-depth200': 1,
};
/** Connections of one client, for each feed on its own. */
const CONNECTIONS_MAX = 5;
const PING_MS = 10_000;
/** A client that has not answered a ping for so long is cut. */
const PONG_MS = 40_000;

/** Reasons of a disconnect packet that the exchange gives by itself. */
const DHAN_REASON = {
  tooManyInstruments: 804,
  tooManyConnections: 805,
  expired: 807,
  tokenInvalid: 809,
  clientInvalid: 810,
} as const;

const REASON_OF_REFUSAL = {
  expired: DHAN_REASON.expired,
  token_invalid: DHAN_REASON.tokenInvalid,
  client_invalid: DHAN_REASON.clientInvalid,
} as const;

const LIVE_MODES: readonly DhanLiveMode[] = ['ticker', 'quote', 'full'];
const MODE_OF_REQUEST: Readonly<Record<number, DhanLiveMode>> = {
  [DHAN_REQUEST.subscribeTicker]: 'ticker',
  [DHAN_REQUEST.unsubscribeTicker]: 'ticker',
  [DHAN_REQUEST.subscribeQuote]: 'quote',
  [DHAN_REQUEST.unsubscribeQuote]: 'quote',
  [DHAN_REQUEST.subscribeFull]: 'full',
  [DHAN_REQUEST.unsubscribeFull]: 'full',
};

class DhanClient {
  /** What is subscribed, by instrument: a mode on the live feed, `depth` on the others. */
  readonly subscriptions = new Map<number, DhanLiveMode | 'depth'>();
  lastPongMs = performance.now();

  constructor(
    readonly connection: Connection,
    readonly feed: DhanFeed,
    readonly token: string,
  ) {}
}

/** One side of a book, encoded once for all who asked for it. */
interface DepthPart {
  readonly bytes: Buffer;
  readonly packet: Packet;
}

export class DhanFace {
  readonly clients = new Set<DhanClient>();
  /** `segment id` → instrument: a security id is not unique alone. */
  private readonly bySecurity = new Map<string, number>();
  private readonly pings: NodeJS.Timeout;

  constructor(private readonly context: FaceContext) {
    context.market.instruments.forEach(({ dhanSegment, dhanSecurityId }, i) => {
      this.bySecurity.set(securityKey(dhanSegment, dhanSecurityId), i);
    });
    this.pings = setInterval(() => this.ping(), PING_MS);
  }

  accept(webSocket: WebSocket, request: IncomingMessage, feed: DhanFeed, query: URLSearchParams): void {
    const { accounting, faults, tokens, settings } = this.context;
    const token = query.get('token') ?? '';
    const user = query.get('clientId') ?? '';
    const connection = new Connection(feed, user, webSocket, request.socket as Socket, accounting, faults);
    const client = new DhanClient(connection, feed, token);
    track(this.clients, client, faults, () => this.drop(client, [...client.subscriptions.keys()]));

    const refusal = token === '' ? 'token_invalid' : tokens.refuseDhan(user, token);
    if (refusal) {
      if (settings.dhanBadToken === 'reset') connection.reset();
      else this.disconnect(client, REASON_OF_REFUSAL[refusal]);
      return;
    }
    this.limitConnections(client);
    webSocket.on('pong', () => {
      client.lastPongMs = performance.now();
    });
    webSocket.on('message', (data: RawData, isBinary: boolean) => {
      // The official SDK says goodbye in binary too; nothing binary means anything here.
      if (!isBinary) this.receive(client, data.toString());
    });
  }

  /** Sends a disconnect packet with a documented reason and closes. */
  disconnect(client: DhanClient, reason: number, form = this.context.settings.dhanDisconnect): void {
    client.connection.writeBytes(
      client.feed === 'dhan-live' ? encodeDhanLiveDisconnect(reason) : encodeDhanDepthDisconnect(reason, form),
    );
    client.connection.close(1000);
  }

  /** Disconnects every connection that was made with a token, as expired. */
  expire(token: string): void {
    for (const client of this.clients) if (client.token === token) this.disconnect(client, DHAN_REASON.expired);
  }

  /** The book of this instrument is published now. */
  publishBook(instrument: number): void {
    for (const feed of ['dhan-depth20', 'dhan-depth200'] as const) {
      const parts = this.due(feed, instrument);
      if (parts.length === 0) continue;
      const shared = this.compose(feed, parts);
      for (const client of this.clients) {
        if (client.feed === feed && client.subscriptions.has(instrument)) this.deliver(client, parts, shared);
      }
      for (const { packet } of parts) this.context.accounting.settle(packet);
    }
  }

  /** A quote packet of this instrument is due on the live feed. */
  publishTick(instrument: number): void {
    for (const mode of LIVE_MODES) {
      if (!this.context.accounting.due('dhan-live', mode, instrument)) continue;
      const parts = this.livePackets(instrument, mode);
      const shared = this.compose('dhan-live', parts);
      for (const client of this.clients) {
        if (client.feed === 'dhan-live' && client.subscriptions.get(instrument) === mode) {
          this.deliver(client, parts, shared);
        }
      }
      for (const { packet } of parts) this.context.accounting.settle(packet);
    }
  }

  close(): void {
    clearInterval(this.pings);
  }

  private receive(client: DhanClient, text: string): void {
    const request = parseDhanRequest(text);
    if (request instanceof WireError) {
      this.context.log.debug({ event: 'dhan_request_unreadable', feed: client.feed, reason: request.message });
      return;
    }
    if (request.code === DHAN_REQUEST.disconnect) {
      // One public client sends this before it subscribes: only one that has something to leave is let go.
      if (client.subscriptions.size > 0) client.connection.close(1000);
      return;
    }
    if (client.feed === 'dhan-live') this.receiveLive(client, request);
    else this.receiveDepth(client, request);
  }

  private receiveLive(client: DhanClient, request: DhanRequest): void {
    const mode = MODE_OF_REQUEST[request.code];
    if (!mode) return;
    const instruments = this.find(request);
    switch (request.code) {
      case DHAN_REQUEST.subscribeTicker:
      case DHAN_REQUEST.subscribeQuote:
      case DHAN_REQUEST.subscribeFull:
        this.subscribe(client, instruments, mode);
        break;
      default:
        this.drop(
          client,
          instruments.filter((instrument) => client.subscriptions.get(instrument) === mode),
        );
    }
  }

  private receiveDepth(client: DhanClient, request: DhanRequest): void {
    // Depth exists for NSE's tradable segments only; other instruments are passed over, as nothing is ever
    // acknowledged.
    const instruments = this.find(request).filter((i) => DHAN_DEPTH_SEGMENTS.has(this.instrument(i).dhanSegment));
    switch (request.code) {
      case DHAN_REQUEST.subscribeDepth:
        this.subscribe(client, instruments, 'depth');
        if (client.feed === 'dhan-depth200' && this.context.settings.rejectAppTokens) this.cutAppToken(client);
        break;
      case DHAN_REQUEST.unsubscribeDepth:
      case DHAN_REQUEST.unsubscribeDepthPortal:
        this.drop(client, instruments);
        break;
    }
  }

  private subscribe(client: DhanClient, instruments: readonly number[], mode: DhanLiveMode | 'depth'): void {
    const { accounting, market } = this.context;
    for (const instrument of instruments) {
      const before = client.subscriptions.get(instrument);
      if (before === mode) continue;
      if (before === undefined && client.subscriptions.size >= INSTRUMENTS_MAX[client.feed]) {
        this.disconnect(client, DHAN_REASON.tooManyInstruments);
        break;
      }
      if (before !== undefined) this.drop(client, [instrument]);
      for (const kind of this.kindsOf(mode, instrument)) {
        accounting.subscribed(this.series(client.feed, kind, instrument));
      }
      client.subscriptions.set(instrument, mode);
      // The state of the moment comes at once; before a recording has begun there is none.
      if (market.published(instrument)) this.sendFirst(client, instrument, mode);
    }
    this.context.audienceChanged();
  }

  private sendFirst(client: DhanClient, instrument: number, mode: DhanLiveMode | 'depth'): void {
    const { accounting, market } = this.context;
    let parts: DepthPart[];
    if (client.feed !== 'dhan-live' || mode === 'depth') {
      parts = this.due(client.feed, instrument);
    } else {
      parts = this.livePackets(instrument, mode);
      const listed = this.instrument(instrument);
      if (isIndex(listed)) {
        parts.push(this.livePart('prev_close', instrument, encodePreviousClose(listed, market.quote(instrument))));
      }
    }
    this.deliver(client, parts, this.compose(client.feed, parts));
    for (const { packet } of parts) accounting.settle(packet);
  }

  private drop(client: DhanClient, instruments: readonly number[]): void {
    for (const instrument of instruments) {
      const mode = client.subscriptions.get(instrument);
      if (mode === undefined) continue;
      client.subscriptions.delete(instrument);
      for (const kind of this.kindsOf(mode, instrument)) {
        this.context.accounting.unsubscribed(this.series(client.feed, kind, instrument));
      }
    }
    this.context.audienceChanged();
  }

  /** Both sides of a book for a depth feed; none where nobody hears it. */
  private due(feed: DhanFeed, instrument: number): DepthPart[] {
    const { accounting, market, settings } = this.context;
    const { dhanSegment, dhanSecurityId } = this.instrument(instrument);
    const levelsMax = feed === 'dhan-depth20' ? 20 : 200;
    const padTo = levelsMax === 200 && settings.depth200Layout !== 'padded' ? 0 : levelsMax;
    const parts: DepthPart[] = [];
    for (const side of [BID, ASK] as const satisfies readonly Side[]) {
      const series = accounting.due(feed, side === BID ? 'bid' : 'ask', instrument);
      if (!series) continue;
      const levels = market.levels(instrument, side);
      parts.push({
        bytes: encodeDhanDepth(levelsMax, DHAN_SEGMENT_CODES[dhanSegment], dhanSecurityId, side, levels, padTo),
        packet: depthPacket(series, levels, levelsMax),
      });
    }
    return parts;
  }

  /** What goes out for a mode: on derivatives a quote is followed by its open interest. */
  private livePackets(instrument: number, mode: DhanLiveMode): DepthPart[] {
    const { market } = this.context;
    const listed = this.instrument(instrument);
    const quote = market.quote(instrument);
    // An index has no depth: whoever asks for everything gets its quote.
    const shown = mode === 'full' && isIndex(listed) ? 'quote' : mode;
    const main = encodeLive(shown, listed, quote, market.levels(instrument, BID), market.levels(instrument, ASK));
    const parts = [this.livePart(mode, instrument, main)];
    if (mode === 'quote' && listed.expiry !== null)
      parts.push(this.livePart('oi', instrument, encodeOi(listed, quote)));
    return parts;
  }

  private livePart(kind: PacketKind, instrument: number, { bytes, values }: EncodedDhanPacket): DepthPart {
    return { bytes, packet: tickPacket(this.series('dhan-live', kind, instrument), values) };
  }

  /**
   * Packets as messages: depth of 200 levels a message a side, everything else stacked, unless the settings say other.
   */
  private compose(feed: DhanFeed, parts: readonly DepthPart[]): Message[] {
    const { depth20Layout, depth200Layout } = this.context.settings;
    const separate =
      (feed === 'dhan-depth20' && depth20Layout === 'separate') ||
      (feed === 'dhan-depth200' && depth200Layout !== 'stacked');
    if (separate || parts.length === 1) return parts.map(({ bytes, packet }) => ({ bytes, packets: [packet] }));
    if (parts.length === 0) return [];
    return [{ bytes: Buffer.concat(parts.map(({ bytes }) => bytes)), packets: parts.map(({ packet }) => packet) }];
  }

  private deliver(client: DhanClient, parts: readonly DepthPart[], shared: readonly Message[]): void {
    const { faults } = this.context;
    let messages = shared;
    if (faults.active) {
      const heard = parts.filter(({ packet }) => !faults.silences(client.connection, packet.series));
      if (heard.length < parts.length) {
        for (const part of parts) if (!heard.includes(part)) part.packet.spoilt = 'dropped';
        messages = this.compose(client.feed, heard);
      }
    }
    for (const message of messages) client.connection.deliver(message);
  }

  private kindsOf(mode: DhanLiveMode | 'depth', instrument: number): PacketKind[] {
    if (mode === 'depth') return ['bid', 'ask'];
    return mode === 'quote' && this.instrument(instrument).expiry !== null ? ['quote', 'oi'] : [mode];
  }

  private find({ instruments }: DhanRequest): number[] {
    return instruments.flatMap(
      ({ segment, securityId }) => this.bySecurity.get(securityKey(segment, securityId)) ?? [],
    );
  }

  private series(feed: DhanFeed, kind: PacketKind, instrument: number): Series {
    return this.context.accounting.of(feed, kind, instrument);
  }

  private instrument(index: number): MarketInstrument {
    return this.context.market.instruments[index] as MarketInstrument;
  }

  /** A connection too many: the oldest of the same client and feed has to go. */
  private limitConnections(newest: DhanClient): void {
    const same = [...this.clients].filter(
      ({ feed, connection }) => feed === newest.feed && connection.user === newest.connection.user && connection.isOpen,
    );
    const [oldest] = same;
    if (oldest && same.length > CONNECTIONS_MAX) this.disconnect(oldest, DHAN_REASON.tooManyConnections);
  }

  private cutAppToken(client: DhanClient): void {
    if (dhanTokenType(client.token) === 'APP') client.connection.reset();
  }

  private ping(): void {
    const now = performance.now();
    for (const client of this.clients) {
      if (now - client.lastPongMs > PONG_MS) client.connection.reset();
      else client.connection.writeKeepAlive((webSocket) => webSocket.ping());
    }
  }
}

const securityKey = (segment: DhanSegment, securityId: number): string => `${segment} ${securityId}`;
