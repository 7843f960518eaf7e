import { watchExports } from '../../../../lib/services/exports-stream.ts';
import { doing } from '../../../../lib/services/route.ts';

export const GET = doing('GET /api/exports/stream', ({ caller, request }) => watchExports(caller, request));
