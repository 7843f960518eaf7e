import { DayBody, DayChoice, enterDay, hoursView, takeBackDay } from '../../../../lib/services/hours.ts';
import { change, route } from '../../../../lib/services/route.ts';

const noStore = { headers: { 'cache-control': 'no-store' } };

export const GET = route({ role: 'viewer' }, async ({ caller }) => Response.json(await hoursView(caller), noStore));

export const PUT = change({ role: 'owner', body: DayBody }, async ({ caller, body }) => {
  await enterDay(caller, body.day);
  return Response.json(await hoursView(caller), noStore);
});

export const DELETE = change({ role: 'owner', query: DayChoice }, async ({ caller, query }) => {
  await takeBackDay(caller, query.date);
  return Response.json(await hoursView(caller), noStore);
});
