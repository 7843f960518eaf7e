import { ExportFileQuery, exportDownload } from '../../../../lib/services/export-files.ts';
import { route } from '../../../../lib/services/route.ts';

export const GET = route({ role: 'viewer', query: ExportFileQuery }, ({ caller, query, request }) =>
  exportDownload(caller, query, request),
);

export const HEAD = GET;
