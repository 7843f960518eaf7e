import { answering } from '../../../../../lib/services/route.ts';
import { vpin } from '../../../../../lib/services/toxicity.ts';

export const GET = answering('/api/orderflow/toxicity/vpin', vpin);
