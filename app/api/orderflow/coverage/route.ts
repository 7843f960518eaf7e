import { coverageCalendar } from '../../../../lib/services/coverage-calendar.ts';
import { answering } from '../../../../lib/services/route.ts';

export const GET = answering('/api/orderflow/coverage', coverageCalendar);
