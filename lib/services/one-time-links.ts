/** Links that work once: the terminal's for the owner of the machine, and those by which an owner invites somebody. */
import type { Client, Pool } from '../../db/connect.ts';
import { inTransaction } from '../../db/connect.ts';
import {
  addOneTimeLink,
  dropExpiredLinks,
  dropSetupLinks,
  findOneTimeLink,
  type OneTimeLink,
  takeOneTimeLink,
} from '../../db/one-time-links.ts';
import { addPerson, type PersonRole, personNamed, removeTotp, setPassword } from '../../db/people.ts';
import { endSessionsOf } from '../../db/sessions.ts';
import { hashPassword } from '../auth/password.ts';
import { passwordFault } from '../auth/password-rules.ts';
import { hashOfSecret, newSecret } from '../auth/secrets.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { countAttempt, forgetAttempts } from './limits.ts';
import { personName } from './person-name.ts';
import { busyIs429 } from './sign-in.ts';

const MINUTE_MS = 60_000;
/** The terminal's are used at once; an invitation has to reach somebody first. */
const LIVES_MS = { setup: 15 * MINUTE_MS, password: 15 * MINUTE_MS, invite: 24 * 60 * MINUTE_MS } as const;

export interface NewLink {
  readonly purpose: OneTimeLink['purpose'];
  readonly role: PersonRole;
  /** Whose password it changes. */
  readonly personId?: number;
  readonly madeBy: string;
}

/** Makes a link. @returns its path, which is the only place where its code stands */
export async function makeLink(
  db: Client | Pool,
  { purpose, role, personId, madeBy }: NewLink,
  nowMs: number,
): Promise<string> {
  const code = newSecret();
  await dropExpiredLinks(db, nowMs);
  await addOneTimeLink(db, {
    codeHash: hashOfSecret(code),
    purpose,
    role,
    personId: personId ?? null,
    madeBy,
    expiresMs: nowMs + LIVES_MS[purpose],
  });
  return `/setup?code=${code}`;
}

/** What a link is for; null where it is none, or none any more. */
export async function lookAtLink(code: string): Promise<OneTimeLink | null> {
  const { db, nowMs } = services();
  return findOneTimeLink(db, hashOfSecret(code), nowMs());
}

/**
 * Uses a link: makes the person, or gives them the new password and ends what they were signed in to. A second factor goes
 * too: whoever lost the phone comes in this way.
 *
 * @returns the person's name
 * @throws RequestError 404, 409, 422, 429; the link works on
 */
export async function spendLink(
  { code, name, password }: { code: string; name: string; password: string },
  address: string,
): Promise<string> {
  const { db, nowMs } = services();
  const takeBack = await countAttempt(address, null);
  const link = await lookAtLink(code);
  if (!link) throw gone();
  await takeBack();
  const person = link.personName ?? personName(name);
  const fault = await passwordFault(password, person);
  if (fault !== null) throw new RequestError(422, 'Password refused', fault);
  if (link.personId === null && (await personNamed(db, person))) throw taken(person);
  const passwordHash = await busyIs429(hashPassword(password));
  await inTransaction(db, async (client) => {
    if (!(await takeOneTimeLink(client, hashOfSecret(code), nowMs()))) throw gone();
    if (link.personId === null) {
      if ((await addPerson(client, { name: person, role: link.role, passwordHash })) === null) throw taken(person);
    } else {
      await setPassword(client, link.personId, passwordHash);
      await removeTotp(client, link.personId);
      await endSessionsOf(client, link.personId, null);
    }
    if (link.role === 'owner') await dropSetupLinks(client);
  });
  await forgetAttempts(person);
  const action = link.personId === null ? 'person_added' : 'password_set';
  await audit({ name: person }, action, `by a one-time link, as ${link.role}, from ${address}`);
  return person;
}

const gone = (): RequestError =>
  new RequestError(404, 'Not found', 'This link was used already, or is too old. Ask for another.');
const taken = (name: string): RequestError =>
  new RequestError(409, 'Name taken', `There is somebody named ${name} already. Choose another name.`);
