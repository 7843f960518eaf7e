import { changeOne, Invitation, invite, PersonChange, people } from '../../../lib/services/people.ts';
import { change, json, nothing, route } from '../../../lib/services/route.ts';

export const GET = route({ role: 'owner' }, async ({ caller }) => json({ people: await people(caller) }));

export const POST = change({ role: 'owner', recentPassword: true, body: Invitation }, async ({ caller, body }) =>
  json({ path: await invite(caller, body) }),
);

export const PATCH = change({ role: 'owner', recentPassword: true, body: PersonChange }, async ({ caller, body }) => {
  await changeOne(caller, body);
  return nothing();
});
