import { imports } from '../../../lib/services/imports.ts';
import { doing, json } from '../../../lib/services/route.ts';

export const GET = doing('GET /api/imports', async ({ caller }) => json(await imports(caller)));
