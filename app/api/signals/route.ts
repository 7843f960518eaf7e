import { answering } from '../../../lib/services/route.ts';
import { signals } from '../../../lib/services/signals.ts';

export const GET = answering('/api/signals', signals);
