import { CandlesQuery, candles } from '../../../../lib/services/candles.ts';
import { route } from '../../../../lib/services/route.ts';

export const GET = route({ role: 'viewer', query: CandlesQuery }, async ({ caller, query }) =>
  Response.json(await candles(caller, query), { headers: { 'cache-control': 'no-store' } }),
);
