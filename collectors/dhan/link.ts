/** How Dhan's three feeds are connected, fed and watched (dhanhq.co/docs/v2). */
import { type DhanToken, isGone, readDhanToken } from '../../lib/auth/tokens.ts';
import type { Config } from '../../lib/config/config.ts';
import type { FeedKind } from '../../lib/core/feeds.ts';
import type { Instrument } from '../../lib/core/instrument.ts';
import { dhanFeedUrl } from '../../lib/net/feed-address.ts';
import type { TooMany } from '../../lib/queue/status.ts';
import { DHAN_DEPTH_CODE, DhanDepthBatch, decodeDhanDepth } from '../../lib/wire/dhan-depth.ts';
import { DHAN_LIVE_CODE, DhanLiveBatch, decodeDhanLive } from '../../lib/wire/dhan-live.ts';
import {
  DHAN_INSTRUMENTS_PER_MESSAGE,
  DHAN_REQUEST,
  type DhanInstrumentRef,
  dhanFlatRequest,
  dhanListRequest,
} from '../../lib/wire/dhan-messages.ts';
import { dhanReason } from '../../lib/wire/dhan-reasons.ts';
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
  let dialled: DhanToken | null = null;
  const refsOf = (some: readonly Instrument[]): DhanInstrumentRef[] =>
    some.flatMap(({ dhanSegment: segment, dhanSecurityId: securityId }) =>
      segment === null || securityId === null ? [] : [{ segment, securityId }],
    );
  const refs = (): DhanInstrumentRef[] => refsOf(instruments());
  return {
    dial(): Dial {
      const answer = readDhanToken(config.tokenDir);
      if ('missing' in answer) return answer;
      dialled = answer.token;
      const { accessToken, writtenMs } = answer.token;
      return { url: dhanFeedUrl(config.dhan, kind, answer.token), tokenId: `${accessToken} ${writtenMs}` };
    },
    tokenIsGone: () => isGone(readDhanToken(config.tokenDir)),
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
    farewell(frame) {
      const reason = kind === 'live' ? liveFarewell(frame) : depthFarewell(frame);
      return reason === null ? null : endingOfReason(reason, dialled);
    },
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

function depthFarewell(frame: Buffer): number | null {
  if (frame.length > FAREWELL_BYTES_MAX || frame[2] !== DHAN_DEPTH_CODE.disconnect) return null;
  decodeDhanDepth(frame, 200, depthBatch);
  const packet = depthBatch.packets[0];
  return depthBatch.count === 1 && packet ? packet.reason : null;
}

function liveFarewell(frame: Buffer): number | null {
  if (frame.length > FAREWELL_BYTES_MAX || frame[0] !== DHAN_LIVE_CODE.disconnect) return null;
  decodeDhanLive(frame, () => 1, liveBatch);
  const packet = liveBatch.packets[0];
  return liveBatch.count === 1 && packet ? packet.reason : null;
}

/** What was too many, of the reasons that say so. */
const TOO_MANY: Readonly<Record<number, TooMany>> = { 804: 'instruments', 805: 'connections' };

function endingOfReason(reason: number, token: DhanToken | null): Ending {
  const meant = dhanReason(reason, token?.expiresMs ?? null, Date.now());
  if (!meant) return { cause: 'disconnected', detail: `Dhan: disconnected with reason ${reason}` };
  const tooMany = TOO_MANY[reason];
  return tooMany ? { ...meant, tooMany } : meant;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}
