import { KeyId, keys, makeKey, NewKey, revoke } from '../../../lib/services/keys.ts';
import { change, json, nothing, route } from '../../../lib/services/route.ts';

export const GET = route({ role: 'owner' }, async ({ caller }) => json({ keys: await keys(caller) }));

export const POST = change({ role: 'owner', recentPassword: true, body: NewKey }, async ({ caller, body }) =>
  json({ key: await makeKey(caller, body) }),
);

export const DELETE = change({ role: 'owner', recentPassword: true, body: KeyId }, async ({ caller, body }) => {
  await revoke(caller, body);
  return nothing();
});
