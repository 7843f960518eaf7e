/** Names of people and keys, as they are kept. */
import { RequestError } from './errors.ts';

const CHARACTERS_MAX = 64;

/** A text of one line without what nobody sees, or what turns the text around it. */
export const seenText = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .trim()
    .replace(/\s+/g, ' ');

/** The name without what nobody sees. @throws RequestError 422 where nothing is left, or too much */
export function personName(text: string): string {
  const name = seenText(text);
  const characters = [...name].length;
  if (characters >= 1 && characters <= CHARACTERS_MAX) return name;
  throw new RequestError(422, 'Name refused', `A name has 1 to ${CHARACTERS_MAX} characters.`);
}
