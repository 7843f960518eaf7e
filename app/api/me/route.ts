import { services } from '../../../lib/services/context.ts';
import { json, route } from '../../../lib/services/route.ts';

/** Who asks, for the header of the pages. */
export const GET = route({ role: 'viewer' }, async ({ caller: { via, name, role } }) =>
  json({ via, name, role, simulated: services().config.simulated }),
);
