import { answering } from '../../../../lib/services/route.ts';
import { toxicitySummary } from '../../../../lib/services/underlying-summary.ts';

export const GET = answering('/api/orderflow/toxicity', toxicitySummary);
