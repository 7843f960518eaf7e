import { answering } from '../../../lib/services/route.ts';
import { summary } from '../../../lib/services/underlying-summary.ts';

export const GET = answering('/api/orderflow', summary);
