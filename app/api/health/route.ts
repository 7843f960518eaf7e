import { health } from '../../../lib/services/health.ts';
import { json, route } from '../../../lib/services/route.ts';

/** How the whole installation is, stage by stage. Whether it works at all is told to anybody by ./live and ./ready. */
export const GET = route({ role: 'viewer' }, async ({ caller }) => json(await health(caller)));
