import { saveRuleSettings } from '../../../../../lib/services/alert-rules.ts';
import { doing, nothing } from '../../../../../lib/services/route.ts';

export const PATCH = doing('PATCH /api/signals/rules/settings', async ({ caller, body }) => {
  await saveRuleSettings(caller, body);
  return nothing();
});
