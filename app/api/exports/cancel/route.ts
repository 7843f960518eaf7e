import { stopExport } from '../../../../lib/services/exports.ts';
import { doing, nothing } from '../../../../lib/services/route.ts';

export const POST = doing('POST /api/exports/cancel', async ({ caller, body }) => {
  await stopExport(caller, body);
  return nothing();
});
