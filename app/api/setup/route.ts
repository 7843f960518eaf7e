import { z } from 'zod';
import { spendLink } from '../../../lib/services/one-time-links.ts';
import { addressOf } from '../../../lib/services/request-facts.ts';
import { json, openChange } from '../../../lib/services/route.ts';

const Body = z.strictObject({ code: z.string().max(100), name: z.string().max(200), password: z.string().max(1000) });

/** Uses a one-time link, which is what lets in here. */
export const POST = openChange({ body: Body }, async ({ body, request }) =>
  json({ name: await spendLink(body, addressOf(request.headers)) }),
);
