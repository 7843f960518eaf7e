import { imbalance } from '../../../../lib/services/book-series.ts';
import { answering } from '../../../../lib/services/route.ts';

export const GET = answering('/api/orderflow/imbalance', imbalance);
