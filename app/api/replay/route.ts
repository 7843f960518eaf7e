import {
  ChangedReplay,
  changeReplay,
  createReplay,
  endReplay,
  NewReplay,
  OneReplay,
  ReplaysQuery,
  replays,
} from '../../../lib/services/replays.ts';
import { change, json, nothing, route } from '../../../lib/services/route.ts';

export const GET = route({ role: 'viewer', query: ReplaysQuery }, async ({ caller, query }) =>
  json(await replays(caller, query)),
);

export const POST = change({ role: 'viewer', body: NewReplay }, async ({ caller, body }) =>
  Response.json(await createReplay(caller, body), { status: 201, headers: { 'cache-control': 'no-store' } }),
);

export const PATCH = change({ role: 'viewer', body: ChangedReplay }, async ({ caller, body }) =>
  json(await changeReplay(caller, body)),
);

export const DELETE = change({ role: 'viewer', body: OneReplay }, async ({ caller, body }) => {
  await endReplay(caller, body);
  return nothing();
});
