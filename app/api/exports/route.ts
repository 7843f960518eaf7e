import { createExport, deleteExport, listExports } from '../../../lib/services/exports.ts';
import { doing, json, nothing } from '../../../lib/services/route.ts';

export const GET = doing('GET /api/exports', async ({ caller }) => json(await listExports(caller)));

export const POST = doing('POST /api/exports', async ({ caller, body }) => json(await createExport(caller, body)));

export const DELETE = doing('DELETE /api/exports', async ({ caller, body }) => {
  await deleteExport(caller, body);
  return nothing();
});
