import { createBacktest, deleteBacktest, listBacktests } from '../../../../lib/services/backtests.ts';
import { doing, json, nothing } from '../../../../lib/services/route.ts';

export const GET = doing('GET /api/signals/backtests', async ({ caller }) => json(await listBacktests(caller)));

export const POST = doing('POST /api/signals/backtests', async ({ caller, body }) =>
  json(await createBacktest(caller, body)),
);

export const DELETE = doing('DELETE /api/signals/backtests', async ({ caller, body }) => {
  await deleteBacktest(caller, body);
  return nothing();
});
