/** The exchange as Kite's ticker WebSocket shows it (kite.trade/docs/connect/v3/websocket). */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { ASK, BID } from '../lib/core/side.ts';
import { WireError } from '../lib/wire/errors.ts';
import { encodeKiteFrame, KITE_HEARTBEAT, type KitePacket } from '../lib/wire/kite-encode.ts';
import { type KiteMode, parseKiteRequest } from '../lib/wire/kite-messages.ts';
import { type Packet, type Series, tickPacket } from './accounting.ts';
import { Connection, type Message } from './connection.ts';
import { type FaceContext, track } from './face.ts';
import { encodeIndex, encodeTick, kindOfMode } from './kite-packets.ts';
import { isIndex, type MarketInstrument } from './market/market.ts';

/** Instruments that one connection may hold. */
const TOKENS_MAX = 3000;
/**
 * A heartbeat goes out when nothing else has for this long. Official clients drop a connection after 5 s of silence.
 */
const HEARTBEAT_MS = 1000;
/** Packets in one frame: far below the 16-bit count, and a frame of full packets stays below 100 kB. */
const PACKETS_PER_FRAME = 500;

const MODES: readonly KiteMode[] = ['ltp', 'quote', 'full'];

class KiteClient {
  /** What is subscribed, by instrument. */
  readonly modes = new Map<number, KiteMode>();
  /** Tokens asked for. Those that no instrument has are never answered, but count. */
  readonly tokens = new Set<number>();

  constructor(readonly connection: Connection) {}
}

/** A packet that is due, before it is known to whom. */
interface DueTick {
  readonly instrument: number;
  readonly mode: KiteMode;
  readonly wire: KitePacket;
  readonly packet: Packet;
}

/** HTTP status with which a handshake is refused; null where it is not. */
export type Refusal = 400 | 403 | 429 | null;

export class KiteFace {
  readonly clients = new Set<KiteClient>();
  private readonly byToken = new Map<number, number>();
  private due: DueTick[] = [];
  private readonly heartbeats: NodeJS.Timeout;

  constructor(private readonly context: FaceContext) {
    context.market.instruments.forEach(({ kiteToken }, i) => {
      this.byToken.set(kiteToken, i);
    });
    this.heartbeats = setInterval(() => this.heartbeat(), HEARTBEAT_MS / 4);
  }

  /** Whether a handshake with this query is refused, and how. */
  refuse(query: URLSearchParams): Refusal {
    const apiKey = query.get('api_key');
    const accessToken = query.get('access_token');
    if (!apiKey || !accessToken) return 400;
    if (!this.context.tokens.acceptsKite(apiKey, accessToken)) return 403;
    const { kiteConnections } = this.context.settings;
    let open = 0;
    for (const { connection } of this.clients) if (connection.user === apiKey) open += 1;
    return kiteConnections > 0 && open >= kiteConnections ? 429 : null;
  }

  accept(webSocket: WebSocket, request: IncomingMessage, query: URLSearchParams): void {
    const { accounting, faults } = this.context;
    const user = query.get('api_key') ?? '';
    const connection = new Connection('kite', user, webSocket, request.socket as Socket, accounting, faults);
    const client = new KiteClient(connection);
    track(this.clients, client, faults, () => this.drop(client, [...client.modes.keys()]));
    webSocket.on('message', (data: RawData, isBinary: boolean) => {
      if (!isBinary) this.receive(client, data.toString());
    });
  }

  /** A packet of this instrument is due: made now, sent with the others of the same instant by `flush`. */
  publishTick(instrument: number): void {
    const index = isIndex(this.instrument(instrument));
    for (const mode of MODES) {
      const series = this.context.accounting.due('kite', kindOfMode(mode, index), instrument);
      if (series) this.due.push(this.make(instrument, mode, series));
    }
  }

  flush(): void {
    if (this.due.length === 0) return;
    const due = this.due;
    this.due = [];
    for (const client of this.clients) {
      this.sendTo(
        client,
        due.filter(({ instrument, mode }) => client.modes.get(instrument) === mode),
      );
    }
    for (const { packet } of due) this.context.accounting.settle(packet);
  }

  /** Cuts every connection of an api key. */
  cutUser(apiKey: string): void {
    for (const { connection } of this.clients) if (connection.user === apiKey) connection.reset();
  }

  close(): void {
    clearInterval(this.heartbeats);
  }

