import { route } from '../../../../lib/services/route.ts';
import { TileQuery, tileResponse } from '../../../../lib/services/tiles.ts';

export const GET = route({ role: 'viewer', query: TileQuery }, ({ caller, query, request }) =>
  tileResponse(caller, query, request.headers),
);
