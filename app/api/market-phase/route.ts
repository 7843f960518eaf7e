import { z } from 'zod';
import { EXCHANGES, type Exchange } from '../../../lib/core/exchange.ts';
import { marketPhase } from '../../../lib/services/hours.ts';
import { json, route } from '../../../lib/services/route.ts';

const query = z.strictObject({ exchange: z.enum(Object.keys(EXCHANGES) as [Exchange, ...Exchange[]]).default('NSE') });

/** What an exchange's market does now and next, for the header of the pages. */
export const GET = route({ role: 'viewer', query }, async ({ caller, query: { exchange } }) =>
  json(marketPhase(caller, exchange)),
);
