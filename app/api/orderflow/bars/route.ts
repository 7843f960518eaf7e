import { BarsQuery, bars } from '../../../../lib/services/orderflow.ts';
import { route } from '../../../../lib/services/route.ts';

export const GET = route({ role: 'viewer', query: BarsQuery }, async ({ caller, query }) =>
  Response.json(await bars(caller, query), { headers: { 'cache-control': 'no-store' } }),
);
