import { changeReplay, createReplay, endReplay, replays } from '../../../lib/services/replays.ts';
import { doing, json, nothing } from '../../../lib/services/route.ts';

export const GET = doing('GET /api/replay', async ({ caller, query }) => json(await replays(caller, query)));

export const POST = doing('POST /api/replay', async ({ caller, body }) =>
  Response.json(await createReplay(caller, body), { status: 201, headers: { 'cache-control': 'no-store' } }),
);

export const PATCH = doing('PATCH /api/replay', async ({ caller, body }) => json(await changeReplay(caller, body)));

export const DELETE = doing('DELETE /api/replay', async ({ caller, body }) => {
  await endReplay(caller, body);
  return nothing();
});
