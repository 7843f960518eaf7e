import { connections } from '../../../lib/services/connections.ts';
import { route } from '../../../lib/services/route.ts';

export const GET = route({ role: 'viewer' }, async ({ caller }) =>
  Response.json(await connections(caller), { headers: { 'cache-control': 'no-store' } }),
);
