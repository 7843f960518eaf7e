/** What the session has reported last, outside of React: each component subscribes to the part that it shows. */
import type { BookTable, CursorReadout, FromSession, SessionReadout } from './session-messages.ts';

export interface SessionStore {
  take(message: Exclude<FromSession, { type: 'answer' }>): void;
  subscribe(listener: () => void): () => void;
  /** Each is the same object until it changes; null before the first report. */
  readout(): SessionReadout | null;
  cursor(): CursorReadout | null;
  book(): BookTable | null;
}

export function createSessionStore(): SessionStore {
  let readout: SessionReadout | null = null;
  let cursor: CursorReadout | null = null;
  let book: BookTable | null = null;
  const listeners = new Set<() => void>();
  return {
    take(message) {
      if (message.type === 'readout') readout = message.readout;
      else if (message.type === 'cursor') cursor = message.place;
      else book = message.table;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    readout: () => readout,
    cursor: () => cursor,
    book: () => book,
  };
}
