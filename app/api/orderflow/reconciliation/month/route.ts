import { CoverageMonthQuery, coverageMonth } from '../../../../../lib/services/coverage.ts';
import { route } from '../../../../../lib/services/route.ts';

export const GET = route({ role: 'viewer', query: CoverageMonthQuery }, async ({ caller, query }) =>
  Response.json(await coverageMonth(caller, query), { headers: { 'cache-control': 'no-store' } }),
);
