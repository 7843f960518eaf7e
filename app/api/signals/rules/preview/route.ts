import { previewRule } from '../../../../../lib/services/alert-rules.ts';
import { doing, json } from '../../../../../lib/services/route.ts';

export const POST = doing('POST /api/signals/rules/preview', async ({ caller, body }) =>
  json(await previewRule(caller, body)),
);
