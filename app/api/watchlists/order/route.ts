import { change } from '../../../../lib/services/route.ts';
import { sortWatchlists, WatchlistOrder } from '../../../../lib/services/watchlists.ts';

export const PUT = change({ role: 'owner', body: WatchlistOrder }, async ({ caller, body }) => {
  await sortWatchlists(caller, body);
  return new Response(null, { status: 204 });
});
