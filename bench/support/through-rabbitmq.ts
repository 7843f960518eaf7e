/** Through RabbitMQ, between two processes: a durable queue, persistent messages, each acknowledged by who has read it. */
import { connect } from 'amqplib';
import type { TestServer } from '../../tests/support/servers.ts';
import type { AmqplibConsumerOptions } from '../children/amqplib-consumer.ts';
import type { Metrics, Skipped } from './bench.ts';
import { Child } from './child.ts';
import { ownCpuSeconds, treeCpuSeconds } from './cpu.ts';
import { pikaMissing, rabbitmqMissing, startRabbitmq } from './rabbitmq.ts';
import { throughput } from './throughput.ts';

const QUEUE = 'bench';
/** Messages that a consumer has in hand, not yet acknowledged. */
export const PREFETCH = 100;

async function withRabbitmq<T>(work: (server: Omit<TestServer, 'logFile'>) => Promise<T>): Promise<T> {
  const server = await startRabbitmq();
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
}

/**
 * The predecessor's way: Python and pika, each unit a message of its own as JSON, publishes not confirmed. This process
 * only watches, and its CPU time is not counted.
 *
 * @param messages sent over and over, each written as JSON every time
 */
export async function throughPika(
  unit: string,
  units: number,
  messages: readonly object[],
): Promise<Metrics | Skipped> {
  const missing = pikaMissing();
  if (missing !== null) return { skipped: missing };
  return withRabbitmq(async ({ url, pid }) => {
    const options = { url, queue: QUEUE, count: units, prefetch: PREFETCH };
    const consumer = new Child('pika_queue.py', { ...options, role: 'consumer' });
    await consumer.hears();
    const producer = new Child('pika_queue.py', { ...options, role: 'producer' });
    producer.tell({ messages });
    await producer.hears();
    const cpu = (): number => treeCpuSeconds([producer.pid, consumer.pid, pid() as number]);
    const result = await throughput(unit, units, cpu, async () => {
      producer.tell({ publish: true });
      await consumer.hears();
    });
    await producer.stop();
    await consumer.stop();
    return result;
  });
}

/** @param window messages sent before their confirms are waited for */
export async function throughAmqplib(
  unit: string,
  units: number,
  message: Buffer,
  window: number,
): Promise<Metrics | Skipped> {
  const missing = rabbitmqMissing();
  if (missing !== null) return { skipped: missing };
  return withRabbitmq(async ({ url, pid }) => {
    const consumer = new Child('amqplib-consumer', {
      url,
      queue: QUEUE,
      messages: units,
      prefetch: PREFETCH,
    } satisfies AmqplibConsumerOptions);
    await consumer.hears();
    const connection = await connect(url);
    const channel = await connection.createConfirmChannel();
    const cpu = (): number => ownCpuSeconds() + treeCpuSeconds([consumer.pid, pid() as number]);
    const result = await throughput(unit, units, cpu, async () => {
      const consumed = consumer.hears();
      for (let sent = 0; sent < units; sent += window) {
        for (let i = sent; i < sent + window && i < units; i += 1) {
          channel.sendToQueue(QUEUE, message, { persistent: true });
        }
        await channel.waitForConfirms();
      }
      await consumed;
    });
    await consumer.stop();
    await connection.close();
    return result;
  });
}
