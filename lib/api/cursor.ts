/**
 * Where a page ended, as the next request says it. A row is named by (feed, stamp, n), so a page begins behind that name: what
 * is stored meanwhile doubles nothing and shifts nothing. The text is for nobody to read; it may change its form.
 */
import { z } from 'zod';
import { FEEDS } from '../core/feeds.ts';

export interface Cursor {
  readonly feedId: number;
  /** µs; of depth the book's. */
  readonly timeUs: number;
  /** The rest of the row's key, in its order. */
  readonly rest: readonly number[];
}

const REST_MAX = 3;
const feedIds = new Set(FEEDS.map(({ id }) => id));

export function writeCursor({ feedId, timeUs, rest }: Cursor): string {
  return btoa([feedId, timeUs, ...rest].join('.'))
    .replace(/=+$/, '')
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}

export const cursor = z
  .string()
  .min(1)
  .max(100)
  .meta({ description: '`next` of the page before' })
  .transform((text, context): Cursor => {
    const read = readCursor(text);
    if (read) return read;
    context.addIssue({ code: 'custom', message: 'is none that an answer gave' });
    return z.NEVER;
  });

function readCursor(text: string): Cursor | null {
  if (!/^[\w-]+$/.test(text)) return null;
  let inside: string;
  try {
    inside = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return null;
  }
  if (!/^\d{1,3}\.\d{1,16}(\.\d{1,16}){1,3}$/.test(inside)) return null;
  const [feedId = 0, timeUs = 0, ...rest] = inside.split('.').map(Number);
  const whole = [timeUs, ...rest].every((value) => Number.isSafeInteger(value));
  return whole && feedIds.has(feedId) && rest.length <= REST_MAX ? { feedId, timeUs, rest } : null;
}
