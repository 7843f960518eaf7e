import { kiteStatus } from '../../../../lib/services/broker-account.ts';
import { route } from '../../../../lib/services/route.ts';

export const GET = route({ role: 'viewer' }, async ({ caller }) =>
  Response.json(await kiteStatus(caller), { headers: { 'cache-control': 'no-store' } }),
);
