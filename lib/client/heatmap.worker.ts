/** The worker in which a session runs: hands messages in and out. */
import { LiveSession } from './live-session.ts';
import type { FromSession, ToSession } from './session-messages.ts';

let session: LiveSession | null = null;

const send = (message: FromSession): void => self.postMessage(message);

self.addEventListener('message', ({ data }: MessageEvent<ToSession>) => {
  if (data.type === 'start') session = new LiveSession(data, true, send);
  else session?.handle(data);
});
