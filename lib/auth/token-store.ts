/**
 * Writing the brokers' tokens (lib/auth/tokens.ts reads them): in one step, so that whoever reads sees the old or the new
 * one whole; one writer at a time, whichever process it is in; and never an older token over a newer one.
 */
import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import type { Config } from '../config/config.ts';
import type { Broker } from '../core/feeds.ts';
import { istWithoutOffset } from '../core/ist.ts';
import { lockFolder } from '../journal/lock.ts';
import { KITE_ACCOUNT_FILE, kiteAccountText } from './kite-account.ts';
import { CLOCK_ERROR_MS, readDhanToken, readKiteToken, TOKEN_FILES } from './tokens.ts';

/** A token that could not be kept; the message says why and what to do, and names no token. */
export class TokenStoreError extends Error {
  override readonly name = 'TokenStoreError';
}

type StoreConfig = Pick<Config, 'tokenDir' | 'dataDir' | 'tokenGroupRead'>;

/** Another writer takes some milliseconds. */
const LOCK_WAIT_S = 5;
/** File times have a fraction that a date may lose, ms. */
const TIME_GRAIN_MS = 1;

export interface NewKiteToken {
  readonly accessToken: string;
  /** Null for a token that was pasted: whose it is nobody has said. */
  readonly account: { readonly userId: string; readonly userName: string } | null;
  /** When the login was, ms since the epoch. */
  readonly loginMs: number;
}

export interface NewDhanToken {
  readonly accessToken: string;
  readonly clientId: string;
  readonly clientName: string | null;
  readonly expiresMs: number;
  /** When the token was made, ms since the epoch. */
  readonly generatedMs: number;
}

/** @returns false where a newer login's token is there already @throws TokenStoreError */
export function storeKiteToken(config: StoreConfig, token: NewKiteToken): Promise<boolean> {
  return withLock(config, () => {
    const { tokenDir: dir } = config;
    const before = readKiteToken(dir);
    if ('token' in before && isNewer(before.token.writtenMs, token.loginMs)) return false;
    if ('damaged' in before && before.damaged) keepAside(dir, TOKEN_FILES.kite, token.loginMs);
    if (token.account) {
      const { userId, userName } = token.account;
      // Before the token: between the two the account is that of no token, and not that of the wrong one.
      replace(config, KITE_ACCOUNT_FILE, kiteAccountText(userId, userName, token.accessToken));
    }
    replace(config, TOKEN_FILES.kite, token.accessToken, token.loginMs);
    return true;
  });
}

/** @returns false where a newer token is there already @throws TokenStoreError */
export function storeDhanToken(config: StoreConfig, token: NewDhanToken): Promise<boolean> {
  return withLock(config, () => {
    const { tokenDir: dir } = config;
    const before = readDhanToken(dir);
    if ('token' in before && isNewer(dhanTimeMs(before.token), token.generatedMs)) return false;
    if ('damaged' in before && before.damaged) keepAside(dir, TOKEN_FILES.dhan, token.generatedMs);
    const fields = {
      access_token: token.accessToken,
      expiry: istWithoutOffset(token.expiresMs),
      client_id: token.clientId,
      generated_at: istWithoutOffset(token.generatedMs),
      ...(token.clientName === null ? {} : { client_name: token.clientName }),
    };
    replace(config, TOKEN_FILES.dhan, `${JSON.stringify(fields, null, 2)}\n`);
    return true;
  });
}

/** Takes a broker's token away, and with it the account that the next login has to be of. @throws TokenStoreError */
export function removeToken(config: StoreConfig, broker: Broker): Promise<void> {
  return withLock(config, () => {
    rmSync(path.join(config.tokenDir, TOKEN_FILES[broker]), { force: true });
    if (broker === 'kite') rmSync(path.join(config.tokenDir, KITE_ACCOUNT_FILE), { force: true });
  });
}

/** Whether the token that is there is the newer one. One from the future is not: it would keep out every login until then. */
const isNewer = (thereMs: number, newMs: number): boolean =>
  thereMs > newMs + TIME_GRAIN_MS && thereMs <= Date.now() + CLOCK_ERROR_MS;

/** When a token was made, by its own claim, else by its end: Dhan's tokens all live for the same time. */
function dhanTimeMs({
  claims,
  expiresMs,
}: {
  claims: { issuedMs: number | null } | null;
  expiresMs: number | null;
}): number {
  return claims?.issuedMs ?? (expiresMs === null ? 0 : expiresMs - 24 * 3_600_000);
}

async function withLock<T>(config: StoreConfig, work: () => T): Promise<T> {
  const { tokenDir: dir } = config;
  let unlock: (() => void) | undefined;
  try {
    openTokenFolder(config);
    unlock = await lockFolder(dir, 'tokens', LOCK_WAIT_S);
    return work();
  } catch (error) {
    throw new TokenStoreError(
      `The token could not be kept in ${dir}: ${reasonOf(error)}. What was there before is still used. Then log in again.`,
      { cause: error },
    );
  } finally {
    unlock?.();
  }
}

/** A folder of the tokens' own is for its owner alone; the data folder has others who pass through. */
function openTokenFolder({ tokenDir, dataDir, tokenGroupRead }: StoreConfig): void {
  mkdirSync(tokenDir, { recursive: true, mode: 0o700 });
  if (tokenDir !== dataDir) chmodSync(tokenDir, tokenGroupRead ? 0o750 : 0o700);
  accessSync(tokenDir, constants.W_OK | constants.X_OK);
}

/** Puts a whole file in the place of the old one, and has it on the disk before that. */
function replace({ tokenDir, tokenGroupRead }: StoreConfig, name: string, text: string, timeMs?: number): void {
  const file = path.join(tokenDir, name);
  // One name: what a killed writer left there is written over by the next.
  const next = `${file}.new`;
  const mode = tokenGroupRead ? 0o640 : 0o600;
  rmSync(next, { force: true });
  try {
    const handle = openSync(next, 'wx', mode);
    try {
      chmodSync(next, mode);
      writeSync(handle, text);
      if (timeMs !== undefined) utimesSync(next, timeMs / 1000, timeMs / 1000);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(next, file);
  } catch (error) {
    rmSync(next, { force: true });
    throw error;
  }
  const folder = openSync(tokenDir, 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** A file that holds no token may hold what a person wants back. */
function keepAside(dir: string, name: string, nowMs: number): void {
  const file = path.join(dir, name);
  const aside = `${file}.damaged-${istWithoutOffset(nowMs).slice(0, 19).replaceAll(':', '')}`;
  if (existsSync(aside)) return;
  copyFileSync(file, aside);
  chmodSync(aside, 0o600);
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'its disk is full; make room';
    case 'EROFS':
      return 'its file system is read-only; make it writable, or choose another folder with GEHRA_TOKEN_DIR';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not write there; change its owner, or choose another folder with GEHRA_TOKEN_DIR';
    default:
      return message;
  }
}
