import { z } from 'zod';
import { loginUrlRoute } from '../../../../lib/services/broker-routes.ts';
import { route } from '../../../../lib/services/route.ts';

export const GET = route(
  { role: 'owner', query: z.strictObject({ next: z.string().max(1000).optional() }) },
  loginUrlRoute('dhan'),
);
