import { gaps } from '../../../../lib/services/coverage-calendar.ts';
import { answering } from '../../../../lib/services/route.ts';

export const GET = answering('/api/orderflow/gaps', gaps);
