import { route } from '../../../lib/services/route.ts';
import { slotBudget } from '../../../lib/services/subscriptions.ts';

export const GET = route({ role: 'viewer' }, async ({ caller }) =>
  Response.json({ kinds: await slotBudget(caller) }, { headers: { 'cache-control': 'no-store' } }),
);
