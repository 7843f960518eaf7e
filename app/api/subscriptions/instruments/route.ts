import { route } from '../../../../lib/services/route.ts';
import { SlotsQuery, slotInstruments } from '../../../../lib/services/subscriptions.ts';

export const GET = route({ role: 'viewer', query: SlotsQuery }, async ({ caller, query }) =>
  Response.json(await slotInstruments(caller, query), { headers: { 'cache-control': 'no-store' } }),
);
