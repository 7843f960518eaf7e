/** Delivers the alerts that are open, as a program of its own, for a test that kills it. Its configuration is its argument, as JSON. */
import { createPool } from '../../db/connect.ts';
import { createLog } from '../../lib/obs/log.ts';
import { Deliverer, type DelivererParts } from '../../workers/jobs/alerts/deliverer.ts';

const { lockMs, ...config } = JSON.parse(process.argv[2] ?? '{}') as DelivererParts['config'] & {
  readonly databaseUrl: string;
  readonly lockMs: number;
};
const log = createLog('alert-deliverer', 'info');
const db = createPool(config.databaseUrl, 'alert-deliverer', (error) => {
  throw error;
});
await new Deliverer({ config, db, log, nowMs: Date.now }, { lockMs }).ask();
