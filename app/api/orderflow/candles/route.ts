import { candles } from '../../../../lib/services/candles.ts';
import { answering } from '../../../../lib/services/route.ts';

export const GET = answering('/api/orderflow/candles', candles);
