import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { BrokerError, callBroker } from './broker-call.ts';

async function broker(answer: RequestListener): Promise<URL> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/session?access_token=urlCanary`);
}

const call = (url: URL) =>
  callBroker(
    { broker: 'kite', name: 'a call', url, method: 'GET', headers: { authorization: 'token headerCanary' } },
    z.object({ ok: z.literal(true) }),
    () => 'token_refused',
  );

const problemOf = async (url: URL): Promise<string> => {
  const error = await call(url).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof BrokerError)) throw new Error('no BrokerError was thrown');
  expect(`${error.stack} ${JSON.stringify(error)}`).not.toMatch(/Canary/);
  return error.problem;
};

it.each([
  [200, '{"ok":true,"more":1}', null],
  [200, '{"ok":false}', 'broker_answer'],
  [200, '<html>urlCanary</html>', 'broker_answer'],
  [302, '', 'broker_answer'],
  [400, '{"message":"headerCanary is wrong"}', 'token_refused'],
  [403, 'not JSON', 'token_refused'],
  [429, '', 'limit'],
  [500, '', 'broker_error'],
  [502, '<html>bad gateway</html>', 'broker_error'],
  [504, '', 'broker_error'],
])('reads %s %s', async (status, body, problem) => {
  const url = await broker((_request, response) =>
    response.writeHead(status, { location: 'http://127.0.0.1:9/' }).end(body),
  );
  if (problem === null) expect(await call(url)).toEqual({ ok: true });
  else expect(await problemOf(url)).toBe(problem);
});

it('sends JSON where there is some, and reads as much as the call says', async () => {
  let sent = '';
  const url = await broker((request, response) => {
    request.on('data', (part) => {
      sent += part;
    });
    request.on('end', () => response.end(JSON.stringify({ ok: true, filling: 'x'.repeat(100_000) })));
  });
  const asked = { broker: 'dhan', name: 'a call', url, method: 'POST', headers: {}, json: { a: 1 } } as const;
  const schema = z.object({ ok: z.literal(true) });
  expect(await callBroker({ ...asked, answerBytesMax: 200_000 }, schema, () => 'token_refused')).toEqual({ ok: true });
  expect(sent).toBe('{"a":1}');
  await expect(callBroker(asked, schema, () => 'token_refused')).rejects.toMatchObject({ problem: 'broker_answer' });
});

it('reads no endless answer', async () => {
  const url = await broker((_request, response) => response.end('x'.repeat(100_000)));
  expect(await problemOf(url)).toBe('broker_answer');
});

it('says that nobody is there, that there is no such name, and that the connection was cut', async () => {
  expect(await problemOf(new URL('http://127.0.0.1:9/?token=urlCanary'))).toBe('broker_unreachable');
  expect(await problemOf(new URL('http://nowhere.invalid/?token=urlCanary'))).toBe('broker_unreachable');
  expect(await problemOf(await broker((request) => request.socket.destroy()))).toBe('broker_unreachable');
});
