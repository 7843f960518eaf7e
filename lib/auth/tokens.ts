/**
 * The brokers' tokens as files, in the formats that other people's scripts read too: `access_token.txt` (Kite, the bare
 * token) and `dhan_token.json`. Collectors read them anew before every connect and never write them.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A token, or why there is none, in words for a person. */
export type TokenAnswer<T> = { readonly token: T } | { readonly missing: string };

export interface DhanToken {
  readonly accessToken: string;
  readonly clientId: string;
}

export function readKiteToken(dir: string): TokenAnswer<string> {
  const text = readText(path.join(dir, 'access_token.txt'));
  if (text === null) return { missing: 'there is no Kite token yet: log in to Kite' };
  if (!/^[A-Za-z0-9._-]+$/.test(text)) return { missing: 'the Kite token file does not hold a token: log in to Kite' };
  return { token: text };
}

export function readDhanToken(dir: string): TokenAnswer<DhanToken> {
  const text = readText(path.join(dir, 'dhan_token.json'));
  if (text === null) return { missing: 'there is no Dhan token yet: log in to Dhan' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { missing: 'the Dhan token file is not JSON: log in to Dhan' };
  }
  const { access_token: accessToken, client_id: clientId } = (value ?? {}) as Record<string, unknown>;
  if (typeof accessToken !== 'string' || accessToken === '' || typeof clientId !== 'string' || clientId === '') {
    return { missing: 'the Dhan token file has no access_token or no client_id: log in to Dhan' };
  }
  return { token: { accessToken, clientId } };
}

/** The file's text without byte order mark and white space around it; null where it is absent or empty. */
function readText(file: string): string | null {
  try {
    return (
      readFileSync(file, 'utf8')
        .replace(/^\uFEFF/, '')
        .trim() || null
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
