/**
 * When each instrument of a feed was last heard of: twelve bytes an instrument, in a key of its own beside the feed's status,
 * which is read every second by many. 9,000 instruments are 108 kB every two seconds.
 *
 *     u32 instrument | u32 first frame since it was asked for, s since the epoch, 0 none | u32 age of the last, ms      little-endian
 */
import type { Redis } from 'ioredis';
import { FEEDS } from '../core/feeds.ts';
import type { InstrumentTimes } from '../core/instrument-times.ts';
import { KEYS } from './keys.ts';

const BYTES = 12;
const US_PER_S = 1_000_000;
const AGE_MAX = 2 ** 32 - 1;
/** They are gone soon after the collector. */
const TTL_MS = 8000;

export interface Seen {
  readonly instrumentId: number;
  /** s since the epoch; null where nothing has come since it was asked for. */
  readonly firstS: number | null;
  /** Age of the last frame when this was told, ms; null where none has come. */
  readonly ageMs: number | null;
}

export function encodeSeen(times: InstrumentTimes, nowUs: number): Buffer {
  const all = [...times.entries()];
  const bytes = Buffer.alloc(all.length * BYTES);
  all.forEach(([id, { firstUs, lastUs }], i) => {
    bytes.writeUInt32LE(id, i * BYTES);
    bytes.writeUInt32LE(Math.floor(firstUs / US_PER_S), i * BYTES + 4);
    bytes.writeUInt32LE(Math.min(Math.max(0, Math.round((nowUs - lastUs) / 1000)), AGE_MAX), i * BYTES + 8);
  });
  return bytes;
}

export function decodeSeen(bytes: Buffer): Seen[] {
  return Array.from({ length: Math.floor(bytes.length / BYTES) }, (_, i) => {
    const firstS = bytes.readUInt32LE(i * BYTES + 4);
    return {
      instrumentId: bytes.readUInt32LE(i * BYTES),
      firstS: firstS === 0 ? null : firstS,
      ageMs: firstS === 0 ? null : bytes.readUInt32LE(i * BYTES + 8),
    };
  });
}

export async function publishSeen(redis: Redis, feed: string, times: InstrumentTimes, nowUs: number): Promise<void> {
  await redis.set(KEYS.seen(feed), encodeSeen(times, nowUs), 'PX', TTL_MS);
}

/** By feed name; feeds whose collector has not spoken lately are absent. */
export async function readSeen(redis: Redis): Promise<Map<string, Seen[]>> {
  const texts = await Promise.all(FEEDS.map(({ name }) => redis.getBuffer(KEYS.seen(name))));
  const result = new Map<string, Seen[]>();
  FEEDS.forEach(({ name }, i) => {
    const bytes = texts[i];
    if (bytes) result.set(name, decodeSeen(bytes));
  });
  return result;
}
