/** The live stream of one instrument, for a pane. */
import { DepthStream, type StreamHandlers } from './depth-stream.ts';

export interface LiveFeed {
  /** Tries to connect now, whatever the wait. */
  retryNow(): void;
  stop(): void;
}

/** @param origin scheme, host and port of our server; '' where a page asks */
export function followLive(origin: string, instrumentId: number, handlers: StreamHandlers): LiveFeed {
  const stream = new DepthStream(`${origin}/api/stream?instruments=${instrumentId}`, handlers);
  stream.start();
  return stream;
}
