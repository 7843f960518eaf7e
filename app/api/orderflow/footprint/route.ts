import { footprint } from '../../../../lib/services/orderflow.ts';
import { answering } from '../../../../lib/services/route.ts';

export const GET = answering('/api/orderflow/footprint', footprint);
