import { ExportQuery, estimateExport } from '../../../../lib/services/exports.ts';
import { json, route } from '../../../../lib/services/route.ts';

export const GET = route({ role: 'owner', query: ExportQuery }, async ({ caller, query }) =>
  json(await estimateExport(caller, query)),
);
