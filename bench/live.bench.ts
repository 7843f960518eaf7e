/** sustained, gate: a whole instance under load, from the exchange's socket to the commit and to the viewers. */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { InstrumentSummary } from '../lib/core/instrument.ts';
import type { Instance } from '../tests/support/instance.ts';
import type { Bench, Metrics } from './support/bench.ts';
import {
  coreShares,
  cpuByPart,
  expectAllStored,
  memoryMb,
  memoryOfPartMb,
  positionUs,
  withLoad,
} from './support/instance.ts';

const WARM_UP_MS = 5000;
const SECONDS = 60;

const GATE = { depth200: 40, ticks: 1000, viewers: 50 };
/** Five instruments: more books than the goal asks for. */
const FAST_FRAMES_A_SECOND = 800;
const PROBE_MS = 500;

/** Connects a browser's stream that is read and forgotten; counts its events. */
function viewer(appUrl: string, { id }: InstrumentSummary, onEvents: (count: number) => void): Promise<Socket> {
  const { host, hostname, port } = new URL(appUrl);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(`GET /api/stream?instruments=${id} HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
    );
    socket.setEncoding('latin1');
    socket.once('data', () => resolve(socket));
    socket.on('data', (text: string) => onEvents(text.split('\n\n').length - 1));
    socket.on('error', reject);
  });
}

async function watched(instance: Instance, deep: readonly InstrumentSummary[]): Promise<Metrics> {
  let events = 0;
  let closed = 0;
  const sockets = await Promise.all(
    Array.from({ length: GATE.viewers }, (_, i) =>
      viewer(instance.appUrl, deep[i % deep.length] as InstrumentSummary, (count) => {
        events += count;
      }),
    ),
  );
  for (const socket of sockets) socket.on('close', () => (closed += 1));
  await delay(WARM_UP_MS);
  const [cpuBefore, eventsBefore, from] = [cpuByPart(instance), events, performance.now()];
  await delay(SECONDS * 1000);
  const seconds = (performance.now() - from) / 1000;
  const shares = coreShares(instance, cpuBefore, seconds);
  const eventsASecond = (events - eventsBefore) / seconds / GATE.viewers;
  if (closed > 0) throw new Error(`${closed} viewers were dropped`);
  for (const socket of sockets) socket.destroy();
  await expectAllStored(instance);
  return { ...shares, 'events/s a viewer': eventsASecond, 'memory MB': memoryMb(instance) };
}

/** Side frames of the deep feeds that a query sees, which is those that are committed. */
async function committed(instance: Instance): Promise<number> {
  const [row] = await instance.sql<{ count: string }>(
    `SELECT count(*) FROM gehra.depth_snapshots JOIN gehra.feeds AS feed USING (feed_id) WHERE feed.kind = 'depth200'`,
  );
  return Number(row?.count);
}

async function sustained(instance: Instance): Promise<Metrics> {
  await delay(WARM_UP_MS);
  const framesBefore = await committed(instance);
  const [cpuBefore, memoryBefore, from] = [cpuByPart(instance), memoryMb(instance), performance.now()];
  const until = from + SECONDS * 1000;
  let lateMs = 0;
  while (performance.now() < until) {
    await delay(PROBE_MS);
    lateMs = Math.max(lateMs, Date.now() - (await positionUs(instance, 'depth200')) / 1000);
  }
  const seconds = (performance.now() - from) / 1000;
  const shares = coreShares(instance, cpuBefore, seconds);
  const frames = (await committed(instance)) - framesBefore;
  const [memory, redisMb] = [memoryMb(instance), memoryOfPartMb(instance, 'redis')];
  await expectAllStored(instance);
  return {
    'books/s': frames / 2 / seconds,
    'latest commit ms': lateMs,
    'memory MB': memory,
    'memory growth MB': memory - memoryBefore,
    'redis MB': redisMb,
    ...shares,
  };
}

const liveLoad: Bench = {
  name: 'live-load',
  what: `Five instruments, ${GATE.depth200} side frames a second each, ${GATE.ticks} Kite ticks a second and ${GATE.viewers} viewers, for ${SECONDS} s; CPU of everything but the exchange and the viewers, everything sent found stored at the end`,
  worse: 'What the recorder takes of a core is not there for the research that the machine was bought for.',
  roundsMax: 3,
  measures: [{ goal: 'gate', metric: '% of a core', variant: 'instance' }],
  variants: [
    {
      name: 'instance',
      what: 'ours, as `./gehra up` starts it: collectors, journal, Redis, writer, PostgreSQL, signals, jobs, web.',
      run: () => withLoad(GATE, watched),
    },
  ],
};

const fastMarket: Bench = {
  name: 'fast-market',
  what: `Five instruments, ${FAST_FRAMES_A_SECOND} side frames of 200 levels a second each, for ${SECONDS} s, from the exchange's socket to the commit; everything sent found stored at the end`,
  worse: 'A recorder that falls behind in a fast market is late just when it matters.',
  roundsMax: 3,
  measures: [{ goal: 'sustained', metric: 'books/s', variant: 'instance' }],
  variants: [
    {
      name: 'instance',
      what: 'ours, as `./gehra up` starts it; the exchange runs on the same two cores. Redis keeps the last five minutes, within STREAM_BYTES_MAX.',
      run: () => withLoad({ depth200: FAST_FRAMES_A_SECOND, ticks: 0 }, (instance) => sustained(instance)),
    },
  ],
};

export const benches = [liveLoad, fastMarket];
