import { DepthHistoryQuery, depthHistory } from '../../../../lib/services/depth-history.ts';
import { route } from '../../../../lib/services/route.ts';

export const GET = route(
  DepthHistoryQuery,
  async (query) =>
    new Response(await depthHistory(query), {
      headers: { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' },
    }),
);
