/** Values of options on the command line: each is checked as it is read, and refused with what it should have been. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { InvalidArgumentError } from 'commander';
import { instant } from '../lib/services/times.ts';

const REPLAY = 'replay:';

/** Where `./gehra` was called: what relative paths among the options are relative to. */
export const calledFrom = process.cwd();

/** A path among the options, absolute. */
export function absolutePath(text: string): string {
  if (text === '') throw new InvalidArgumentError('It is empty.');
  return path.resolve(calledFrom, text);
}

/** A whole number from `min` to `max`. */
export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It is no whole number from ${min} to ${max}.`);
  };

/** An instant, µs since the epoch. */
export function moment(text: string): number {
  const read = instant.safeParse(text);
  if (read.success) return read.data;
  throw new InvalidArgumentError(`It is ${read.error.issues[0]?.message ?? 'no instant'}.`);
}

/** `synthetic`, or `replay:` and the absolute path of a recording that is there. */
export function market(text: string): string {
  if (text === 'synthetic') return text;
  const file = text.startsWith(REPLAY) ? text.slice(REPLAY.length) : '';
  if (file === '') throw new InvalidArgumentError('It is neither synthetic nor replay:PATH.');
  const absolute = path.resolve(calledFrom, file);
  if (!existsSync(absolute)) throw new InvalidArgumentError(`There is no ${absolute}.`);
  return `${REPLAY}${absolute}`;
}

/** A number from `min` to `max`, or the word `orElse`, kept as it was written: it goes on to another command line. */
export const numeric =
  (min: number, max: number, orElse?: string) =>
  (text: string): string => {
    const value = Number(text);
    if (text === orElse || (text.trim() !== '' && value >= min && value <= max)) return text;
    throw new InvalidArgumentError(`It is no number from ${min} to ${max}${orElse ? `, nor ${orElse}` : ''}.`);
  };
