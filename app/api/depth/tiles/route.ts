import { route } from '../../../../lib/services/route.ts';
import { TileIndexQuery, tileIndex } from '../../../../lib/services/tiles.ts';

export const GET = route({ role: 'viewer', query: TileIndexQuery }, async ({ caller, query }) =>
  Response.json(await tileIndex(caller, query), { headers: { 'cache-control': 'no-store' } }),
);
