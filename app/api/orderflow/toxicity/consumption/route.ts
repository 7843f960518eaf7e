import { answering } from '../../../../../lib/services/route.ts';
import { consumption } from '../../../../../lib/services/toxicity.ts';

export const GET = answering('/api/orderflow/toxicity/consumption', consumption);
