import { latest } from '../../../../lib/services/latest.ts';
import { answering } from '../../../../lib/services/route.ts';

export const GET = answering('/api/instruments/latest', latest);
