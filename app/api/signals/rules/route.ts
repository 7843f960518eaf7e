import { changeRule, deleteRule, makeRule, rules } from '../../../../lib/services/alert-rules.ts';
import { doing, nothing } from '../../../../lib/services/route.ts';

const NO_STORE = { 'cache-control': 'no-store' };

export const GET = doing('GET /api/signals/rules', async ({ caller }) =>
  Response.json(await rules(caller), { headers: NO_STORE }),
);

export const POST = doing('POST /api/signals/rules', async ({ caller, body }) =>
  Response.json(await makeRule(caller, body), { status: 201, headers: NO_STORE }),
);

export const PATCH = doing('PATCH /api/signals/rules', async ({ caller, body }) => {
  await changeRule(caller, body);
  return nothing();
});

export const DELETE = doing('DELETE /api/signals/rules', async ({ caller, body }) => {
  await deleteRule(caller, body.id);
  return nothing();
});
