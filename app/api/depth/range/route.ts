import { depthRange } from '../../../../lib/services/depth-range.ts';
import { answering } from '../../../../lib/services/route.ts';

export const GET = answering('/api/depth/range', depthRange);
