import { answering } from '../../../../../lib/services/route.ts';
import { kyleLambdas } from '../../../../../lib/services/toxicity.ts';

export const GET = answering('/api/orderflow/toxicity/kyle-lambda', kyleLambdas);
