/** How a Kite ticker connection is made, fed and watched (kite.trade/docs/connect/v3/websocket). */
import { isGone, readKiteToken } from '../../lib/auth/tokens.ts';
import type { Config } from '../../lib/config/config.ts';
import type { Instrument } from '../../lib/core/instrument.ts';
import { kiteFeedUrl } from '../../lib/net/feed-address.ts';
import type { Log } from '../../lib/obs/log.ts';
import { WireError } from '../../lib/wire/errors.ts';
import { kiteSetMode, kiteSubscribe, kiteUnsubscribe, parseKiteNotice } from '../../lib/wire/kite-messages.ts';
import type { Dial, LinkProtocol } from '../connection.ts';

/** Kite sends a heartbeat every second where there is nothing else: five missing are no accident. */
const DEAD_MS = 5000;
const STALE_MS = 10_000;
const STALLED_MS = 30_000;

/** @param instruments those that the slot is to give now */
export function kiteLink(config: Config, instruments: () => readonly Instrument[]): LinkProtocol {
  const tokensOf = (some: readonly Instrument[]): number[] =>
    some.flatMap(({ kiteToken }) => (kiteToken === null ? [] : [kiteToken]));
  // A bare subscribe gives quote mode, by what Kite's staff say; the mode is always said.
  const subscribe = (tokens: readonly number[]): string[] => [kiteSubscribe(tokens), kiteSetMode('full', tokens)];
  return {
    dial(): Dial {
      const answer = readKiteToken(config.tokenDir);
      if ('missing' in answer) return answer;
      const { accessToken, writtenMs } = answer.token;
      // A further login may give the same token: it is tried again all the same.
      return { url: kiteFeedUrl(config.kite, accessToken), tokenId: `${accessToken} ${writtenMs}` };
    },
    tokenIsGone: () => isGone(readKiteToken(config.tokenDir)),
    opening: () => subscribe(tokensOf(instruments())),
    // First those that go: a full connection has no room before.
    changing: (removed, added) => [
      ...(removed.length > 0 ? [kiteUnsubscribe(tokensOf(removed))] : []),
      ...(added.length > 0 ? subscribe(tokensOf(added)) : []),
    ],
    farewell: () => null,
    onText(text: string, log: Log): void {
      const notice = parseKiteNotice(text);
      if (notice instanceof WireError) log.warn({ event: 'kite_text_unreadable', reason: notice.message });
      else if (notice.type === 'error') log.warn({ event: 'kite_error', data: notice.data });
      else if (notice.type === 'message') log.info({ event: 'kite_message', data: notice.data });
    },
    deadMs: DEAD_MS,
    staleMs: STALE_MS,
    stalledMs: STALLED_MS,
    backoff: config.kite.backoff,
  };
}
