import { testRule } from '../../../../../lib/services/alert-rules.ts';
import { doing, nothing } from '../../../../../lib/services/route.ts';

export const POST = doing('POST /api/signals/rules/test', async ({ caller, body }) => {
  await testRule(caller, body.id);
  return nothing();
});
