/** What both brokers' faces are built from. */
import type { Log } from '../lib/obs/log.ts';
import type { Accounting } from './accounting.ts';
import type { Connection } from './connection.ts';
import type { Faults } from './faults.ts';
import type { Logins } from './logins.ts';
import type { Market } from './market/market.ts';
import type { Settings } from './settings.ts';
import type { TokenStore } from './tokens.ts';

/** The parts of the exchange that a face needs. */
export interface FaceContext {
  readonly market: Market;
  readonly accounting: Accounting;
  readonly faults: Faults;
  readonly tokens: TokenStore;
  readonly settings: Settings;
  readonly logins: Logins;
  readonly log: Log;
  /** Somebody subscribed or left: a recording may begin, or pause. */
  readonly audienceChanged: () => void;
}

/** Adds to a connection set and takes it out again when it closes. */
export function track<T extends { readonly connection: Connection }>(
  clients: Set<T>,
  client: T,
  faults: Faults,
  closed: () => void,
): void {
  const { webSocket } = client.connection;
  clients.add(client);
  faults.opened(client.connection);
  webSocket.on('close', () => {
    clients.delete(client);
    faults.closed(client.connection);
    closed();
  });
}
