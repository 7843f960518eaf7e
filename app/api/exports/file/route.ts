import { exportDownload } from '../../../../lib/services/export-files.ts';
import { doing } from '../../../../lib/services/route.ts';

export const GET = doing('GET /api/exports/file', ({ caller, query, request }) =>
  exportDownload(caller, query, request),
);

export const HEAD = GET;
