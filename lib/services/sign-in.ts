/** Signing in by name and password, and the second factor where it is on. */

import { addAudit } from '../../db/audit.ts';
import { type PersonRow, personNamed, spendRecoveryCode, spendTotpStep } from '../../db/people.ts';
import { PasswordsBusyError, passwordIs } from '../auth/password.ts';
import { unseal } from '../auth/seal.ts';
import { hashOfSecret } from '../auth/secrets.ts';
import { plainRecoveryCode, totpStep } from '../auth/totp.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { countAttempt, countCode } from './limits.ts';

/** What a second factor is sealed for. */
export const TOTP_PURPOSE = 'totp';
/** Title of the problem that a code solves. */
export const CODE_NEEDED = 'Code needed';

export interface Credentials {
  readonly name: string;
  readonly password: string;
  /** Of the second factor: six digits, or a recovery code. */
  readonly code?: string | undefined;
}

/**
 * Who signs in. A wrong name and a wrong password are the same to who tries, in words, status and time.
 *
 * @throws RequestError 401, 429
 */
export async function signIn({ name, password, code }: Credentials, address: string): Promise<PersonRow> {
  const { db } = services();
  const takeBack = await countAttempt(address, name);
  const person = await personNamed(db, name);
  const matches = await busyIs429(passwordIs(password, person?.passwordHash ?? null));
  if (!person || person.disabled || !matches) {
    await keepRefusal(name, address, 'name or password wrong');
    throw new RequestError(401, 'Not signed in', 'Name or password is wrong.');
  }
  if (person.totpSealed !== null) {
    if (!code) {
      await takeBack();
      throw new RequestError(401, CODE_NEEDED, 'Enter the code that your authenticator app shows.');
    }
    const forget = await countCode(person.id);
    if (!(await codeIsRight(person, code))) {
      await keepRefusal(person.name, address, 'code wrong');
      throw new RequestError(401, CODE_NEEDED, 'This code is wrong, or was used already. Wait for the next one.');
    }
    await forget();
  }
  await takeBack();
  return person;
}

/** Whether a code is right now; uses it up. */
export async function codeIsRight(person: PersonRow, code: string): Promise<boolean> {
  const { config, db, nowMs } = services();
  const plain = plainRecoveryCode(code);
  if (!/^\d{6}$/.test(plain)) return spendRecoveryCode(db, person.id, hashOfSecret(plain));
  const step = totpStep(unseal(config.authSecret, TOTP_PURPOSE, person.totpSealed ?? ''), plain, nowMs());
  return step !== null && spendTotpStep(db, person.id, step);
}

/** The name as it was typed may be a password typed into the wrong field: it is not kept unless it is somebody's. */
async function keepRefusal(name: string, address: string, why: string): Promise<void> {
  const { db, log } = services();
  const known = await personNamed(db, name);
  const who = known?.name ?? 'somebody unknown';
  log.warn({ event: 'sign_in_refused', who, address, why });
  await addAudit(db, { who, action: 'sign_in_refused', detail: `from ${address}: ${why}` });
}

/** @throws RequestError 429 where too many passwords are being looked at */
export async function busyIs429<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof PasswordsBusyError)) throw error;
    throw new RequestError(429, 'Too many requests', 'Others are signing in just now. Try again in a second.', 1);
  }
}
