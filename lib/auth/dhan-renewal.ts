/**
 * Renewing Dhan's token before it ends. Scripts of the predecessor refuse one with under an hour left, so it is renewed two
 * hours before its end; and early each morning in any case, since the renewal ends the old token and may cut connections,
 * which must not happen while the market is open.
 */
import type { Config } from '../config/config.ts';
import { IST_OFFSET_MS, nextIstTime } from '../core/ist.ts';
import { BrokerError } from './broker-call.ts';
import { dhanClaims } from './dhan-claims.ts';
import { dhanProfile, renewDhanToken } from './dhan-login.ts';
import { storeDhanToken } from './token-store.ts';
import { type DhanToken, readDhanToken } from './tokens.ts';

const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 24 * MS_PER_HOUR;
/** Left of a token when it is renewed at the latest. */
const MARGIN_MS = 2 * MS_PER_HOUR;
/** The time of day, IST, in which the renewal for the whole day is made, ms after midnight. */
const MORNING_FROM_MS = 4 * MS_PER_HOUR;
const MORNING_TO_MS = 8 * MS_PER_HOUR;

/** Whether a token that ends at `expiresMs` is to be renewed now. One that has ended cannot be. */
export function dhanRenewalIsDue(expiresMs: number, nowMs: number): boolean {
  if (expiresMs <= nowMs) return false;
  if (expiresMs - nowMs <= MARGIN_MS) return true;
  const timeOfDayMs = (nowMs + IST_OFFSET_MS) % MS_PER_DAY;
  const isMorning = timeOfDayMs >= MORNING_FROM_MS && timeOfDayMs < MORNING_TO_MS;
  return isMorning && expiresMs < nextIstTime(nowMs, MORNING_FROM_MS);
}

export type Renewal =
  | { readonly result: 'renewed'; readonly expiresMs: number }
  /** There is nothing to renew. */
  | { readonly result: 'no_token' }
  /** Dhan does not accept the token any more: only a login helps. */
  | { readonly result: 'dead' }
  /** Dhan accepts the token and does not renew it: it lives until its end. */
  | { readonly result: 'not_renewable' };

/** Renews the token on the disk. @throws BrokerError, TokenStoreError: it may be tried again */
export async function renewStoredDhanToken(config: Config, nowMs: number): Promise<Renewal> {
  const answer = readDhanToken(config.tokenDir);
  if (!('token' in answer)) return { result: 'no_token' };
  const { token } = answer;
  if (token.expiresMs !== null && token.expiresMs <= nowMs) return { result: 'dead' };
  try {
    const { accessToken, clientId, clientName, expiresMs } = await renewDhanToken(
      config.dhan,
      token.accessToken,
      token.clientId,
    );
    await storeDhanToken(config, {
      accessToken,
      clientId,
      clientName: clientName || token.clientName,
      expiresMs,
      generatedMs: dhanClaims(accessToken)?.issuedMs ?? nowMs,
    });
    return { result: 'renewed', expiresMs };
  } catch (error) {
    if (!(error instanceof BrokerError) || error.problem !== 'token_refused') throw error;
    return { result: (await isAlive(config, token)) ? 'not_renewable' : 'dead' };
  }
}

async function isAlive(config: Config, { accessToken }: DhanToken): Promise<boolean> {
  try {
    await dhanProfile(config.dhan, accessToken);
    return true;
  } catch (error) {
    if (error instanceof BrokerError && error.problem === 'token_refused') return false;
    throw error;
  }
}
