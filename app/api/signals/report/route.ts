import { answering } from '../../../../lib/services/route.ts';
import { signalReport } from '../../../../lib/services/signal-report.ts';

export const GET = answering('/api/signals/report', signalReport);
