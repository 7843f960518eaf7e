/** The second factor: codes of six digits that change every 30 seconds (RFC 6238), and recovery codes for a lost phone. */
import { randomInt } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

const PERIOD_S = 30;
const RECOVERY_CODES = 10;
/** No letter or digit that is taken for another. 10 of 31 are 49 bits. */
const RECOVERY_ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const RECOVERY_CHARACTERS = 10;

/** 160 random bits in base 32, as an authenticator app takes them. */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32;

const totpOf = (secret: string, name: string): TOTP =>
  new TOTP({ issuer: 'Gehra', label: name, secret: Secret.fromBase32(secret), period: PERIOD_S });

/** What the QR code of an authenticator app says. */
export const totpAddress = (secret: string, name: string): string => totpOf(secret, name).toString();

/**
 * The number of the 30 seconds that a code belongs to, which may be those before or after for clocks that differ; null where
 * it is the code of none. A code whose number was used is to be refused by who asks.
 */
export function totpStep(secret: string, code: string, nowMs: number): number | null {
  const delta = totpOf(secret, '').validate({ token: code, timestamp: nowMs, window: 1 });
  return delta === null ? null : Math.floor(nowMs / 1000 / PERIOD_S) + delta;
}

/** Codes that each stand in for the phone once. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: RECOVERY_CODES }, () => {
    const characters = Array.from(
      { length: RECOVERY_CHARACTERS },
      () => RECOVERY_ALPHABET[randomInt(RECOVERY_ALPHABET.length)],
    ).join('');
    return `${characters.slice(0, 5)}-${characters.slice(5)}`;
  });

/** A recovery code as it is compared: however it was typed. */
export const plainRecoveryCode = (code: string): string => code.toLowerCase().replace(/[\s-]/g, '');
