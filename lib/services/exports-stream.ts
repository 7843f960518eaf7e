/** The exports as they change, by SSE: one look at the database a second, however many watch. */
import type { Caller } from './access.ts';
import { callersGone } from './access.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { listExports } from './exports.ts';

const LOOK_MS = 1000;
/** Something is sent at least so often, so that a connection that is gone is noticed, in looks. */
const BEAT_LOOKS = 15;
/** A stream outlives its request: whether its caller is still in force is asked again so often, in looks. */
const CHECK_LOOKS = 2;
const WATCHERS_MAX = 50;
const RECONNECT_MS = 2000;
/** When to ask again after 429, s. */
const RETRY_AFTER_S = 5;

interface Watcher {
  readonly caller: Caller;
  readonly stream: ReadableStreamDefaultController<Uint8Array>;
}

interface Watch {
  readonly watchers: Set<Watcher>;
  timer: NodeJS.Timeout | null;
  looking: boolean;
  looks: number;
  last: string;
}

const KEY = Symbol.for('gehra.exports.watch');
/** On globalThis, because each bundle of the server has its own module state. */
const shared = globalThis as { [KEY]?: Watch };

function watch(): Watch {
  shared[KEY] ??= { watchers: new Set(), timer: null, looking: false, looks: 0, last: '' };
  return shared[KEY];
}

/** `event: exports` with what `/api/exports` answers: at once, and then whenever it is another. @throws RequestError 429 */
export async function watchExports(
  caller: Caller,
  { method, signal }: Pick<Request, 'method' | 'signal'>,
): Promise<Response> {
  if (method === 'HEAD') return new Response(null, { headers: HEADERS });
  const all = watch();
  if (all.watchers.size >= WATCHERS_MAX) {
    throw new RequestError(429, 'Too many streams', `${WATCHERS_MAX} pages watch the exports.`, RETRY_AFTER_S);
  }
  const now = JSON.stringify(await listExports(caller));
  // Who has left meanwhile is never heard of again: an abort is told once.
  if (signal.aborted) return new Response(null, { headers: HEADERS });
  let watcher: Watcher;
  const body = new ReadableStream<Uint8Array>({
    start(stream) {
      watcher = { caller, stream };
      all.watchers.add(watcher);
      all.timer ??= setInterval(() => void look(all), LOOK_MS);
      stream.enqueue(encode(`retry: ${RECONNECT_MS}\n${eventOf(now)}`));
    },
    cancel: () => leave(all, watcher),
  });
  signal.addEventListener('abort', () => leave(all, watcher));
  return new Response(body, { headers: HEADERS });
}

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const eventOf = (json: string): string => `event: exports\ndata: ${json}\n\n`;

function leave(all: Watch, watcher: Watcher): void {
  all.watchers.delete(watcher);
  if (all.watchers.size > 0 || !all.timer) return;
  clearInterval(all.timer);
  all.timer = null;
}

async function look(all: Watch): Promise<void> {
  const [first] = all.watchers;
  if (all.looking || !first) return;
  all.looking = true;
  try {
    all.looks += 1;
    if (all.looks % CHECK_LOOKS === 0) await sendAway(all);
    const now = JSON.stringify(await listExports(first.caller));
    if (now !== all.last) send(all, eventOf(now));
    else if (all.looks % BEAT_LOOKS === 0) send(all, ': still here\n\n');
    all.last = now;
  } catch (error) {
    services().log.warn({ event: 'exports_not_watched', err: error });
  } finally {
    all.looking = false;
  }
}

/** Ends the streams of those whose session or key is in force no more. */
async function sendAway(all: Watch): Promise<void> {
  const gone = await callersGone([...new Set([...all.watchers].map(({ caller }) => caller))]);
  for (const watcher of [...all.watchers].filter(({ caller }) => gone.has(caller))) {
    watcher.stream.enqueue(encode('event: auth\ndata: {"reason":"signed_out"}\n\n'));
    watcher.stream.close();
    leave(all, watcher);
  }
}

/** Who takes nothing in is gone or will ask again, and loses nothing: each event is the whole list. */
function send(all: Watch, text: string): void {
  const bytes = encode(text);
  for (const watcher of [...all.watchers]) {
    if ((watcher.stream.desiredSize ?? 0) > -BACKLOG_MAX) watcher.stream.enqueue(bytes);
    else {
      watcher.stream.error(new Error('nobody reads it'));
      leave(all, watcher);
    }
  }
}

/** Events that wait for a browser at most. */
const BACKLOG_MAX = 8;
