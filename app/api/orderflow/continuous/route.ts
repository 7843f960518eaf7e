import { continuousBars } from '../../../../lib/services/continuous.ts';
import { answering } from '../../../../lib/services/route.ts';

export const GET = answering('/api/orderflow/continuous', continuousBars);
