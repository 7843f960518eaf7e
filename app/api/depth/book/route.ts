import { BookQuery, bookAt } from '../../../../lib/services/book.ts';
import { route } from '../../../../lib/services/route.ts';

export const GET = route({ role: 'viewer', query: BookQuery }, async ({ caller, query }) =>
  Response.json(await bookAt(caller, query), { headers: { 'cache-control': 'no-store' } }),
);
