import { newPasswordLink, PersonId } from '../../../../lib/services/people.ts';
import { change, json } from '../../../../lib/services/route.ts';

export const POST = change({ role: 'owner', recentPassword: true, body: PersonId }, async ({ caller, body }) =>
  json({ path: await newPasswordLink(caller, body) }),
);