  private receive(client: KiteClient, text: string): void {
    const request = parseKiteRequest(text);
    if (request instanceof WireError) {
      this.context.log.debug({ event: 'kite_request_unreadable', reason: request.message });
      return;
    }
    switch (request.action) {
      case 'subscribe':
        // A bare subscription means quote mode; one that stands keeps its mode.
        this.setMode(client, this.instrumentsOf(this.admit(client, request.tokens)), 'quote');
        break;
      case 'mode':
        // The mode of a token that is not subscribed does not subscribe it.
        this.setMode(
          client,
          this.instrumentsOf(request.tokens.filter((token) => client.tokens.has(token))),
          request.mode,
        );
        break;
      case 'unsubscribe':
        for (const token of request.tokens) client.tokens.delete(token);
        this.drop(client, this.instrumentsOf(request.tokens));
        break;
    }
  }

  /** Takes in as many new tokens as the connection may hold; it is told where that is not all of them. */
  private admit({ tokens, connection }: KiteClient, asked: readonly number[]): number[] {
    const fresh = [...new Set(asked)].filter((token) => !tokens.has(token));
    const admitted = fresh.slice(0, TOKENS_MAX - tokens.size);
    for (const token of admitted) tokens.add(token);
    if (admitted.length < fresh.length) {
      const data = `Too many tokens. Max permitted is ${TOKENS_MAX} per connection.`;
      connection.writeText(JSON.stringify({ type: 'error', data }));
    }
    return admitted;
  }

  private instrumentsOf(tokens: readonly number[]): number[] {
    return tokens.flatMap((token) => this.byToken.get(token) ?? []);
  }

  private setMode(client: KiteClient, instruments: readonly number[], mode: KiteMode): void {
    const { accounting, market } = this.context;
    const first: DueTick[] = [];
    for (const instrument of instruments) {
      const before = client.modes.get(instrument);
      if (before === mode) continue;
      if (before !== undefined) accounting.unsubscribed(this.series(instrument, before));
      const series = this.series(instrument, mode);
      accounting.subscribed(series);
      client.modes.set(instrument, mode);
      // The state of the moment comes at once; before a recording has begun there is none.
      if (market.published(instrument)) first.push(this.make(instrument, mode, series));
    }
    this.sendTo(client, first);
    for (const { packet } of first) accounting.settle(packet);
    this.context.audienceChanged();
  }

  private drop(client: KiteClient, instruments: readonly number[]): void {
    for (const instrument of instruments) {
      const mode = client.modes.get(instrument);
      if (mode === undefined) continue;
      client.modes.delete(instrument);
      this.context.accounting.unsubscribed(this.series(instrument, mode));
    }
    this.context.audienceChanged();
  }

  private sendTo(client: KiteClient, ticks: readonly DueTick[]): void {
    const { faults } = this.context;
    const { connection } = client;
    let heard = ticks;
    if (faults.active) {
      heard = ticks.filter(({ packet }) => !faults.silences(connection, packet.series));
      for (const tick of ticks) if (!heard.includes(tick)) tick.packet.spoilt = 'dropped';
    }
    for (let from = 0; from < heard.length; from += PACKETS_PER_FRAME) {
      const part = heard.slice(from, from + PACKETS_PER_FRAME);
      const message: Message = {
        bytes: encodeKiteFrame(part.map(({ wire }) => wire)),
        packets: part.map(({ packet }) => packet),
      };
      connection.deliver(message);
    }
  }

  private make(instrument: number, mode: KiteMode, series: Series): DueTick {
    const { market } = this.context;
    const listed = this.instrument(instrument);
    const quote = market.quote(instrument);
    const { packet, values } = isIndex(listed)
      ? encodeIndex(mode, listed, quote, market.nowUs)
      : encodeTick(mode, listed, quote, market.levels(instrument, BID), market.levels(instrument, ASK), market.nowUs);
    return { instrument, mode, wire: packet, packet: tickPacket(series, values) };
  }

  private series(instrument: number, mode: KiteMode): Series {
    return this.context.accounting.of('kite', kindOfMode(mode, isIndex(this.instrument(instrument))), instrument);
  }

  private instrument(index: number): MarketInstrument {
    return this.context.market.instruments[index] as MarketInstrument;
  }

  private heartbeat(): void {
    const silentSince = performance.now() - HEARTBEAT_MS;
    for (const { connection } of this.clients) {
      if (connection.lastSentMs <= silentSince) {
        connection.writeKeepAlive((webSocket) => webSocket.send(KITE_HEARTBEAT, { binary: true, compress: false }));
      }
    }
  }
}
