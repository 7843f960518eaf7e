import { searchInstruments } from '../../../lib/services/instruments.ts';
import { answering } from '../../../lib/services/route.ts';

export const GET = answering('/api/instruments', searchInstruments);
