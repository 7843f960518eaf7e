import { cvd } from '../../../../lib/services/anchored-flow.ts';
import { answering } from '../../../../lib/services/route.ts';

export const GET = answering('/api/orderflow/cvd', cvd);
