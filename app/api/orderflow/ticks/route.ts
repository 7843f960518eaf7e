import { answering } from '../../../../lib/services/route.ts';
import { ticks } from '../../../../lib/services/tape.ts';

export const GET = answering('/api/orderflow/ticks', ticks);
