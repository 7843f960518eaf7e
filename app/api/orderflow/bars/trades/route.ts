import { answering } from '../../../../../lib/services/route.ts';
import { tradeBars } from '../../../../../lib/services/trade-bars.ts';

export const GET = answering('/api/orderflow/bars/trades', tradeBars);
