/**
 * The brokers' tokens as files, in the formats that other people's scripts read too: `access_token.txt` (Kite, the bare
 * token) and `dhan_token.json`. Collectors read them anew before every connect and never write them (lib/auth/token-store.ts
 * does).
 */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { IST_OFFSET_MS } from '../core/ist.ts';
import { type DhanClaims, dhanClaims } from './dhan-claims.ts';

export const TOKEN_FILES = { kite: 'access_token.txt', dhan: 'dhan_token.json' } as const;

/** A token, or why there is none, in words for a person; `damaged` where there is a file that holds none. */
export type TokenAnswer<T> = { readonly token: T } | { readonly missing: string; readonly damaged: boolean };

export interface KiteTokenFile {
  readonly accessToken: string;
  /** When the file was written: the login's time. */
  readonly writtenMs: number;
}

export interface DhanToken {
  readonly accessToken: string;
  readonly clientId: string;
  /** As Dhan gave it; null where the file does not say. */
  readonly clientName: string | null;
  readonly claims: DhanClaims | null;
  /** By the token's own claim, else by the file's `expiry`; null where neither says. */
  readonly expiresMs: number | null;
  readonly generatedAt: string | null;
  /** When the file was written. */
  readonly writtenMs: number;
}

/** Clocks go so wrong, ms. A token that is said to be of later than that from now is of no known time. */
export const CLOCK_ERROR_MS = 5 * 60_000;
/** Longest text that can be a token file: a JWT takes some hundred bytes. */
const FILE_BYTES_MAX = 16 * 1024;
/** The only form of the file there has been; a file that names another is of a later version. */
const SCHEMA = 1;

/** Whether there is no token any more; one that cannot be read is not gone. */
export const isGone = (answer: TokenAnswer<unknown>): boolean => 'missing' in answer && !answer.damaged;

export function readKiteToken(dir: string): TokenAnswer<KiteTokenFile> {
  const file = readText(dir, TOKEN_FILES.kite);
  if ('missing' in file) return { missing: `${file.missing}: log in to Kite`, damaged: file.damaged };
  const accessToken = file.text.replace(/\n$/, '');
  if (!/^[A-Za-z0-9._-]+$/.test(accessToken))
    return damaged('Kite', TOKEN_FILES.kite, 'holds something else than a token');
  return { token: { accessToken, writtenMs: file.writtenMs } };
}

export function readDhanToken(dir: string): TokenAnswer<DhanToken> {
  const file = readText(dir, TOKEN_FILES.dhan);
  if ('missing' in file) return { missing: `${file.missing}: log in to Dhan`, damaged: file.damaged };
  let value: unknown;
  try {
    value = JSON.parse(file.text);
  } catch {
    return damaged('Dhan', TOKEN_FILES.dhan, 'is not JSON, or only the beginning of it');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return damaged('Dhan', TOKEN_FILES.dhan, 'is JSON, but no object with a token');
  }
  const fields = value as Record<string, unknown>;
  if (fields.schema !== undefined && fields.schema !== SCHEMA) {
    return damaged('Dhan', TOKEN_FILES.dhan, 'was written by a later version');
  }
  const { access_token: accessToken, client_id: clientId } = fields;
  if (typeof accessToken !== 'string' || !/^[A-Za-z0-9._-]+$/.test(accessToken)) {
    return damaged('Dhan', TOKEN_FILES.dhan, 'has no access_token');
  }
  if (typeof clientId !== 'string' || clientId === '') return damaged('Dhan', TOKEN_FILES.dhan, 'has no client_id');
  const claims = dhanClaims(accessToken);
  return {
    token: {
      accessToken,
      clientId,
      clientName: textOf(fields.client_name),
      claims,
      expiresMs: claims?.expiresMs ?? parseIst(textOf(fields.expiry)),
      generatedAt: textOf(fields.generated_at),
      writtenMs: file.writtenMs,
    },
  };
}

/** Ms of a time in IST that carries no offset, as the brokers write it; null where it is none. */
export function parseIst(text: string | null): number | null {
  if (text === null || !/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?$/.test(text)) return null;
  const ms = Date.parse(`${text.replace(' ', 'T')}Z`);
  return Number.isNaN(ms) ? null : ms - IST_OFFSET_MS;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

const damaged = (broker: string, file: string, what: string): { missing: string; damaged: true } => ({
  missing: `the file ${file} ${what}: log in to ${broker}, and the file is kept aside`,
  damaged: true,
});

type FileText =
  | { readonly text: string; readonly writtenMs: number }
  | { readonly missing: string; readonly damaged: boolean };

function readText(dir: string, name: string): FileText {
  const file = path.join(dir, name);
  try {
    const { mtimeMs, size } = statSync(file);
    if (size > FILE_BYTES_MAX) return { missing: `the file ${name} is too large to be a token`, damaged: true };
    const text = readFileSync(file, 'utf8');
    if (text.trim() === '') return { missing: `the file ${name} is empty`, damaged: true };
    if (text.startsWith('\uFEFF')) return { missing: `the file ${name} begins with a byte order mark`, damaged: true };
    if (text.includes('\r')) return { missing: `the file ${name} has the line ends of Windows`, damaged: true };
    return { text, writtenMs: mtimeMs };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return { missing: 'there is no token yet', damaged: false };
    return { missing: `the file ${name} cannot be read (${code})`, damaged: true };
  }
}
