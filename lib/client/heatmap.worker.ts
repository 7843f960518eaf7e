/** The worker in which a session runs: hands messages in and out. */
import { loadWorkerFonts } from '../render/fonts.ts';
import { LiveSession } from './live-session.ts';
import type { FromSession, ToSession } from './session-messages.ts';

let session: LiveSession | null = null;

const send = (message: FromSession): void => self.postMessage(message);

self.addEventListener('message', ({ data }: MessageEvent<ToSession>) => {
  if (data.type !== 'start') session?.handle(data);
  else {
    session = new LiveSession(data, true, send);
    // Numbers are drawn in whatever font there is until then.
    void loadWorkerFonts(self.fonts).then(() => session?.handle({ type: 'repaint' }));
  }
});
