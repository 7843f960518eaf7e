/** A test connection to a broker's feed: does it stand, does data come, how much a second; and if not, why, in words. */
import WebSocket from 'ws';
import type { Config } from '../config/config.ts';
import type { DhanSegment } from '../core/exchange.ts';
import { DHAN_DEPTH_CODE, DhanDepthBatch, decodeDhanDepth } from '../wire/dhan-depth.ts';
import { DHAN_LIVE_CODE, DhanLiveBatch, decodeDhanLive } from '../wire/dhan-live.ts';
import { DHAN_REQUEST, dhanFlatRequest, dhanListRequest } from '../wire/dhan-messages.ts';
import { dhanReason } from '../wire/dhan-reasons.ts';
import { kiteSetMode, kiteSubscribe } from '../wire/kite-messages.ts';
import { type DhanFeedKind, dhanFeedUrl, kiteFeedUrl } from './feed-address.ts';

/** What was found: `silent` where the connection stood and no data came (a closed market, or a feed that gives none). */
export type ProbeOutcome = 'ok' | 'auth' | 'limit' | 'network' | 'silent';

export interface ProbeResult {
  readonly outcome: ProbeOutcome;
  /** In words, for a person. */
  readonly words: string;
  /** Frames of data that came, heartbeats left out. */
  readonly frames: number;
  /** How long the connection was listened to, s. */
  readonly seconds: number;
}

/** A feed, the token to use, and one instrument to ask for. */
export type ProbeTarget =
  | {
      readonly broker: 'kite';
      readonly config: Config['kite'];
      readonly accessToken: string;
      readonly kiteToken: number;
    }
  | {
      readonly broker: 'dhan';
      readonly config: Config['dhan'];
      readonly kind: DhanFeedKind;
      readonly token: { readonly accessToken: string; readonly clientId: string; readonly expiresMs: number | null };
      readonly instrument: { readonly segment: DhanSegment; readonly securityId: number };
    };

const HANDSHAKE_MS = 7000;
/** Sources disagree on the form of the 200-level subscription: without data for this long the other form is tried. */
const OTHER_FORM_MS = 4000;
const FRAME_BYTES_MAX = 2 * 1024 * 1024;
/** Kite's heartbeat is one byte; shorter than a header of Dhan's is no data either. */
const DATA_BYTES_MIN = 8;

/**
 * Connects, asks for one instrument, and counts what comes for `listenMs`. It takes one of the connections that the broker
 * allows: where all are in use, the oldest may be cut.
 *
 * @param nowMs the time, ms since the epoch, for telling an ended token from a replaced one
 */
export function probeFeed(target: ProbeTarget, listenMs: number, nowMs: () => number = Date.now): Promise<ProbeResult> {
  const socket = new WebSocket(addressOf(target), {
    handshakeTimeout: HANDSHAKE_MS,
    maxPayload: FRAME_BYTES_MAX,
    perMessageDeflate: false,
  });
  return new Promise((resolve) => {
    let frames = 0;
    let openedMs = 0;
    let ending: { outcome: ProbeOutcome; words: string } | null = null;
    const timers: NodeJS.Timeout[] = [];
    const end = (outcome: ProbeOutcome, words: string): void => {
      ending ??= { outcome, words };
      socket.terminate();
    };
    socket.on('open', () => {
      openedMs = performance.now();
      const [first, ...others] = openings(target);
      for (const text of first ?? []) socket.send(text);
      for (const texts of others) {
        const again = (): void => {
          if (frames === 0) for (const text of texts) socket.send(text);
        };
        timers.push(setTimeout(again, OTHER_FORM_MS));
      }
      timers.push(setTimeout(() => end(...summary(frames, listenMs)), listenMs));
    });
    socket.on('message', (data, isBinary) => {
      const frame = data as Buffer;
      if (!isBinary || frame.length < DATA_BYTES_MIN) return;
      const reason = farewellOf(target, frame);
      if (reason === null) frames += 1;
      else {
        const known = dhanReason(reason, target.broker === 'dhan' ? target.token.expiresMs : null, nowMs());
        end(known?.cause ?? 'network', known?.detail ?? `Dhan: disconnected with reason ${reason}`);
      }
    });
    socket.on('unexpected-response', (_request, response) => {
      end(...endingOfStatus(response.statusCode ?? 0));
      response.destroy();
    });
    socket.on('error', ({ message }) => end('network', `the feed cannot be reached: ${message}`));
    socket.on('close', (code) => {
      for (const timer of timers) clearTimeout(timer);
      const seconds = openedMs > 0 ? (performance.now() - openedMs) / 1000 : 0;
      // Dhan is known to cut without a word whom it gives no data: a token of another kind, or none of the plan.
      const { outcome, words } = ending ?? {
        outcome: 'network',
        words: `the broker closed the connection (code ${code})`,
      };
      resolve({ outcome, words, frames, seconds });
    });
  });
}

function summary(frames: number, listenMs: number): [ProbeOutcome, string] {
  const seconds = Math.round(listenMs / 1000);
  if (frames === 0) return ['silent', `connected, and no data came in ${seconds} s: is the market open?`];
  return ['ok', `${frames} frames in ${seconds} s, ${(frames / (listenMs / 1000)).toFixed(1)} a second`];
}

const addressOf = (target: ProbeTarget): string =>
  target.broker === 'kite'
    ? kiteFeedUrl(target.config, target.accessToken)
    : dhanFeedUrl(target.config, target.kind, target.token);

/** What to send first, and what to send where that brings nothing. */
function openings(target: ProbeTarget): string[][] {
  if (target.broker === 'kite') return [[kiteSubscribe([target.kiteToken]), kiteSetMode('full', [target.kiteToken])]];
  const { kind, instrument } = target;
  if (kind === 'live') return [[dhanListRequest(DHAN_REQUEST.subscribeFull, [instrument])]];
  const list = [dhanListRequest(DHAN_REQUEST.subscribeDepth, [instrument])];
  return kind === 'depth20' ? [list] : [[dhanFlatRequest(DHAN_REQUEST.subscribeDepth, instrument)], list];
}

/** Reason of a frame with which Dhan says farewell; null for any other. */
function farewellOf(target: ProbeTarget, frame: Buffer): number | null {
  if (target.broker === 'kite') return null;
  if (target.kind === 'live') {
    if (frame[0] !== DHAN_LIVE_CODE.disconnect) return null;
    const batch = new DhanLiveBatch();
    decodeDhanLive(frame, () => 1, batch);
    return batch.count > 0 ? (batch.packets[0]?.reason ?? null) : null;
  }
  if (frame[2] !== DHAN_DEPTH_CODE.disconnect) return null;
  const batch = new DhanDepthBatch();
  decodeDhanDepth(frame, 200, batch);
  return batch.count > 0 ? (batch.packets[0]?.reason ?? null) : null;
}

function endingOfStatus(status: number): [ProbeOutcome, string] {
  const words = `the broker refused the connection with HTTP ${status}`;
  if (status === 400 || status === 401 || status === 403) return ['auth', `${words}: the token is not accepted`];
  if (status === 429) return ['limit', `${words}: too many connections or attempts`];
  return ['network', words];
}
