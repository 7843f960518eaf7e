/** The live stream of one instrument, for a pane. All panes of a browser share one connection (shared-stream.ts). */
import type { StreamHandlers } from './depth-stream.ts';
import { listenOn } from './feed-port.ts';
import { openFeed } from './shared-stream.ts';

export interface LiveFeed {
  /** Tries to connect now, whatever the wait. */
  retryNow(): void;
  stop(): void;
}

/**
 * Signals, of all instruments, come to who has `onSignals`.
 *
 * @param origin scheme, host and port of our server; '' where a page asks
 */
export function followLive(origin: string, instrumentId: number, handlers: StreamHandlers): LiveFeed {
  const { port, end } = openFeed(origin, instrumentId, handlers.onSignals !== undefined);
  const { retryNow, stop } = listenOn(port, handlers);
  return {
    retryNow,
    stop() {
      stop();
      end();
    },
  };
}
