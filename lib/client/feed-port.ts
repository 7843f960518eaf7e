/**
 * What goes over the port between who follows an instrument and the hub that has the connection: the events of a stream one way,
 * the wish to try again the other. A port can be sent to a worker, which cannot reach a SharedWorker by itself.
 */

import type { Connection } from '../heatmap/page-state.ts';
import type { StreamHandlers } from './depth-stream.ts';
import { asProblem } from './problem.ts';
import type { Hello, SignalEvent, StreamStatus } from './stream-events.ts';
import type { Follower } from './stream-hub.ts';

type FeedEvent =
  | { readonly type: 'hello'; readonly hello: Hello }
  | { readonly type: 'messages'; readonly bytes: Uint8Array }
  | { readonly type: 'status'; readonly status: StreamStatus }
  | { readonly type: 'signals'; readonly event: SignalEvent }
  | { readonly type: 'connection'; readonly connection: Connection };

const RETRY = 'retry';

/** The hub's end. */
export function followerOn(port: MessagePort, instrumentId: number, signals: boolean): Follower {
  const send = (event: FeedEvent): void => port.postMessage(event);
  return {
    instrumentId,
    onHello: (hello) => send({ type: 'hello', hello }),
    onMessages: (bytes) => send({ type: 'messages', bytes }),
    onStatus: (status) => send({ type: 'status', status }),
    onConnection: (connection) => send({ type: 'connection', connection }),
    ...(signals ? { onSignals: (event: SignalEvent) => send({ type: 'signals', event }) } : {}),
  };
}

/** At the hub's end: calls when the follower wants to try again. */
export function onRetry(port: MessagePort, retry: () => void): void {
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data === RETRY) retry();
  };
}

/** The follower's end. What it cannot read is told as a refusal, and nothing more is taken until it begins anew. */
export function listenOn(port: MessagePort, handlers: StreamHandlers): { retryNow(): void; stop(): void } {
  let broken = false;
  port.onmessage = ({ data }: MessageEvent<FeedEvent>) => {
    if (data.type === 'hello') broken = false;
    if (broken) return;
    try {
      take(data, handlers);
    } catch (error) {
      broken = true;
      console.error('stream_unreadable', error);
      const { detail } = asProblem(error);
      handlers.onConnection({ kind: 'refused', detail: `The stream could not be read: ${detail}.` });
    }
  };
  return {
    retryNow: () => port.postMessage(RETRY),
    stop: () => port.close(),
  };
}

function take(event: FeedEvent, handlers: StreamHandlers): void {
  switch (event.type) {
    case 'hello':
      handlers.onHello(event.hello);
      break;
    case 'messages':
      handlers.onMessages(event.bytes);
      break;
    case 'status':
      handlers.onStatus(event.status);
      break;
    case 'signals':
      handlers.onSignals?.(event.event);
      break;
    case 'connection':
      handlers.onConnection(event.connection);
      break;
  }
}
