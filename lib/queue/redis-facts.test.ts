/** What a Redis is asked at the start of every process, also while it loads what it kept. */
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import pino from 'pino';
import { afterEach, expect, it } from 'vitest';
import { refuseForgetfulRedis } from './redis-facts.ts';

const lines: { event?: string; reason?: string }[] = [];
const log = pino({ level: 'warn' }, { write: (line: string) => void lines.push(JSON.parse(line)) });

let server: Server | undefined;
const sockets = new Set<Socket>();
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server?.close(resolve));
  lines.length = 0;
});

/** A Redis in the middle of loading, which tells what it is and answers nothing else, or (`info` null) nothing at all. @returns its address */
async function loadingRedis(info: Readonly<Record<string, string>> | null): Promise<string> {
  const text = Object.entries({ redis_version: '7.4.0', loading: '1', loading_eta_seconds: '600', ...info })
    .map(([name, value]) => `${name}:${value}\r\n`)
    .join('');
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on('data', (data) => {
      if (info === null) return;
      // A command is an array of texts: `*1`, `$4`, `info`.
      for (const command of data.toString('latin1').split(/(?=\*\d+\r\n\$)/)) {
        const name = command.split('\r\n')[2]?.toLowerCase();
        if (name === 'info') socket.write(`$${text.length}\r\n${text}\r\n`);
        else if (name === 'hello') socket.write('%1\r\n$5\r\nproto\r\n:3\r\n');
        else if (name === 'auth' || name === 'select' || name === 'client') socket.write('+OK\r\n');
        else socket.write('-LOADING Redis is loading the dataset in memory\r\n');
      }
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('is started with while it loads its append-only file', async () => {
  const redisUrl = await loadingRedis({ maxmemory_policy: 'noeviction', aof_enabled: '1' });
  await refuseForgetfulRedis({ redisUrl, simulated: false }, log);
  // It was checked, not passed over.
  expect(lines).toEqual([]);
});

it.each([
  [{ maxmemory_policy: 'allkeys-lru', aof_enabled: '1' }, /maxmemory-policy allkeys-lru/],
  [{ maxmemory_policy: 'noeviction', aof_enabled: '0' }, /no append-only file/],
])('is refused for what it is while it loads: %j', async (info, words) => {
  const redisUrl = await loadingRedis(info);
  await expect(refuseForgetfulRedis({ redisUrl, simulated: false }, log)).rejects.toThrow(words);
});

it('is passed over where it takes a connection and says nothing', async () => {
  const redisUrl = await loadingRedis(null);
  await refuseForgetfulRedis({ redisUrl, simulated: false }, log, 50);
  expect(lines).toEqual([expect.objectContaining({ event: 'redis_not_checked', reason: 'no answer within 0.05 s' })]);
});
