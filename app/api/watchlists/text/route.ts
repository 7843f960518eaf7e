import { route } from '../../../../lib/services/route.ts';
import { TextQuery, watchlistText } from '../../../../lib/services/watchlists.ts';

export const GET = route(
  { role: 'viewer', query: TextQuery },
  async ({ caller, query }) =>
    new Response(await watchlistText(caller, query), {
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'content-disposition': `attachment; filename="watchlist-${query.id}.txt"`,
        'cache-control': 'no-store',
      },
    }),
);
