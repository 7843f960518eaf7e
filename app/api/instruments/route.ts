import { InstrumentsQuery, searchInstruments } from '../../../lib/services/instruments.ts';
import { route } from '../../../lib/services/route.ts';

export const GET = route(InstrumentsQuery, async (query) =>
  Response.json({ instruments: await searchInstruments(query) }, { headers: { 'cache-control': 'no-store' } }),
);
