import { afterEach, expect, it, vi } from 'vitest';
import { askMarket, askMarketBytes } from './market-data.ts';

afterEach(() => vi.unstubAllGlobals());

/** Answers every request so, and tells which addresses were asked. */
function answerWith(response: () => Response): string[] {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (address: string) => {
    asked.push(address);
    return response();
  });
  return asked;
}

it('asks a path with its parameters, without those that are not given', async () => {
  const asked = answerWith(() => Response.json({ instruments: [] }));
  const answer = await askMarket('/api/instruments', { search: 'M&M fut', limit: 5, subscribed: undefined });
  expect(asked).toEqual(['/api/instruments?search=M%26M+fut&limit=5']);
  expect(answer.instruments).toEqual([]);
});

it('gives bytes as they came, from another origin too', async () => {
  const asked = answerWith(() => new Response(new Uint8Array([1, 2, 3])));
  const query = { instrument: 7, from: 1, to: 2 };
  const bytes = await askMarketBytes('/api/depth/history', query, { origin: 'http://127.0.0.1:3000' });
  expect([...bytes]).toEqual([1, 2, 3]);
  expect(asked).toEqual(['http://127.0.0.1:3000/api/depth/history?instrument=7&from=1&to=2']);
});

it('throws the problem that the server tells', async () => {
  answerWith(() => Response.json({ title: 'Too many bars', status: 422, detail: 'Ask for less.' }, { status: 422 }));
  const query = { instrument: 'NFO:X', from: '1795578300000', to: '1795578360000' };
  await expect(askMarket('/api/orderflow/bars', query)).rejects.toMatchObject({ status: 422, detail: 'Ask for less.' });
});
