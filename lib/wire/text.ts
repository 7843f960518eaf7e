/** What both brokers' text messages have in common: JSON objects that name instruments by number. Nothing here throws. */
import { WireError } from './errors.ts';

export const badText = (detail: string): WireError => new WireError('bad_text', 0, detail);

/** Parses a JSON object. */
export function parseObject(text: string): Record<string, unknown> | WireError {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    return badText('not a JSON object');
  } catch {
    return badText('not JSON');
  }
}

const U32_MAX = 0xffff_ffff;

/** An instrument's number, sent as a number or as its digits; null where it is neither or needs more than 32 bits. */
export function readId(value: unknown): number | null {
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^\d{1,10}$/.test(value));
  const id = isNumber ? Number(value) : Number.NaN;
  return Number.isInteger(id) && id >= 0 && id <= U32_MAX ? id : null;
}
