import { askReconciliation, reconciliationOf } from '../../../../lib/services/coverage.ts';
import { answering, change } from '../../../../lib/services/route.ts';

export const GET = answering('/api/orderflow/reconciliation', reconciliationOf);

export const POST = change({ role: 'owner' }, async ({ caller }) => {
  await askReconciliation(caller);
  return Response.json({ asked: true }, { status: 202, headers: { 'cache-control': 'no-store' } });
});
