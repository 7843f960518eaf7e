import { answering } from '../../../../../lib/services/route.ts';
import { summedBars } from '../../../../../lib/services/summed-bars.ts';

export const GET = answering('/api/orderflow/bars/summed', summedBars);
