/** Instants in files of text: ISO 8601 in UTC, `2026-11-25T03:45:00.123456Z`, always with six digits. */
const US_PER_S = 1_000_000;

let knownSecond = Number.NaN;
let knownText = '';

/** Rows that follow one another share their second: it is printed once. */
export function instantText(us: number): string {
  const second = Math.floor(us / US_PER_S);
  if (second !== knownSecond) {
    knownSecond = second;
    knownText = new Date(second * 1000).toISOString().slice(0, 20);
  }
  return `${knownText}${String(us - second * US_PER_S).padStart(6, '0')}Z`;
}
