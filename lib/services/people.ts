/** Who may come in, as an owner manages it. */
import { z } from 'zod';
import { dropLinksMadeBy } from '../../db/one-time-links.ts';
import { changePerson, listPeople, type PersonRole, personById } from '../../db/people.ts';
import { endSessionsOf } from '../../db/sessions.ts';
import type { Caller } from './access.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { makeLink } from './one-time-links.ts';

export interface PersonSummary {
  readonly id: number;
  readonly name: string;
  readonly role: PersonRole;
  readonly email: string | null;
  readonly hasPassword: boolean;
  readonly hasSecondFactor: boolean;
  readonly disabled: boolean;
  /** True for who asks. */
  readonly self: boolean;
}

const Id = z
  .int()
  .min(1)
  .max(2 ** 31 - 1);
const RoleSchema = z.enum(['owner', 'viewer']);
export const Invitation = z.strictObject({ role: RoleSchema });
export const PersonId = z.strictObject({ id: Id });
export const PersonChange = z.strictObject({
  id: Id,
  role: RoleSchema.optional(),
  disabled: z.boolean().optional(),
});

export async function people(caller: Caller): Promise<PersonSummary[]> {
  caller.mustBe('owner');
  const rows = await listPeople(services().db);
  return rows.map(({ id, name, role, email, passwordHash, totpSealed, disabled }) => ({
    id,
    name,
    role,
    email,
    hasPassword: passwordHash !== null,
    hasSecondFactor: totpSealed !== null,
    disabled,
    self: id === caller.personId,
  }));
}

/** @returns the path of the link that lets somebody in, once */
export async function invite(caller: Caller, { role }: z.output<typeof Invitation>): Promise<string> {
  mayManage(caller);
  const { db, nowMs } = services();
  const path = await makeLink(db, { purpose: 'invite', role, madeBy: caller.name }, nowMs());
  await audit(caller, 'person_invited', `as ${role}`);
  return path;
}

/** @returns the path of a link by which the person chooses a new password. @throws RequestError 404, 409 */
export async function newPasswordLink(caller: Caller, { id }: z.output<typeof PersonId>): Promise<string> {
  mayManage(caller);
  const { db, nowMs } = services();
  const person = await known(id);
  if (person.disabled) throw new RequestError(409, 'Disabled', `${person.name} is disabled. Enable them first.`);
  const link = { purpose: 'password', role: person.role, personId: id, madeBy: caller.name } as const;
  const path = await makeLink(db, link, nowMs());
  await audit(caller, 'password_link_made', `for ${person.name}`);
  return path;
}

/** Changes the role of a person, or whether they may come in: who may not is signed out. @throws RequestError 404, 409 */
export async function changeOne(caller: Caller, { id, role, disabled }: z.output<typeof PersonChange>): Promise<void> {
  mayManage(caller);
  const { db } = services();
  const { name } = await known(id);
  if (!(await changePerson(db, id, { role, disabled }))) {
    throw new RequestError(
      409,
      'Last owner',
      `${name} is the last owner who can sign in. Make somebody else an owner first.`,
    );
  }
  if (disabled) await endSessionsOf(db, id, null);
  if (disabled || role === 'viewer') await dropLinksMadeBy(db, name);
  const what = [role && `role ${role}`, disabled !== undefined && (disabled ? 'disabled' : 'enabled')].filter(Boolean);
  await audit(caller, 'person_changed', `${name}: ${what.join(', ')}`);
}

function mayManage(caller: Caller): void {
  caller.mustBe('owner');
  caller.mustHaveEnteredPassword();
}

async function known(id: number) {
  const person = await personById(services().db, id);
  if (!person) throw new RequestError(404, 'Not found', 'There is no such person.');
  return person;
}
