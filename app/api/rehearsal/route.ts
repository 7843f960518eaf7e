import { askRehearsal, rehearsals } from '../../../lib/services/rehearsal.ts';
import { change, route } from '../../../lib/services/route.ts';

const noStore = { headers: { 'cache-control': 'no-store' } };

export const GET = route({ role: 'viewer' }, async ({ caller }) =>
  Response.json({ rehearsals: await rehearsals(caller) }, noStore),
);

export const POST = change({ role: 'owner' }, async ({ caller }) => {
  await askRehearsal(caller);
  return Response.json({ asked: true }, { status: 202, ...noStore });
});
