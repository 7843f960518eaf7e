import { TileQuery } from '../../../../lib/api/tiles.ts';
import { route } from '../../../../lib/services/route.ts';
import { tileResponse } from '../../../../lib/services/tiles.ts';

export const GET = route({ role: 'viewer', query: TileQuery }, ({ caller, query, request }) =>
  tileResponse(caller, query, request.headers),
);
