/** Says that the process runs, whatever the state of what it depends on. */
export const GET = (): Response => Response.json({ status: 'alive' }, { headers: { 'cache-control': 'no-store' } });
