import { stopBacktest } from '../../../../../lib/services/backtests.ts';
import { doing, nothing } from '../../../../../lib/services/route.ts';

export const POST = doing('POST /api/signals/backtests/cancel', async ({ caller, body }) => {
  await stopBacktest(caller, body);
  return nothing();
});
