/**
 * Receive stamps: microseconds since the epoch, strictly increasing within a feed. A stamp names a frame everywhere:
 * journal position, stream id, row key. As a double it is exact until the year 2255.
 */

const US_PER_MS = 1000;

/**
 * Makes the stamp source of one feed. Where the clock repeats or runs back, the next stamp is the last plus 1 µs.
 *
 * @param nowUs wall clock, µs since the epoch
 * @param afterUs the last stamp already used by this feed (journal, stream); the first stamp is later
 */
export function createStamper(nowUs: () => number, afterUs = 0): () => number {
  let last = afterUs;
  return () => {
    last = Math.max(nowUs(), last + 1);
    return last;
  };
}

/** Redis stream id of a stamp: `<ms>-<µs within the ms>`. Its order is the order of the stamps. */
export function streamId(stampUs: number): string {
  const ms = Math.floor(stampUs / US_PER_MS);
  return `${ms}-${stampUs - ms * US_PER_MS}`;
}

/** Stamp of a stream id; 0 for `0-0`, the id of an empty stream. @throws RangeError on anything else. */
export function stampOfStreamId(id: string): number {
  const parts = /^(\d+)-(\d{1,3})$/.exec(id);
  const stampUs = Number(parts?.[1]) * US_PER_MS + Number(parts?.[2]);
  if (!Number.isSafeInteger(stampUs)) throw new RangeError(`not a stamp's stream id: ${id}`);
  return stampUs;
}
