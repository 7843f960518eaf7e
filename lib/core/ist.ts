/** Indian Standard Time: UTC + 5:30, all year. Trading days and everything shown to people are in it. */
export const IST_OFFSET_US = 19_800_000_000;
export const IST_OFFSET_MS = IST_OFFSET_US / 1000;

const MS_PER_DAY = 86_400_000;

/** ISO date in IST of an instant in µs since the epoch. */
export const formatIstDate = (us: number): string => new Date((us + IST_OFFSET_US) / 1000).toISOString().slice(0, 10);

/** Midnight IST at which an ISO date begins, µs since the epoch. */
export const istMidnightUs = (date: string): number => Date.parse(`${date}T00:00:00Z`) * 1000 - IST_OFFSET_US;

/** @param time `09:15`, or `24:00` for the end of the day. @returns µs since the epoch */
export function istTimeUs(date: string, time: string): number {
  const [hours, minutes] = time.split(':').map(Number) as [number, number];
  return istMidnightUs(date) + (hours * 60 + minutes) * 60_000_000;
}

/** The ISO date so many days after another. */
export const addDays = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
/** `YYYY-MM-DDTHH:MM:SS.mmm` in IST, without an offset behind it, of an instant in ms. */
export const istWithoutOffset = (ms: number): string => new Date(ms + IST_OFFSET_MS).toISOString().slice(0, -1);

/** `26 Nov 2026, 09:20`, IST, of an instant in ms. */
export function formatIstMinute(ms: number): string {
  const [date = '', time = ''] = new Date(ms + IST_OFFSET_MS).toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${Number(day)} ${MONTHS[Number(month) - 1]} ${year}, ${time.slice(0, 5)}`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The next time after `ms` at which it is so many ms after midnight in India. */
export function nextIstTime(ms: number, afterMidnightMs: number): number {
  const midnightMs = Math.floor((ms + IST_OFFSET_MS) / MS_PER_DAY) * MS_PER_DAY - IST_OFFSET_MS;
  const today = midnightMs + afterMidnightMs;
  return today > ms ? today : today + MS_PER_DAY;
}
