/** What people do about themselves: password, second factor, sessions. */
import { z } from 'zod';
import { confirmTotp, type PersonRow, personById, removeTotp, setPassword, setPendingTotp } from '../../db/people.ts';
import { endSessionsOf, listSessions, passwordEntered, type SessionSummary } from '../../db/sessions.ts';
import { hashPassword, passwordIs } from '../auth/password.ts';
import { passwordFault } from '../auth/password-rules.ts';
import { seal, unseal } from '../auth/seal.ts';
import { hashOfSecret } from '../auth/secrets.ts';
import { newRecoveryCodes, newTotpSecret, plainRecoveryCode, totpAddress, totpStep } from '../auth/totp.ts';
import type { Caller } from './access.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { countCode, countConfirmation } from './limits.ts';
import { SESSION_LIMITS } from './sessions.ts';
import { busyIs429, codeIsRight, TOTP_PURPOSE } from './sign-in.ts';

export interface Account {
  readonly name: string;
  readonly role: PersonRow['role'];
  readonly hasPassword: boolean;
  readonly hasSecondFactor: boolean;
  readonly recoveryCodesLeft: number;
  readonly sessions: readonly (SessionSummary & { readonly current: boolean })[];
}

const Password = z.string().max(1000);
export const PasswordEntry = z.strictObject({ password: Password });
export const PasswordChange = z.strictObject({ current: Password, next: Password });
export const Code = z.strictObject({ code: z.string().regex(/^\s*\d{3}\s?\d{3}\s*$/, 'six digits') });

/** Of the authenticator app, or a recovery code. */
export const FactorCode = z.strictObject({ code: z.string().min(1).max(40) });

/** @throws RequestError 409 where nobody is signed in: for the demo and for keys */
export async function account(caller: Caller): Promise<Account> {
  const person = await personOf(caller);
  const { db, nowMs } = services();
  const sessions = await listSessions(db, person.id, nowMs(), SESSION_LIMITS);
  return {
    name: person.name,
    role: person.role,
    hasPassword: person.passwordHash !== null,
    hasSecondFactor: person.totpSealed !== null,
    recoveryCodesLeft: person.recoveryCodesLeft,
    sessions: sessions.map((session) => ({ ...session, current: session.id === caller.sessionId })),
  };
}

/** Takes note that the person is still who signed in. @throws RequestError 409, 422, 429 */
export async function enterPassword(caller: Caller, { password }: z.output<typeof PasswordEntry>): Promise<void> {
  const person = await personOf(caller);
  await mustBePassword(person, password);
  await passwordEntered(services().db, sessionHash(caller), services().nowMs());
}

/** Changes the password and ends all other sessions. @throws RequestError 409, 422, 429 */
export async function changePassword(
  caller: Caller,
  { current, next }: z.output<typeof PasswordChange>,
): Promise<void> {
  const person = await personOf(caller);
  await mustBePassword(person, current);
  const fault = await passwordFault(next, person.name);
  if (fault !== null) throw new RequestError(422, 'Password refused', fault);
  const { db, nowMs } = services();
  await setPassword(db, person.id, await busyIs429(hashPassword(next)));
  await endSessionsOf(db, person.id, sessionHash(caller));
  await passwordEntered(db, sessionHash(caller), nowMs());
  await audit(caller, 'password_changed', 'other sessions ended');
}

export async function endOtherSessions(caller: Caller): Promise<void> {
  const person = await personOf(caller);
  const ended = await endSessionsOf(services().db, person.id, sessionHash(caller));
  await audit(caller, 'sessions_ended', `${ended} other`);
}

/** Begins to switch a second factor on; it is in force from its first code on. @throws RequestError 409 where one is on */
export async function beginSecondFactor(caller: Caller): Promise<{ secret: string; address: string }> {
  caller.mustHaveEnteredPassword();
  const person = await personOf(caller);
  mustHaveNone(person);
  const { config, db } = services();
  const secret = newTotpSecret();
  await setPendingTotp(db, person.id, seal(config.authSecret, TOTP_PURPOSE, secret));
  return { secret, address: totpAddress(secret, person.name) };
}

/** @returns recovery codes, which are told this once. @throws RequestError 409, 422, 429 */
export async function confirmSecondFactor(caller: Caller, { code }: z.output<typeof Code>): Promise<string[]> {
  caller.mustHaveEnteredPassword();
  const person = await personOf(caller);
  mustHaveNone(person);
  const { config, db, nowMs } = services();
  if (person.totpPending === null) throw new RequestError(409, 'Nothing to confirm', 'Begin with a new QR code.');
  const forget = await countCode(person.id);
  const step = totpStep(unseal(config.authSecret, TOTP_PURPOSE, person.totpPending), code.replace(/\s/g, ''), nowMs());
  if (step === null) {
    throw new RequestError(422, 'Code wrong', 'This code is wrong. Check that the clock of your phone is right.');
  }
  await forget();
  const codes = newRecoveryCodes();
  await confirmTotp(db, person.id, { step, recoveryHashes: codes.map((one) => hashOfSecret(plainRecoveryCode(one))) });
  await audit(caller, 'second_factor_on', 'with recovery codes');
  return codes;
}

/** Switches the second factor off, by one of its codes: a password alone must not be enough for that. @throws RequestError 409, 422, 429 */
export async function dropSecondFactor(caller: Caller, { code }: z.output<typeof FactorCode>): Promise<void> {
  caller.mustHaveEnteredPassword();
  const person = await personOf(caller);
  if (person.totpSealed === null)
    throw new RequestError(409, 'Off already', 'There is no second factor to switch off.');
  const forget = await countCode(person.id);
  if (!(await codeIsRight(person, code))) {
    throw new RequestError(422, 'Code wrong', 'This code is wrong, or was used already. Wait for the next one.');
  }
  await forget();
  await removeTotp(services().db, person.id);
  await audit(caller, 'second_factor_off', person.name);
}

function mustHaveNone({ totpSealed }: PersonRow): void {
  if (totpSealed === null) return;
  throw new RequestError(409, 'On already', 'Switch the second factor off first, with one of its codes.');
}

async function personOf({ personId }: Caller): Promise<PersonRow> {
  const person = personId === null ? null : await personById(services().db, personId);
  if (!person) throw new RequestError(409, 'Nobody signed in', 'Only somebody who is signed in has an account.');
  return person;
}

/** The one who asks is signed in, but perhaps the person at the keyboard is another by now. */
async function mustBePassword(person: PersonRow, password: string): Promise<void> {
  if (person.passwordHash === null) {
    throw new RequestError(
      409,
      'No password',
      'You have no password here: sign out, and in again with the sign-in service.',
    );
  }
  const takeBack = await countConfirmation(person.id);
  if (!(await busyIs429(passwordIs(password, person.passwordHash)))) {
    throw new RequestError(422, 'Password wrong', 'This is not your password.');
  }
  await takeBack();
}

const sessionHash = ({ sessionId }: Caller): Buffer => Buffer.from(sessionId ?? '', 'hex');
