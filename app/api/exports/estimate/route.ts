import { estimateExport } from '../../../../lib/services/exports.ts';
import { doing, json } from '../../../../lib/services/route.ts';

export const GET = doing('GET /api/exports/estimate', async ({ caller, query }) =>
  json(await estimateExport(caller, query)),
);
