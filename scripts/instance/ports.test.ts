import { createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { freePort, LOOPBACK, ownerOfPort, webPort } from './ports.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function listen(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    servers.push(server);
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      const address = server.address();
      if (typeof address === 'object' && address) resolve(address.port);
    });
  });
}

it('keeps the port that a server had, unless somebody has taken it', async () => {
  const kept = await freePort();
  expect(await freePort(kept)).toBe(kept);
  await listen(kept);
  expect(await freePort(kept)).not.toBe(kept);
});

it('refuses a chosen port that is taken, and says by whom', async () => {
  const taken = await listen(0);
  await expect(webPort(LOOPBACK, taken, true)).rejects.toThrow(
    `Port ${taken} is in use by ${ownerOfPort(taken)}. Choose another with --port N.`,
  );
  expect(ownerOfPort(taken)).toMatch(new RegExp(`\\(pid ${process.pid}\\)$`));
});

it('takes the next free port where nobody chose one', async () => {
  const taken = await listen(0);
  expect(await webPort(LOOPBACK, taken, false)).toBeGreaterThan(taken);
});

it('says so when every port it may try is taken', async () => {
  const first = 27_300;
  for (let port = first; port < first + 20; port++) await listen(port).catch(() => undefined);
  await expect(webPort(LOOPBACK, first, false)).rejects.toThrow('No free port: 27300 to 27319 are all in use.');
});

it('takes any free port for 0, and none that an outgoing connection could take before its server starts', async () => {
  const chosen = await Promise.all(Array.from({ length: 50 }, () => webPort(LOOPBACK, 0, true)));
  expect(chosen.filter((port) => port < 20_000 || port >= 32_768)).toEqual([]);
  expect(new Set(chosen).size).toBeGreaterThan(40);
});

it('says what is wrong with an address of another machine', async () => {
  await expect(webPort('203.0.113.1', 3000, true)).rejects.toThrow(/^Nothing can listen on 203\.0\.113\.1:3000/);
});
