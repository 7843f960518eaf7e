import { watchExports } from '../../../../lib/services/exports-stream.ts';
import { route } from '../../../../lib/services/route.ts';

export const GET = route({ role: 'viewer' }, ({ caller, request }) => watchExports(caller, request.signal));
