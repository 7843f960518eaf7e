import { InstrumentsQuery, searchInstruments } from '../../../lib/services/instruments.ts';
import { route } from '../../../lib/services/route.ts';

export const GET = route({ role: 'viewer', query: InstrumentsQuery }, async ({ caller, query }) =>
  Response.json({ instruments: await searchInstruments(caller, query) }, { headers: { 'cache-control': 'no-store' } }),
);
