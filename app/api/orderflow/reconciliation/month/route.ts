import { coverageMonth } from '../../../../../lib/services/coverage.ts';
import { answering } from '../../../../../lib/services/route.ts';

export const GET = answering('/api/orderflow/reconciliation/month', coverageMonth);
