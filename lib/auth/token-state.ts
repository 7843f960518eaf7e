/**
 * How things stand with a broker's token, by what is on the disk and the time alone: a token has ended when its time has
 * come, not when a broker first refuses it.
 */
import type { Config } from '../config/config.ts';
import type { Broker } from '../core/feeds.ts';
import { formatIstMinute, nextIstTime } from '../core/ist.ts';
import { readKiteAccount } from './kite-account.ts';
import { CLOCK_ERROR_MS, readDhanToken, readKiteToken, TOKEN_FILES, type TokenAnswer } from './tokens.ts';

/** Kite ends every token at 06:00 IST (kite.trade/docs/connect/v3/user), ms after midnight. */
const KITE_ENDS_MS = 6 * 3_600_000;
/** A token is said to be ending from this long before its end on, ms; and once more, louder, from the second on. */
const WARN_MS = 60 * 60_000;
const WARN_AGAIN_MS = 15 * 60_000;

export type TokenStateName = 'valid' | 'expiring' | 'expired' | 'missing' | 'damaged';

export interface TokenState {
  readonly state: TokenStateName;
  /** In words, for a person. */
  readonly detail: string;
  /** Null where the end is not known, or there is no token. */
  readonly expiresMs: number | null;
  /** Minutes before the end at which a warning is due now: 60, 15; null where none is. */
  readonly warning: 60 | 15 | null;
  /** Whose token it is, by the broker's own id; null where that is not known. */
  readonly account: string | null;
  /** The account's name as the broker gave it; null where that is not known. */
  readonly accountName: string | null;
  /** Of Dhan: `SELF` or `APP` (lib/auth/dhan-claims.ts). */
  readonly consumerType: string | null;
}

/** @param nowMs ms since the epoch */
export function tokenStateOf(broker: Broker, config: Pick<Config, 'tokenDir'>, nowMs: number): TokenState {
  return broker === 'kite' ? kiteState(config.tokenDir, nowMs) : dhanState(config.tokenDir, nowMs);
}

function kiteState(dir: string, nowMs: number): TokenState {
  const answer = readKiteToken(dir);
  if ('missing' in answer) return withoutToken(answer);
  const { accessToken, writtenMs } = answer.token;
  if (writtenMs > nowMs + CLOCK_ERROR_MS) return withoutToken(FROM_THE_FUTURE);
  const account = readKiteAccount(dir);
  // Another token than the one that this account was seen with was put there by somebody else.
  const known = account?.isOf(accessToken) ? account : null;
  return {
    ...timeOf('Kite', kiteExpiryMs(writtenMs), nowMs),
    account: known?.userId ?? null,
    accountName: known?.userName ?? null,
    consumerType: null,
  };
}

function dhanState(dir: string, nowMs: number): TokenState {
  const answer = readDhanToken(dir);
  if ('missing' in answer) return withoutToken(answer);
  const { clientId, clientName, claims, expiresMs } = answer.token;
  return {
    ...timeOf('Dhan', expiresMs, nowMs),
    account: clientId,
    accountName: clientName,
    consumerType: claims?.consumerType ?? null,
  };
}

/** Its end goes by the login's time, which is the file's. */
const FROM_THE_FUTURE = {
  missing: `the file ${TOKEN_FILES.kite} is dated in the future, so nobody knows when its token ends: see that the clock of this machine is right, then log in to Kite`,
  damaged: true,
};

/** When a Kite token of a login at `loginMs` ends: 06:00 IST after it. */
export const kiteExpiryMs = (loginMs: number): number => nextIstTime(loginMs, KITE_ENDS_MS);

function withoutToken({ missing, damaged }: Exclude<TokenAnswer<unknown>, { token: unknown }>): TokenState {
  return {
    state: damaged ? 'damaged' : 'missing',
    detail: missing,
    expiresMs: null,
    warning: null,
    account: null,
    accountName: null,
    consumerType: null,
  };
}

function timeOf(
  name: string,
  expiresMs: number | null,
  nowMs: number,
): Pick<TokenState, 'state' | 'detail' | 'expiresMs' | 'warning'> {
  if (expiresMs === null) {
    return { state: 'valid', detail: `the ${name} token does not say when it ends`, expiresMs, warning: null };
  }
  const end = `${formatIstMinute(expiresMs)} IST`;
  const leftMs = expiresMs - nowMs;
  if (leftMs <= 0) {
    return { state: 'expired', detail: `the ${name} token ended at ${end}: log in again`, expiresMs, warning: null };
  }
  if (leftMs <= WARN_MS) {
    const minutes = Math.ceil(leftMs / 60_000);
    return {
      state: 'expiring',
      detail: `the ${name} token ends in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}, at ${end}`,
      expiresMs,
      warning: leftMs <= WARN_AGAIN_MS ? 15 : 60,
    };
  }
  return { state: 'valid', detail: `the ${name} token is good until ${end}`, expiresMs, warning: null };
}
