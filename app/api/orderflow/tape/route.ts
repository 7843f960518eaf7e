import { answering } from '../../../../lib/services/route.ts';
import { tape } from '../../../../lib/services/tape.ts';

export const GET = answering('/api/orderflow/tape', tape);
