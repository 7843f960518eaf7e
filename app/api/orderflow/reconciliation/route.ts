import { askReconciliation, ReconciliationQuery, reconciliationOf } from '../../../../lib/services/coverage.ts';
import { change, route } from '../../../../lib/services/route.ts';

const noStore = { headers: { 'cache-control': 'no-store' } };

export const GET = route({ role: 'viewer', query: ReconciliationQuery }, async ({ caller, query }) =>
  Response.json(await reconciliationOf(caller, query), noStore),
);

export const POST = change({ role: 'owner' }, async ({ caller }) => {
  await askReconciliation(caller);
  return Response.json({ asked: true }, { status: 202, ...noStore });
});
