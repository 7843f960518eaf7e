/**
 * The page's way to the connection that all tabs share. Where the browser has no SharedWorker (Chrome on Android had none for
 * long), or it does not start, the page has a hub and a connection of its own, which its panes share.
 */
import type { FromHub, ToHub } from './hub-tabs.ts';

export interface FeedPort {
  /** To be listened on by `listenOn`, here or in a worker that it was sent to. */
  readonly port: MessagePort;
  /** Ends the feed, wherever its port is. */
  end(): void;
}

/** A SharedWorker that has not answered by then will not, ms. */
const READY_MS = 10_000;

let hub: Promise<MessagePort> | null = null;
let feeds = 0;

/**
 * @param origin scheme, host and port of our server, for a hub of one's own; '' where a page asks
 * @param signals whether signals, of all instruments, are wanted too
 */
export function openFeed(origin: string, instrumentId: number, signals = false): FeedPort {
  const { port1, port2 } = new MessageChannel();
  feeds += 1;
  const id = feeds;
  hub ??= joinHub(origin);
  const joined = hub;
  void joined.then((port) => port.postMessage({ type: 'follow', id, instrumentId, signals } satisfies ToHub, [port2]));
  return {
    port: port1,
    end: () => void joined.then((port) => port.postMessage({ type: 'unfollow', id } satisfies ToHub)),
  };
}

async function joinHub(origin: string): Promise<MessagePort> {
  const port = (await sharedHub()) ?? (await ownHub(origin));
  const say = (message: ToHub): void => port.postMessage(message);
  port.onmessage = ({ data }: MessageEvent<FromHub>) => {
    if (data === 'there?') say({ type: 'here' });
  };
  if (typeof window !== 'undefined') {
    window.addEventListener('pagehide', () => say({ type: 'leave' }));
    window.addEventListener('pageshow', ({ persisted }) => {
      if (persisted) say({ type: 'return' });
    });
  }
  return port;
}

/** Null where there is none. */
function sharedHub(): Promise<MessagePort | null> {
  if (typeof SharedWorker === 'undefined') return Promise.resolve(null);
  const worker = new SharedWorker(new URL('./stream.shared-worker.ts', import.meta.url), {
    type: 'module',
    name: 'gehra-stream',
  });
  return new Promise((resolve) => {
    const timer = setTimeout(() => giveUp('it did not answer'), READY_MS);
    const giveUp = (reason: string): void => {
      clearTimeout(timer);
      console.warn('shared_stream_failed', reason);
      resolve(null);
    };
    worker.addEventListener('error', ({ message }) => giveUp(message || 'it did not start'));
    worker.port.onmessage = ({ data }: MessageEvent<FromHub>) => {
      if (data !== 'ready') return;
      clearTimeout(timer);
      resolve(worker.port);
    };
  });
}

async function ownHub(origin: string): Promise<MessagePort> {
  const { makeHub, serveTab } = await import('./hub-tabs.ts');
  const { port1, port2 } = new MessageChannel();
  serveTab(makeHub(origin), port2);
  return port1;
}
