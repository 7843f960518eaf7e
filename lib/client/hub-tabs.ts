/** The hub's side of the pages that it serves: each has a port over which it says what it follows, and whether it is still there. */
import { DepthStream } from './depth-stream.ts';
import { followerOn, onRetry } from './feed-port.ts';
import { type Follower, StreamHub } from './stream-hub.ts';

export type ToHub =
  /** With the port of the feed. */
  | { readonly type: 'follow'; readonly id: number; readonly instrumentId: number; readonly signals: boolean }
  | { readonly type: 'unfollow'; readonly id: number }
  /** The page is left; it may come back out of the browser's cache. */
  | { readonly type: 'leave' }
  | { readonly type: 'return' }
  | { readonly type: 'here' };

/** `ready`: the hub is there. `there?`: is the page? */
export type FromHub = 'ready' | 'there?';

/** A page is asked so often whether it is there, ms … */
const ASK_MS = 15_000;
/** … and counts as gone when it has not answered for so long. A frozen one comes back by answering. */
const GONE_MS = 60_000;

interface Followed {
  readonly follower: Follower;
  /** Null while the page is away. */
  end: (() => void) | null;
}

/** @param origin scheme, host and port of our server; '' on a page of it */
export const makeHub = (origin: string): StreamHub =>
  new StreamHub((ids, handlers, signalsAfter) => {
    const path = `${origin}/api/stream?instruments=${ids.join(',')}`;
    return new DepthStream(signalsAfter ? () => `${path}&signals=${signalsAfter()}` : path, handlers);
  });

/** Serves a page until it is gone. Where the browser does not say that of a port, it is found by asking. */
export function serveTab(hub: StreamHub, port: MessagePort): void {
  const feeds = new Map<number, Followed>();
  let heardMs = performance.now();

  const leave = (): void => {
    for (const followed of feeds.values()) {
      followed.end?.();
      followed.end = null;
    }
  };
  const come = (): void => {
    for (const followed of feeds.values()) followed.end ??= hub.follow(followed.follower);
  };

  port.onmessage = ({ data, ports: [feed] }: MessageEvent<ToHub>) => {
    heardMs = performance.now();
    switch (data.type) {
      case 'follow': {
        if (!feed) throw new Error('a feed without a port');
        const follower = followerOn(feed, data.instrumentId, data.signals);
        onRetry(feed, () => hub.retryNow(follower));
        feeds.set(data.id, { follower, end: hub.follow(follower) });
        break;
      }
      case 'unfollow':
        feeds.get(data.id)?.end?.();
        feeds.delete(data.id);
        break;
      case 'leave':
        leave();
        break;
      case 'return':
      case 'here':
        come();
        break;
    }
  };
  const asking = setInterval(() => {
    port.postMessage('there?' satisfies FromHub);
    if (performance.now() - heardMs > GONE_MS) leave();
  }, ASK_MS);
  // Browsers that know this event say so at once when a page is gone, in whatever way.
  port.addEventListener('close', () => {
    leave();
    feeds.clear();
    clearInterval(asking);
  });
  port.postMessage('ready' satisfies FromHub);
}
