/** A test connection to a feed: the handshake with today's token, and whether it stands for a moment. */
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import { readDhanToken, readKiteToken } from '../../../lib/auth/tokens.ts';
import type { Config } from '../../../lib/config/config.ts';
import type { FeedKind } from '../../../lib/core/feeds.ts';
import type { GapCause } from '../../../lib/core/gap.ts';
import { dhanFeedUrl, kiteFeedUrl } from '../../../lib/net/feed-address.ts';

export interface FeedLook {
  /** Null where the connection stood. */
  readonly cause: GapCause | null;
  readonly detail: string;
}

const HANDSHAKE_MS = 7000;
/** A connection that stands for so long was not refused: Dhan refuses a token only after its handshake. */
const STANDS_MS = 1500;

/** Connects, waits, and closes. Never throws: every end has a cause. */
export async function feedLook(kind: FeedKind, config: Config): Promise<FeedLook> {
  const address = addressOf(kind, config);
  if ('missing' in address) return { cause: 'auth', detail: address.missing };
  const socket = new WebSocket(address.url, { handshakeTimeout: HANDSHAKE_MS, perMessageDeflate: false });
  const ended = new Promise<FeedLook>((resolve) => {
    socket.on('unexpected-response', (_request, response) => {
      resolve(lookOfStatus(response.statusCode ?? 0));
      response.destroy();
      socket.terminate();
    });
    socket.on('error', (error: NodeJS.ErrnoException) =>
      resolve({
        cause: 'network',
        detail: `the broker could not be reached (${error.code ?? 'no handshake in time'})`,
      }),
    );
    socket.on('close', () => resolve({ cause: 'auth', detail: 'the broker closed the connection at once' }));
  });
  const stood = new Promise<FeedLook>((resolve) => {
    socket.on('open', () => {
      void delay(STANDS_MS).then(() => resolve({ cause: null, detail: 'the connection stands' }));
    });
  });
  const look = await Promise.race([ended, stood]);
  socket.terminate();
  return look;
}

function addressOf(kind: FeedKind, { tokenDir, kite, dhan }: Config): { url: string } | { missing: string } {
  if (kind === 'ticks') {
    const answer = readKiteToken(tokenDir);
    return 'missing' in answer ? answer : { url: kiteFeedUrl(kite, answer.token.accessToken) };
  }
  const answer = readDhanToken(tokenDir);
  return 'missing' in answer ? answer : { url: dhanFeedUrl(dhan, kind, answer.token) };
}

function lookOfStatus(status: number): FeedLook {
  const detail = `the broker answered with status ${status}`;
  if (status === 400 || status === 401 || status === 403) return { cause: 'auth', detail };
  return { cause: status === 429 ? 'limit' : 'network', detail };
}
