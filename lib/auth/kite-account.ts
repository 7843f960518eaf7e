/**
 * Whose Kite token it is. The token file holds the bare token, so the account stands in a file beside it, tied to the token
 * by its fingerprint. It outlives the token: the next login has to be of the same account.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

export const KITE_ACCOUNT_FILE = 'kite_account.json';

const schema = z.object({ user_id: z.string().min(1), user_name: z.string(), token_sha256: z.string() });

export interface KiteAccount {
  readonly userId: string;
  readonly userName: string;
  /** True where this account's login gave that token. */
  isOf(accessToken: string): boolean;
}

/** The account of the last login; null where there is none, or its file cannot be read: the next login tells anew. */
export function readKiteAccount(dir: string): KiteAccount | null {
  try {
    const { user_id, user_name, token_sha256 } = schema.parse(
      JSON.parse(readFileSync(path.join(dir, KITE_ACCOUNT_FILE), 'utf8')),
    );
    return { userId: user_id, userName: user_name, isOf: (token) => tokenFingerprint(token) === token_sha256 };
  } catch {
    return null;
  }
}

export const kiteAccountText = (userId: string, userName: string, accessToken: string): string =>
  `${JSON.stringify({ user_id: userId, user_name: userName, token_sha256: tokenFingerprint(accessToken) }, null, 2)}\n`;

export const tokenFingerprint = (token: string): string => createHash('sha256').update(token).digest('hex');
