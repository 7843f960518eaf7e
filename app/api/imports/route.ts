import { imports } from '../../../lib/services/imports.ts';
import { json, route } from '../../../lib/services/route.ts';

export const GET = route({ role: 'viewer' }, async ({ caller }) => json(await imports(caller)));
