import { backtest } from '../../../../../lib/services/backtests.ts';
import { doing, json } from '../../../../../lib/services/route.ts';

export const GET = doing('GET /api/signals/backtests/result', async ({ caller, query }) =>
  json(await backtest(caller, query)),
);
