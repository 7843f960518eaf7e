import { ContinuousQuery, continuousBars } from '../../../../lib/services/continuous.ts';
import { route } from '../../../../lib/services/route.ts';

export const GET = route({ role: 'viewer', query: ContinuousQuery }, async ({ caller, query }) =>
  Response.json(await continuousBars(caller, query), { headers: { 'cache-control': 'no-store' } }),
);
