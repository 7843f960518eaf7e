import { route } from '../../../lib/services/route.ts';
import { MastersQuery, mastersReport } from '../../../lib/services/subscriptions.ts';

export const GET = route({ role: 'viewer', query: MastersQuery }, async ({ caller, query }) =>
  Response.json(await mastersReport(caller, query), { headers: { 'cache-control': 'no-store' } }),
);
