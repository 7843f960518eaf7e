/** A worker on exports as a program of its own, for a test that kills it. Its configuration is its argument, as JSON. */
import { createLog } from '../../lib/obs/log.ts';
import { type ExportParts, workOnExports } from '../../workers/jobs/exports.ts';

workOnExports(JSON.parse(process.argv[2] ?? '{}') as ExportParts, createLog('export-worker', 'info'), {
  lockMs: 1000,
  sweepMs: 200,
});
