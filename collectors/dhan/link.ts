/** How Dhan's three feeds are connected, fed and watched (dhanhq.co/docs/v2). */
import { readDhanToken } from '../../lib/auth/tokens.ts';
import type { Config } from '../../lib/config/config.ts';
import type { FeedKind } from '../../lib/core/feeds.ts';
import type { Instrument } from '../../lib/core/instrument.ts';
import { DHAN_DEPTH_CODE, DhanDepthBatch, decodeDhanDepth } from '../../lib/wire/dhan-depth.ts';
import { DHAN_LIVE_CODE, DhanLiveBatch, decodeDhanLive } from '../../lib/wire/dhan-live.ts';
import {
  DHAN_INSTRUMENTS_PER_MESSAGE,
  DHAN_REQUEST,
  type DhanInstrumentRef,
  dhanFlatRequest,
  dhanListRequest,
} from '../../lib/wire/dhan-messages.ts';
import type { Dial, Ending, LinkProtocol } from '../connection.ts';

/** The server pings every 10 s. */
const DEAD_MS = 15_000;
const STALE_MS = 10_000;
const STALLED_MS = 30_000;
/** Sources disagree on the form of the 200-level subscription: without data for this long the other form is tried. */
const OTHER_FORM_MS = 10_000;

export type DhanKind = Exclude<FeedKind, 'ticks'>;

/** @param instruments those that the slot is to give now */
export function dhanLink(config: Config, kind: DhanKind, instruments: () => readonly Instrument[]): LinkProtocol {
  const address = { live: config.dhan.liveUrl, depth20: config.dhan.depth20Url, depth200: config.dhan.depth200Url }[
    kind
  ];
  const refsOf = (some: readonly Instrument[]): DhanInstrumentRef[] =>
    some.flatMap(({ dhanSegment: segment, dhanSecurityId: securityId }) =>
      segment === null || securityId === null ? [] : [{ segment, securityId }],
    );
  const refs = (): DhanInstrumentRef[] => refsOf(instruments());
  return {
    dial(): Dial {
      const answer = readDhanToken(config.tokenDir);
      if ('missing' in answer) return answer;
      const url = new URL(address);
      if (kind === 'live') url.searchParams.set('version', '2');
      url.searchParams.set('token', answer.token.accessToken);
      url.searchParams.set('clientId', answer.token.clientId);
      url.searchParams.set('authType', '2');
      return { url: url.href, tokenId: answer.token.accessToken };
    },
    opening: () =>
      kind === 'depth200'
        ? refs().map((ref) => dhanFlatRequest(DHAN_REQUEST.subscribeDepth, ref))
        : listRequests(kind, LIST_CODES[kind].subscribe, refs()),
    // A 200-level connection has one instrument. On the others first those that go: a full connection has no room before.
    changing: (removed, added) =>
      kind === 'depth200'
        ? null
        : [
            ...listRequests(kind, LIST_CODES[kind].unsubscribe, refsOf(removed)),
            ...listRequests(kind, LIST_CODES[kind].subscribe, refsOf(added)),
          ],
    ...(kind === 'depth200'
      ? {
          retry: {
            quietMs: OTHER_FORM_MS,
            texts: () => refs().map((ref) => dhanListRequest(DHAN_REQUEST.subscribeDepth, [ref])),
          },
        }
      : {}),
    farewell: kind === 'live' ? liveFarewell : depthFarewell,
    onText(_text, log) {
      // Dhan documents no text from the server.
      log.info({ event: 'dhan_text_ignored', kind });
    },
    deadMs: DEAD_MS,
    staleMs: STALE_MS,
    stalledMs: STALLED_MS,
    backoff: config.dhan.backoff,
  };
}

const LIST_CODES = {
  live: { subscribe: DHAN_REQUEST.subscribeFull, unsubscribe: DHAN_REQUEST.unsubscribeFull },
  depth20: { subscribe: DHAN_REQUEST.subscribeDepth, unsubscribe: DHAN_REQUEST.unsubscribeDepth },
} as const;

const listRequests = (kind: keyof typeof LIST_CODES, code: number, refs: readonly DhanInstrumentRef[]): string[] =>
  chunks(refs, DHAN_INSTRUMENTS_PER_MESSAGE[kind]).map((part) => dhanListRequest(code, part));

/** A farewell stands alone in its message and is short: other frames are not decoded for it. */
const FAREWELL_BYTES_MAX = 16;
const depthBatch = new DhanDepthBatch();
const liveBatch = new DhanLiveBatch();

function depthFarewell(frame: Buffer): Ending | null {
  if (frame.length > FAREWELL_BYTES_MAX || frame[2] !== DHAN_DEPTH_CODE.disconnect) return null;
  decodeDhanDepth(frame, 200, depthBatch);
  const packet = depthBatch.packets[0];
  return depthBatch.count === 1 && packet ? endingOfReason(packet.reason) : null;
}

function liveFarewell(frame: Buffer): Ending | null {
  if (frame.length > FAREWELL_BYTES_MAX || frame[0] !== DHAN_LIVE_CODE.disconnect) return null;
  decodeDhanLive(frame, () => 1, liveBatch);
  const packet = liveBatch.packets[0];
  return liveBatch.count === 1 && packet ? endingOfReason(packet.reason) : null;
}

/** Reasons of disconnect packets, in the words of the documents (dhanhq.co/docs/v2/annexure). */
const REASONS: Readonly<Record<number, Ending>> = {
  800: { cause: 'network', detail: 'Dhan: internal server error' },
  804: { cause: 'limit', detail: 'Dhan: more instruments than a connection may have', tooMany: 'instruments' },
  805: { cause: 'limit', detail: 'Dhan: too many connections or requests', tooMany: 'connections' },
  806: { cause: 'auth', detail: 'Dhan: the account has no data API subscription' },
  807: { cause: 'auth', detail: 'Dhan: the access token has expired' },
  808: { cause: 'auth', detail: 'Dhan: authentication failed' },
  809: { cause: 'auth', detail: 'Dhan: the access token is invalid' },
  810: { cause: 'auth', detail: 'Dhan: the client id is invalid' },
};

const endingOfReason = (reason: number): Ending =>
  REASONS[reason] ?? { cause: 'disconnected', detail: `Dhan: disconnected with reason ${reason}` };

function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}
