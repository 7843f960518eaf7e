/** Replays of our own server, as the page opens and changes them. */

import type { ReplayClockEvent } from '../core/replay-clock.ts';
import { send } from './api.ts';
import { livePath } from './instruments.ts';

export interface OpenReplay {
  readonly id: string;
  readonly clock: ReplayClockEvent;
}

export interface ReplayChange {
  readonly speed?: number;
  readonly playing?: boolean;
  /** ms since the epoch, as text. */
  readonly seek?: string;
  readonly step?: 'frame' | 'second';
}

export const REPLAY_SPEEDS = [0.25, 0.5, 1, 2, 5, 10, 25, 50, 100] as const;

/** @param from ISO 8601 with an offset, or ms since the epoch. @throws ServerProblem */
export const openReplay = (instrumentId: number, from: string): Promise<OpenReplay> =>
  send('POST', '/api/replay', { instruments: [instrumentId], from });

/** @throws ServerProblem */
export const changeReplay = (id: string, change: ReplayChange): Promise<OpenReplay> =>
  send('PATCH', '/api/replay', { id, ...change });

/** @throws ServerProblem */
export const endReplay = (id: string): Promise<void> => send('DELETE', '/api/replay', { id });

/** The page of an instrument as it was from an instant on. */
export const replayPath = (slug: string, from: string): string =>
  `${livePath(slug)}?replay=${encodeURIComponent(from)}`;
