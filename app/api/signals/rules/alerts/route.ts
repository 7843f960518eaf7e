import { alerts } from '../../../../../lib/services/alert-rules.ts';
import { doing, json } from '../../../../../lib/services/route.ts';

export const GET = doing('GET /api/signals/rules/alerts', async ({ caller }) => json(await alerts(caller)));
