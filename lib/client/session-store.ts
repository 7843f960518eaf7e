/** What the session has reported last, outside of React: each component subscribes to the part that it shows. */
import type { BookTable, CursorReadout, FromSession, SessionReadout, TimeRange } from './session-messages.ts';

/** Each part is the same object until it changes; null before the first report. */
export interface SessionStore {
  take(report: Exclude<FromSession, { type: 'answer' }>): void;
  subscribe(listener: () => void): () => void;
  readout(): SessionReadout | null;
  cursor(): CursorReadout | null;
  book(): BookTable | null;
  /** What a person has made the picture show, with null for the live edge; another object each time, null before the first. */
  range(): { readonly range: TimeRange | null } | null;
  /** Why the session has failed; null while it has not. */
  failure(): string | null;
}

export function createSessionStore(): SessionStore {
  let readout: SessionReadout | null = null;
  let cursor: CursorReadout | null = null;
  let book: BookTable | null = null;
  let range: { readonly range: TimeRange | null } | null = null;
  let failure: string | null = null;
  const listeners = new Set<() => void>();
  return {
    take(report) {
      switch (report.type) {
        case 'readout':
          readout = report.readout;
          break;
        case 'cursor':
          cursor = report.place;
          break;
        case 'book':
          book = report.table;
          break;
        case 'range':
          range = report;
          break;
        case 'failed':
          failure = report.detail;
          break;
      }
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    readout: () => readout,
    cursor: () => cursor,
    book: () => book,
    range: () => range,
    failure: () => failure,
  };
}
