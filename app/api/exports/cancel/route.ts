import { ExportId, stopExport } from '../../../../lib/services/exports.ts';
import { change, nothing } from '../../../../lib/services/route.ts';

export const POST = change({ role: 'owner', body: ExportId }, async ({ caller, body }) => {
  await stopExport(caller, body);
  return nothing();
});
