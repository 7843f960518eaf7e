import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TcpProxy } from './tcp-proxy.ts';

let server: Server;
let proxy: TcpProxy;
/** How often the server read something. */
let reads = 0;
beforeEach(async () => {
  reads = 0;
  // Says everything back.
  server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      reads += 1;
      socket.write(bytes);
    });
    socket.on('end', () => socket.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await TcpProxy.start((server.address() as AddressInfo).port);
});
afterEach(async () => {
  await proxy.stop();
  server.close();
});

async function open(): Promise<Socket> {
  const socket = connect(proxy.port, '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Its end, however it comes; one that is not read would not notice. */
const closed = (socket: Socket): Promise<void> => {
  socket.resume();
  return new Promise((resolve) => socket.once('close', () => resolve()));
};

/** Writes, and waits until as much has come back. */
async function echoed(socket: Socket, bytes: Buffer): Promise<Buffer> {
  const back: Buffer[] = [];
  const all = new Promise<void>((resolve) => {
    let length = 0;
    socket.on('data', (chunk) => {
      back.push(chunk);
      length += chunk.length;
      if (length >= bytes.length) resolve();
    });
  });
  socket.write(bytes);
  await all;
  return Buffer.concat(back);
}

const BYTES = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));

it('passes bytes both ways, and an end too', async () => {
  const socket = await open();
  expect(await echoed(socket, BYTES)).toEqual(BYTES);
  const ended = once(socket, 'end');
  socket.end();
  await ended;
  await vi.waitFor(() => expect(proxy.connections).toBe(0));
});

it('cuts bytes into small pieces and keeps their order', async () => {
  proxy.spoil({ sliceBytes: 7, latencyMs: 5, jitterMs: 20 });
  const socket = await open();
  expect(await echoed(socket, BYTES)).toEqual(BYTES);
  expect(reads).toBeGreaterThan(1);
  socket.destroy();
});

it('slows bytes down to a rate', async () => {
  proxy.spoil({ bytesPerSecond: 20_000 });
  const socket = await open();
  const began = performance.now();
  expect(await echoed(socket, BYTES)).toEqual(BYTES);
  // A quarter of a second each way at the least.
  expect(performance.now() - began).toBeGreaterThan(250);
  socket.destroy();
});

it('holds everything back until it is let go, and loses nothing', async () => {
  const socket = await open();
  await echoed(socket, Buffer.from('before'));
  proxy.spoil({ held: true });
  const before = reads;
  const held = echoed(socket, BYTES);
  // Another way passes nothing either, but stands: so the bytes have had their time.
  await open();
  expect(reads).toBe(before);
  proxy.spoil({});
  expect((await held).length).toBeGreaterThanOrEqual(BYTES.length);
  socket.destroy();
});

it('resets a connection after so many bytes, and all of them when it is told to', async () => {
  proxy.spoil({ limitBytes: 1000 });
  const limited = await open();
  const reset = closed(limited);
  limited.write(BYTES);
  await reset;
  proxy.spoil({});
  const socket = await open();
  await echoed(socket, BYTES);
  const cut = closed(socket);
  proxy.reset();
  await cut;
  expect(proxy.connections).toBe(0);
});

it('is not there while it is down, and where it was afterwards', async () => {
  await proxy.down();
  const refused = connect(proxy.port, '127.0.0.1');
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNREFUSED');
  await proxy.up();
  const socket = await open();
  expect(await echoed(socket, BYTES)).toEqual(BYTES);
  socket.destroy();
});
