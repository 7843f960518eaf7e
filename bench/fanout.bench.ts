/** f1, f2: a live book to many browsers. */
import { connect, type Socket } from 'node:net';
import type { StreamServed, StreamServerOptions } from './children/stream-server.ts';
import type { Bench, Metrics } from './support/bench.ts';
import { Child } from './support/child.ts';

const CLIENTS = 200;
const UPDATES = 80;
const UPDATES_A_SECOND = 20;

/** Connects a client that reads and forgets; resolves once the server has answered. */
function client(port: number, onBytes: (count: number) => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'));
    socket.once('data', () => resolve(socket));
    socket.on('data', (chunk) => onBytes(chunk.length));
    socket.on('error', reject);
  });
}

async function fanOut(form: StreamServerOptions['form']): Promise<Metrics> {
  const server = new Child('stream-server', {
    form,
    updates: UPDATES,
    updatesASecond: UPDATES_A_SECOND,
  } satisfies StreamServerOptions);
  const { port } = await server.hears<{ port: number }>();
  let received = 0;
  const sockets = await Promise.all(
    Array.from({ length: CLIENTS }, () =>
      client(port, (count) => {
        received += count;
      }),
    ),
  );
  const headers = received;
  server.tell({ start: true });
  const { cpuS, bytesAClient } = await server.hears<StreamServed>();
  for (const socket of sockets) socket.destroy();
  await server.stop();
  if (received - headers !== bytesAClient * CLIENTS) {
    throw new Error(`${CLIENTS} clients were sent ${bytesAClient} bytes each and got ${received - headers} in all`);
  }
  return { 'messages/cpu-s': (UPDATES * CLIENTS) / cpuS, 'bytes/update': bytesAClient / UPDATES };
}

const liveBook: Bench = {
  name: 'live-book',
  what: `A book of 200 levels a side, ${UPDATES_A_SECOND} times a second, to ${CLIENTS} clients over SSE; CPU of the server alone`,
  worse: 'As JSON for each client, fifty viewers of 40 books a second take a fifth of the core that also records.',
  measures: [
    { goal: 'f1', metric: 'bytes/update', variant: 'json', per: 'delta' },
    { goal: 'f2-json', metric: 'messages/cpu-s', variant: 'delta', per: 'json' },
  ],
  variants: [
    {
      name: 'delta',
      what: 'ours: a delta of each side in base64, encoded once for all, a keyframe at the beginning.',
      run: () => fanOut('delta'),
    },
    { name: 'json', what: 'the whole book as JSON, made for each client.', run: () => fanOut('json') },
  ],
};

export const benches = [liveBook];
