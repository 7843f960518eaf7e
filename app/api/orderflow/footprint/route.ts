import { FootprintQuery, footprint } from '../../../../lib/services/orderflow.ts';
import { route } from '../../../../lib/services/route.ts';

export const GET = route({ role: 'viewer', query: FootprintQuery }, async ({ caller, query }) =>
  Response.json(await footprint(caller, query), { headers: { 'cache-control': 'no-store' } }),
);
