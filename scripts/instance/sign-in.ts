/** The links by which the owner of the machine comes in: they are made here, where the database's password is known. */
import { connect } from '../../db/connect.ts';
import { enabledOwners, listPeople, personNamed } from '../../db/people.ts';
import { makeLink } from '../../lib/services/one-time-links.ts';
import { UserError } from '../user-error.ts';

const MADE_BY = 'the owner of the machine';

/** The path of a link that makes the first owner; undefined where there is an owner. */
export async function firstOwnerLink(databaseUrl: string, nowMs: number): Promise<string | undefined> {
  const client = await connect(databaseUrl, 'sign-in');
  try {
    if ((await enabledOwners(client)).length > 0) return undefined;
    return await makeLink(client, { purpose: 'setup', role: 'owner', madeBy: MADE_BY }, nowMs);
  } finally {
    await client.end();
  }
}

/**
 * The path of a link by which a person chooses a new password, and who that is; without a name the one owner, or a new one
 * where there is none.
 *
 * @throws UserError where it is not clear who is meant
 */
export async function signInLink(
  databaseUrl: string,
  name: string | undefined,
  nowMs: number,
): Promise<{ path: string; person: string | null }> {
  const client = await connect(databaseUrl, 'sign-in');
  try {
    const owners = await enabledOwners(client);
    if (name === undefined && owners.length === 0) {
      return {
        path: await makeLink(client, { purpose: 'setup', role: 'owner', madeBy: MADE_BY }, nowMs),
        person: null,
      };
    }
    if (name === undefined && owners.length > 1) {
      throw new UserError(
        `There are several owners. Say whose link it is with --name: ${owners.map(({ name }) => name).join(', ')}`,
      );
    }
    const person = name === undefined ? owners[0] : await personNamed(client, name);
    if (!person) {
      const names = (await listPeople(client)).map((one) => one.name);
      throw new UserError(`There is nobody named ${name}.${names.length > 0 ? ` There are: ${names.join(', ')}` : ''}`);
    }
    if (person.disabled)
      throw new UserError(`${person.name} is disabled. An owner can let them in again under Settings, People.`);
    const link = { purpose: 'password', role: person.role, personId: person.id, madeBy: MADE_BY } as const;
    return { path: await makeLink(client, link, nowMs), person: person.name };
  } finally {
    await client.end();
  }
}
