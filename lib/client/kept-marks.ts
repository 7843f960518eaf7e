/** Levels and notes of an instrument, kept in this browser: a level for all days, a note with the moment that it is about. */
import { type Mark, readMarks } from '../heatmap/marks.ts';
import { keep, readKept } from './kept.ts';

const keyOf = (slug: string): string => `gehra.marks.${slug}`;

export function readKeptMarks(slug: string): readonly Mark[] {
  return readMarks(readKept(keyOf(slug)));
}

export const keepMarks = (slug: string, marks: readonly Mark[]): void => keep(keyOf(slug), marks);
