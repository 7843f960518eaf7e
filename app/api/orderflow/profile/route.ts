import { ProfileQuery, profile } from '../../../../lib/services/orderflow.ts';
import { route } from '../../../../lib/services/route.ts';

export const GET = route({ role: 'viewer', query: ProfileQuery }, async ({ caller, query }) =>
  Response.json(await profile(caller, query), { headers: { 'cache-control': 'no-store' } }),
);
