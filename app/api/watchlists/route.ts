import { change, route } from '../../../lib/services/route.ts';
import {
  addWatchlist,
  ChangedWatchlist,
  changeWatchlist,
  NewWatchlist,
  OneWatchlist,
  removeWatchlist,
  watchlists,
} from '../../../lib/services/watchlists.ts';

export const GET = route({ role: 'viewer' }, async ({ caller }) =>
  Response.json(
    { watchlists: await watchlists(caller), mayChange: caller.role === 'owner' },
    { headers: { 'cache-control': 'no-store' } },
  ),
);

export const POST = change({ role: 'owner', body: NewWatchlist }, async ({ caller, body }) =>
  Response.json({ id: await addWatchlist(caller, body) }, { status: 201 }),
);

export const PATCH = change({ role: 'owner', body: ChangedWatchlist }, async ({ caller, body }) => {
  await changeWatchlist(caller, body);
  return new Response(null, { status: 204 });
});

export const DELETE = change({ role: 'owner', body: OneWatchlist }, async ({ caller, body }) => {
  await removeWatchlist(caller, body);
  return new Response(null, { status: 204 });
});
