/** An instrument's slug as a page's path has it: the colon may come encoded or not. What cannot be decoded names nothing. */
export function slugOfPath(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
