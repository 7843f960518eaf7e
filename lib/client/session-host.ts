/** The page's end of a session: starts it in a worker, or on the page itself where canvases cannot be given away. */

import type { InstrumentSummary } from '../core/instrument.ts';
import type { HeatmapOptions } from '../heatmap/options.ts';
import { giveToWorker, mountCanvas, type WorkerCanvas } from '../render/surface.ts';
import { readTheme } from '../render/theme.ts';
import { installProbe } from './probe.ts';
import type { FromSession, Question, SessionStart, Size, ToSession, ViewAnswer } from './session-messages.ts';
import { createSessionStore, type SessionStore } from './session-store.ts';
import { openFeed } from './shared-stream.ts';
import { onThemeChange } from './theme-choice.ts';

export interface SessionHost {
  readonly store: SessionStore;
  post(message: Exclude<ToSession, SessionStart>): void;
  /** What is shown; null while nothing is. */
  view(): Promise<ViewAnswer | null>;
  stop(): void;
}

const REDUCED_MOTION = '(prefers-reduced-motion: reduce)';

/** @param replayId of the replay to show; null: what is live */
export function startSession(
  host: HTMLElement,
  instrument: InstrumentSummary,
  options: HeatmapOptions,
  replayId: string | null,
): SessionHost {
  const canvas = mountCanvas(host);
  const store = createSessionStore();
  const answers = new Map<number, (answer: unknown) => void>();
  const motion = matchMedia(REDUCED_MOTION);
  const feed = replayId === null ? openFeed('', instrument.id) : null;
  const start: Omit<SessionStart, 'canvas'> = {
    type: 'start',
    origin: location.origin,
    instrument,
    size: sizeOf(host),
    theme: readTheme(host),
    options,
    reducedMotion: motion.matches,
    replayId,
    feed: feed?.port ?? null,
  };

  const receive = (message: FromSession): void => {
    if (message.type !== 'answer') {
      store.take(message);
      return;
    }
    answers.get(message.id)?.(message.answer);
    answers.delete(message.id);
  };
  const given = giveToWorker(canvas);
  const link = given ? inWorker({ ...start, canvas: given }, given, receive) : onPage({ ...start, canvas }, receive);

  let asked = 0;
  const ask = (question: Question): Promise<unknown> =>
    new Promise((resolve) => {
      asked += 1;
      answers.set(asked, resolve);
      link.post({ type: 'ask', id: asked, question });
    });
  const removeProbe = installProbe(ask);

  const onSize = () => link.post({ type: 'resize', size: sizeOf(host) });
  const resized = new ResizeObserver(onSize);
  resized.observe(host);
  // Another screen may have other pixels in the same size.
  window.addEventListener('resize', onSize);
  const onMotion = () => link.post({ type: 'reducedMotion', reducedMotion: motion.matches });
  motion.addEventListener('change', onMotion);
  const endTheme = onThemeChange(() => link.post({ type: 'theme', theme: readTheme(host) }));

  return {
    store,
    post: link.post,
    view: () => ask({ about: 'view' }) as Promise<ViewAnswer | null>,
    stop() {
      motion.removeEventListener('change', onMotion);
      endTheme();
      resized.disconnect();
      window.removeEventListener('resize', onSize);
      removeProbe();
      feed?.end();
      link.stop();
      canvas.remove();
    },
  };
}

interface Link {
  post(message: ToSession): void;
  stop(): void;
}

function inWorker(start: SessionStart, canvas: WorkerCanvas, receive: (message: FromSession) => void): Link {
  const worker = new Worker(new URL('./heatmap.worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('message', ({ data }: MessageEvent<FromSession>) => receive(data));
  // Its code could not be fetched, or a mistake in it was caught by nothing.
  worker.addEventListener('error', ({ message }) => receive({ type: 'failed', detail: message || 'it did not start' }));
  worker.postMessage(start, start.feed ? [canvas, start.feed] : [canvas]);
  return {
    post: (message) => worker.postMessage(message),
    stop: () => worker.terminate(),
  };
}

/** Without a worker the session's code is a part of the page, fetched only here. */
function onPage(start: SessionStart, receive: (message: FromSession) => void): Link {
  const session = import('./live-session.ts').then(({ LiveSession }) => new LiveSession(start, false, receive));
  const post = (message: ToSession): void => void session.then((it) => it.handle(message));
  return { post, stop: () => post({ type: 'stop' }) };
}

function sizeOf(host: HTMLElement): Size {
  return { width: host.clientWidth, height: host.clientHeight, pixelRatio: window.devicePixelRatio };
}
