import { createExport, deleteExport, ExportId, ExportQuery, listExports } from '../../../lib/services/exports.ts';
import { change, json, nothing, route } from '../../../lib/services/route.ts';

export const GET = route({ role: 'viewer' }, async ({ caller }) => json(await listExports(caller)));

export const POST = change({ role: 'owner', body: ExportQuery }, async ({ caller, body }) =>
  json(await createExport(caller, body)),
);

export const DELETE = change({ role: 'owner', body: ExportId }, async ({ caller, body }) => {
  await deleteExport(caller, body);
  return nothing();
});
