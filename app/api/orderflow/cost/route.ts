import { tradingCost } from '../../../../lib/services/book-series.ts';
import { answering } from '../../../../lib/services/route.ts';

export const GET = answering('/api/orderflow/cost', tradingCost);
