/** Instants as a request gives them. */
import { z } from 'zod';

const US_PER_MS = 1000;
/** Instants from 2000 to 2100: what lies outside is another unit by mistake. */
const FIRST_MS = Date.UTC(2000, 0, 1);
const LAST_MS = Date.UTC(2100, 0, 1);

/**
 * An instant as a request gives it, in µs: ISO 8601 with an offset or Z (`2026-11-25T09:15:00+05:30`), or milliseconds since
 * the epoch. A date and time without an offset is refused: nobody can know whose clock it is of.
 */
export const instant = z
  .string()
  .meta({
    description: 'ISO 8601 with an offset or Z, or milliseconds since the epoch',
    examples: ['2026-11-25T09:15:00+05:30', '1795578300000'],
  })
  .transform((text, context): number => {
    const ms = /^\d{12,14}$/.test(text) ? Number(text) : ISO.test(text) ? Date.parse(text) : Number.NaN;
    if (ms >= FIRST_MS && ms < LAST_MS && isWholeDay(text)) return ms * US_PER_MS;
    context.addIssue({
      code: 'custom',
      message: 'no instant: give ISO 8601 with an offset, 2026-11-25T09:15:00+05:30, or milliseconds since the epoch',
    });
    return z.NEVER;
  });

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})$/;

/** Whether a date exists: JavaScript takes 30 February for 2 March. */
function isWholeDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})T/.exec(text) ?? [];
  if (year === undefined) return true;
  return Number(day) <= new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
}
