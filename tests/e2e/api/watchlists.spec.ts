/** What changes watchlists takes our own page, a body that is understood, and leaves nothing behind when it is refused. */
import { expect, test } from '../support/fixtures.ts';

const PATHS = [
  ['POST', '/api/watchlists', { name: 'x' }],
  ['PATCH', '/api/watchlists', { id: 1, name: 'x' }],
  ['DELETE', '/api/watchlists', { id: 1 }],
  ['PUT', '/api/watchlists/order', { ids: [1] }],
  ['POST', '/api/watchlists/entries', { watchlistId: 1, slugs: ['NSE:INFY'] }],
  ['PATCH', '/api/watchlists/entries', { id: 1, deep: true }],
  ['DELETE', '/api/watchlists/entries', { id: 1 }],
  ['PUT', '/api/watchlists/entries/order', { watchlistId: 1, ids: [1] }],
] as const;

for (const [method, path, body] of PATHS) {
  test(`${method} ${path} from another site, or from none, is refused`, async ({ request, baseURL }) => {
    const before = await (await request.get('/api/watchlists')).text();
    for (const headers of [
      {},
      { origin: 'https://example.org' },
      { origin: 'null' },
      { origin: baseURL ?? '', 'sec-fetch-site': 'cross-site' },
    ]) {
      const answer = await request.fetch(path, { method, headers: headers as Record<string, string>, data: body });
      expect(answer.status(), JSON.stringify(headers)).toBe(403);
    }
    expect(await (await request.get('/api/watchlists')).text()).toBe(before);
  });

  test(`${method} ${path} with another body is refused`, async ({ request, baseURL }) => {
    const headers = { origin: baseURL ?? '' };
    const send = async (data: string, type = 'application/json') =>
      (await request.fetch(path, { method, headers: { ...headers, 'content-type': type }, data })).status();
    expect(await send('{')).toBe(400);
    expect(await send('[]')).toBe(400);
    expect(await send('{}')).toBe(400);
    expect(await send(JSON.stringify({ ...body, more: 1 }))).toBe(400);
    // What a form of another site could send.
    expect(await send(JSON.stringify(body), 'text/plain')).toBe(403);
    expect(await send(JSON.stringify({ ...body, name: 'x'.repeat(70_000) }))).toBe(413);
  });
}
