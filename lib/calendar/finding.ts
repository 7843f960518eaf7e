/** Whether the calendar knows the days that come, in words for a person. */
import type { Grade } from '../core/finding.ts';
import { addDays } from '../core/ist.ts';
import type { MarketHours } from './hours.ts';
import { dayWords } from './words.ts';

const AHEAD_DAYS = 30;

/** @param today ISO date */
export function calendarFinding(
  { calendar }: MarketHours,
  today: string,
): { readonly result: Exclude<Grade, 'fail'>; readonly words: string } {
  const until = addDays(today, AHEAD_DAYS);
  const asks = calendar
    .specialFrom(today)
    .find(({ date, kind, hours }) => kind === 'muhurat' && !hours && date <= until);
  if (asks) {
    return {
      result: 'warn',
      words: `The hours of ${asks.name} on ${dayWords(asks.date)} are not known: enter them once they are announced. Until then that whole day is recorded.`,
    };
  }
  if (calendar.knownUntil < until) {
    return {
      result: 'warn',
      words: `Holidays are known until ${dayWords(calendar.knownUntil)} ${calendar.knownUntil.slice(0, 4)}: update Gehra, or enter those of the next year (docs/CALENDAR.md). After that day every weekday is recorded.`,
    };
  }
  return { result: 'ok', words: `Holidays and special sessions are known until ${calendar.knownUntil}.` };
}
