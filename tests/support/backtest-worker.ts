/** A worker on backtests as a program of its own, for a test that kills it. Its configuration is its argument, as JSON. */
import { createLog } from '../../lib/obs/log.ts';
import { type BacktestParts, workOnBacktests } from '../../workers/jobs/backtests.ts';

workOnBacktests(JSON.parse(process.argv[2] ?? '{}') as BacktestParts, createLog('backtest-worker', 'info'), {
  lockMs: 1000,
  sweepMs: 200,
});
