/** API keys: a script sends one as `Authorization: Bearer KEY`. */
import { z } from 'zod';
import { addKey, type KeyRow, listKeys, revokeKey } from '../../db/api-keys.ts';
import { hashOfSecret, newSecret } from '../auth/secrets.ts';
import type { Caller } from './access.ts';
import { audit } from './audit.ts';
import { services } from './context.ts';
import { RequestError } from './errors.ts';
import { personName } from './person-name.ts';

/** Before the random part, so that a key is known for one wherever it turns up. */
const MARK = 'gehra_';
/** So much of a key is kept, for a person to know it again. */
const PREFIX_CHARACTERS = MARK.length + 4;

export const NewKey = z.strictObject({ name: z.string().max(200), scope: z.enum(['read', 'full']) });
export const KeyId = z.strictObject({
  id: z
    .int()
    .min(1)
    .max(2 ** 31 - 1),
});

export async function keys(caller: Caller): Promise<KeyRow[]> {
  caller.mustBe('owner');
  return listKeys(services().db);
}

/** @returns the key, which is told this once. @throws RequestError 422 */
export async function makeKey(caller: Caller, { name, scope }: z.output<typeof NewKey>): Promise<string> {
  mayManage(caller);
  const { db, nowMs } = services();
  const key = `${MARK}${newSecret()}`;
  const plainName = personName(name);
  await addKey(db, {
    name: plainName,
    prefix: key.slice(0, PREFIX_CHARACTERS),
    hash: hashOfSecret(key),
    scope,
    personId: caller.personId,
    nowMs: nowMs(),
  });
  await audit(caller, 'key_made', `${plainName}, ${scope}`);
  return key;
}

/** @throws RequestError 404 */
export async function revoke(caller: Caller, { id }: z.output<typeof KeyId>): Promise<void> {
  mayManage(caller);
  const { db, nowMs } = services();
  const name = await revokeKey(db, id, nowMs());
  if (name === null) throw new RequestError(404, 'Not found', 'There is no such key, or it was revoked already.');
  await audit(caller, 'key_revoked', name);
}

function mayManage(caller: Caller): void {
  caller.mustBe('owner');
  caller.mustHaveEnteredPassword();
}
