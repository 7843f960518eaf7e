import { DepthHistoryQuery } from '../../../../lib/api/books.ts';
import { depthHistory } from '../../../../lib/services/depth-history.ts';
import { route } from '../../../../lib/services/route.ts';

export const GET = route(
  { role: 'viewer', query: DepthHistoryQuery },
  async ({ caller, query }) =>
    new Response(await depthHistory(caller, query), {
      headers: { 'content-type': 'application/octet-stream', 'cache-control': 'no-store' },
    }),
);
