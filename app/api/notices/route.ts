import { NoticesQuery, newNotices } from '../../../lib/services/notifications.ts';
import { route } from '../../../lib/services/route.ts';

export const GET = route({ role: 'viewer', query: NoticesQuery }, async ({ caller, query }) =>
  Response.json(await newNotices(caller, query), { headers: { 'cache-control': 'no-store' } }),
);
