import { dataKept } from '../../../../lib/services/data-kept.ts';
import { route } from '../../../../lib/services/route.ts';

export const GET = route({ role: 'viewer' }, async ({ caller }) =>
  Response.json(await dataKept(caller), { headers: { 'cache-control': 'no-store' } }),
);
