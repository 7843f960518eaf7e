/** What the reader has said of signals, asked for and told. */
import { ask, send } from './api.ts';
import type { Mark } from './signal-board.ts';

/** What `GET /api/signal-marks` answers. */
interface SignalMarks {
  /** ms since the epoch, for the next question. */
  readonly asOf: number;
  /** What was said since the one before. */
  readonly marks: readonly { readonly id: string; readonly mark: Mark }[];
  readonly snoozes: readonly {
    readonly what: 'detector' | 'instrument';
    readonly name: string;
    readonly untilMs: number;
  }[];
}

/** Ids of one request. */
const IDS_MAX = 200;

/** @param since ms since the epoch, `asOf` of the answer before; null: only what is snoozed */
export const fetchMarks = (since: number | null): Promise<SignalMarks> =>
  ask(`/api/signal-marks${since === null ? '' : `?since=${since}`}`);

export async function sendMarks(ids: readonly string[], mark: Mark): Promise<void> {
  for (let at = 0; at < ids.length; at += IDS_MAX) {
    await send('POST', '/api/signal-marks', { ids: ids.slice(at, at + IDS_MAX), mark });
  }
}

export const sendSnooze = (what: 'detector' | 'instrument', name: string, minutes: number): Promise<void> =>
  send('POST', '/api/signal-marks/snoozes', { what, name, minutes });

export const endSnooze = (what: 'detector' | 'instrument', name: string): Promise<void> =>
  send('DELETE', '/api/signal-marks/snoozes', { what, name });
