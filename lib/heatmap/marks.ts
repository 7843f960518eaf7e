/** What a person has written into the picture of an instrument: levels, which hold for all days, and notes at a moment. */

export interface Level {
  readonly kind: 'level';
  readonly id: string;
  /** Price units. */
  readonly price: number;
  readonly text: string;
}

export interface Note {
  readonly kind: 'note';
  readonly id: string;
  readonly price: number;
  /** µs. */
  readonly timeUs: number;
  readonly text: string;
}

export type Mark = Level | Note;

/** Of an instrument; what is beyond cannot be read on a screen. */
export const MARKS_MAX = 200;
export const MARK_TEXT_MAX = 120;

/** Marks out of what was kept; what is none is left out. */
export function readMarks(kept: unknown): readonly Mark[] {
  return Array.isArray(kept) ? kept.flatMap(readMark).slice(-MARKS_MAX) : [];
}

function readMark(kept: unknown): readonly Mark[] {
  if (typeof kept !== 'object' || kept === null) return [];
  const { kind, id, price, timeUs, text } = kept as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string' || typeof text !== 'string' || !isWhole(price)) return [];
  const words = text.slice(0, MARK_TEXT_MAX);
  if (kind === 'level') return [{ kind, id, price, text: words }];
  return kind === 'note' && isWhole(timeUs) ? [{ kind, id, price, timeUs, text: words }] : [];
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
