/** Kite's text messages, both ways (kite.md 1.2 and 1.6). */
import { WireError } from './errors.ts';
import { badText, parseObject, readId } from './text.ts';

export type KiteMode = 'ltp' | 'quote' | 'full';

export const kiteSubscribe = (tokens: readonly number[]): string => JSON.stringify({ a: 'subscribe', v: tokens });
export const kiteUnsubscribe = (tokens: readonly number[]): string => JSON.stringify({ a: 'unsubscribe', v: tokens });
export const kiteSetMode = (mode: KiteMode, tokens: readonly number[]): string =>
  JSON.stringify({ a: 'mode', v: [mode, tokens] });

/** What a client asked for. Tokens sent as strings (the JS client forwards them so) count as numbers. */
export type KiteRequest =
  | { readonly action: 'subscribe' | 'unsubscribe'; readonly tokens: readonly number[] }
  | { readonly action: 'mode'; readonly mode: KiteMode; readonly tokens: readonly number[] };

/** Reads a client's text message; a WireError where it is none. */
export function parseKiteRequest(text: string): KiteRequest | WireError {
  const message = parseObject(text);
  if (message instanceof WireError) return message;
  const { a: action, v: value } = message;
  if (action === 'subscribe' || action === 'unsubscribe') {
    const tokens = tokenList(value);
    return tokens ? { action, tokens } : badText('tokens are not a list of numbers');
  }
  if (action === 'mode' && Array.isArray(value) && isMode(value[0])) {
    const tokens = tokenList(value[1]);
    return tokens ? { action, mode: value[0], tokens } : badText('tokens are not a list of numbers');
  }
  return badText(`unknown request ${text.slice(0, 80)}`);
}

/** A text message from the server: order updates, errors, notices. */
export interface KiteNotice {
  readonly type: 'order' | 'error' | 'message';
  readonly data: unknown;
}

/** Reads a server's text message; a WireError where it is none (the official JS client dies of a bare `null`). */
export function parseKiteNotice(text: string): KiteNotice | WireError {
  const message = parseObject(text);
  if (message instanceof WireError) return message;
  const { type, data } = message;
  if (type === 'order' || type === 'error' || type === 'message') return { type, data };
  return badText(`unknown notice ${text.slice(0, 80)}`);
}

const isMode = (value: unknown): value is KiteMode => value === 'ltp' || value === 'quote' || value === 'full';

function tokenList(value: unknown): number[] | null {
  if (!Array.isArray(value)) return null;
  const tokens = value.map(readId);
  return tokens.every((token) => token !== null && token > 0) ? (tokens as number[]) : null;
}
