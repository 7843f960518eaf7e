import { kiteAccountProfile } from '../../../../lib/services/broker-account.ts';
import { route } from '../../../../lib/services/route.ts';

export const GET = route({ role: 'owner' }, async ({ caller }) =>
  Response.json(await kiteAccountProfile(caller), { headers: { 'cache-control': 'no-store' } }),
);
