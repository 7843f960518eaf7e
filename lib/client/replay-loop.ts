/** The part of a replay that is played again and again, from A to B. */

/** µs; null: not marked. */
export interface ReplayLoop {
  readonly a: number | null;
  readonly b: number | null;
}

export const NO_LOOP: ReplayLoop = { a: null, b: null };

/** Shorter than this it would be all going back, µs. */
const LENGTH_US_MIN = 1_000_000;

/** Marks one end at a time. Where the other would then not lie on its own side, that one is given up. */
export function markLoop(loop: ReplayLoop, end: 'a' | 'b', timeUs: number): ReplayLoop {
  const a = end === 'a' ? timeUs : loop.a;
  const b = end === 'b' ? timeUs : loop.b;
  if (a === null || b === null || b - a >= LENGTH_US_MIN) return { a, b };
  return end === 'a' ? { a, b: null } : { a: null, b };
}

/** Where a replay has to go back to, µs; null: nowhere, it is before B or stands still. */
export function loopBack(
  { a, b }: ReplayLoop,
  clock: { readonly timeUs: number; readonly playing: boolean; readonly ended: boolean },
): number | null {
  return a !== null && b !== null && clock.timeUs >= b && (clock.playing || clock.ended) ? a : null;
}
