/** Where a replay stands, as its server tells it and its page reads it (docs/STREAM.md). */
/** Market seconds in a second. */
export const SPEED_MIN = 0.25;
export const SPEED_MAX = 100;

export interface ReplayClockEvent {
  readonly replay: string;
  /** Another one after every seek: what came before it is of another time. */
  readonly epoch: number;
  /** Market time reached, µs. */
  readonly timeUs: number;
  readonly fromUs: number;
  readonly toUs: number;
  readonly speed: number;
  readonly playing: boolean;
  readonly ended: boolean;
  readonly source: 'journal' | 'database';
  /** What ended it early; null where nothing did. */
  readonly failure: string | null;
}
